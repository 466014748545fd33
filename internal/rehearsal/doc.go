// Package rehearsal runs the real code of keyturn (internal/rotate, kms and
// ddblock, over the real SDK clients) against the embedded AWS, in a world in
// which everything that a production system leaves to chance is a choice: who
// goes on, what becomes of each call, who dies and where, how far the clock
// goes. After every change it checks the numbered invariants of the design.
//
// It knows how to make such a world, which choices there are at each moment,
// how to make all of them one after the other or to draw them from a seed, and
// how to tell a course of events as a story. It must not know how keyturn
// decides anything: what it checks is read from the record, from what KMS holds
// and from the calls on the wire.
//
// # How a run is stopped
//
// Each run is played by a coroutine, its actor. It parks before each call, after
// each answer and whenever it sleeps, and only one goroutine moves at a time, so
// that the same choices make the same course, whatever the machine does. A run
// that dies unwinds where it is parked, without another line of its own.
//
// An actor is told what its clocks show and what came of its calls, and nothing
// else. So a run that is told what one was told before need not be played again,
// and AWS need not carry out a call that it has carried out in the same state: a
// search keeps both in a book, goes back to a moment instead of beginning anew,
// and makes some hundred courses in the time of one. That those are the courses
// which are made without is shown by TestBook.
//
// # What is a choice
//
// A course is a list of numbers: at each moment the possible events are listed,
// the most ordinary one first, and the number says which of them happens. Walk
// takes every number in turn, within bounds; Draw draws them. Nought always
// means that what was going on goes on and goes well, so that a shorter list,
// or one with more noughts, is a simpler course.
//
// # What keeps a walk short
//
// A course is left where another has been with no less left of its bounds. Two
// worlds are in one state when what can happen next is the same (see state):
// what was drawn at random, and which of two pools that do the same it was, and
// which of the runs that are over, is left out of it. Nobody else goes on before
// a run does what no other could tell (see sees); and timers are coarse (see
// nap), so that times drawn at random come to few moments. TestJoin and
// TestUnseen compare a walk with one that leaves these out.
package rehearsal
