// Package rehearsal runs the real code of keyturn (internal/rotate, kms and
// ddblock, over the real SDK clients) against the embedded AWS. Everything that a
// production system leaves to chance is a choice: which run goes on, the outcome
// of each call, which run dies and where, how far the clock moves. After every
// change it checks the numbered invariants of the protocol.
//
// The package knows how to make such a world, which choices there are at each
// moment, how to draw them from a seed, and how to tell a course of events as a
// story. It must not know how keyturn decides anything: it checks the record, what
// KMS holds and the calls on the wire.
//
// # How a run is stopped
//
// Each run is played by a coroutine, its actor. It parks before each call, after
// each answer and whenever it sleeps, and only one goroutine moves at a time, so
// that the same choices make the same course, whatever the machine does. A run
// that dies unwinds where it is parked, without another line of its own.
//
// An actor is told what its clocks show and what came of its calls, and nothing
// else. So a run that is told the same as an earlier one need not be played again,
// and AWS need not carry out a call again in the same state. A search has a world
// keep both in a book and goes back to a moment instead of starting over: it makes
// some hundred courses in the time of one.
//
// # What is a choice
//
// A course is a list of numbers: at each moment the possible events are listed,
// the most ordinary one first, and the number says which of them happens. Draw
// draws them from a seed. Zero always means that what was going on goes on and
// goes well, so that a shorter list, or one with more zeros, is a simpler course.
//
// # What a search needs
//
// internal/rehearsal/search makes other courses of the same worlds, for tests. A
// Stage makes World after World in which its Scene begins, and Play makes one
// course, by asking at each moment which of the options happens. A world that is
// told to Remember can also be taken in and put back (Moment, Back), known again
// when it has come to the same state (State), and described (Contents, Run.Mind).
// What somebody does outside keyturn (an intervention) goes through Admin, and the
// watch is told about it.
package rehearsal
