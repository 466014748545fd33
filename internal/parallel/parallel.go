// Package parallel is how a run does several things at once, and how one part of it
// waits for another. It is behind an interface so that a rehearsal can play many runs in
// virtual time: there one goroutine goes on at a time, and time passes when none can.
//
// Code that runs under a rehearsal starts goroutines and blocks only here, in a pause of
// its host or in a call to AWS.
package parallel

import (
	"context"
	"sync"
)

// Host makes what parts of a run share.
type Host interface {
	// Group returns an empty group.
	Group() Group
	// Slots returns n free slots.
	Slots(n int) Slots
}

// Group is a number of functions that run at once.
type Group interface {
	// Go starts a function.
	Go(f func())
	// Wait blocks until all of them have returned.
	Wait()
}

// Slots are what only so many parts of a run may hold at a time.
type Slots interface {
	// Try takes a slot and reports whether one was free.
	Try() bool
	// Take waits for a slot. Its only error is the context's.
	Take(ctx context.Context) error
	// Free gives a slot back.
	Free()
}

// Goroutines is the Host of a process: plain goroutines.
type Goroutines struct{}

// Group returns a WaitGroup.
func (Goroutines) Group() Group { return new(sync.WaitGroup) }

// Slots returns a channel. It is not a Mutex: testing/synctest does not count a goroutine
// that waits for one as idle.
func (Goroutines) Slots(n int) Slots { return slots(make(chan struct{}, n)) }

// slots holds one element for each slot that is taken.
type slots chan struct{}

func (s slots) Try() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) Take(ctx context.Context) error {
	if s.Try() {
		return nil
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slots) Free() { <-s }

// InTurn is a Host that does one thing after the other, in the order in which they are
// started: in a search only the search chooses what happens first.
type InTurn struct{ Goroutines }

// Group returns a group whose functions return before Go does.
func (InTurn) Group() Group { return inTurn{} }

type inTurn struct{}

func (inTurn) Go(f func()) { f() }
func (inTurn) Wait()       {}
