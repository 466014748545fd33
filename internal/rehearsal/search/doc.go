// Package search looks for a course of events that breaks an invariant: it walks
// every course of a scene within bounds, or roams in wider ones at random. Only
// tests start it; `keyturn rehearse` draws its courses and needs none of this.
//
// It knows the scenes, how to go through the choices of a world, and where to turn
// back. The world itself, its choices and its invariants are internal/rehearsal's.
//
// # What keeps a walk short
//
// A course is left where another has been with no less left of its bounds. Two
// worlds are in one state when what can happen next is the same (World.State):
// what was drawn at random, and which of two pools that do the same it was, and
// which of the runs that are over, is left out of it. Nobody else goes on before
// a run does what no other could tell (World.EveryTurn turns that off); and timers
// are coarse, so that times drawn at random come to few moments. TestJoin and
// TestUnseen compare a walk with one that leaves these out, and TestBook one that
// remembers with one that does not.
package search

import "github.com/keyturn/keyturn/internal/rehearsal"

// The words in which scenes are written.
type (
	World        = rehearsal.World
	Scene        = rehearsal.Scene
	Act          = rehearsal.Act
	Intervention = rehearsal.Intervention
	Bounds       = rehearsal.Bounds
	Coverage     = rehearsal.Coverage
)
