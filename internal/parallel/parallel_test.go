package parallel

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

// A slot is free for the next one only when it is given back, and who waits for one stops
// waiting when its context ends.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Goroutines{}.Slots(2)
		if !s.Try() || s.Take(t.Context()) != nil || s.Try() {
			t.Fatal("two slots are not two")
		}
		got := make(chan error)
		go func() { got <- s.Take(t.Context()) }()
		synctest.Wait()
		select {
		case <-got:
			t.Fatal("took a slot that was not free")
		default:
		}
		s.Free()
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if s.Take(ended) == nil {
			t.Error("took a slot though none was free and the context was over")
		}
	})
}

func TestInTurn(t *testing.T) {
	var got []int
	g := InTurn{}.Group()
	for i := range 3 {
		g.Go(func() { got = append(got, i) })
		got = append(got, 10+i)
	}
	g.Wait()
	if want := []int{0, 10, 1, 11, 2, 12}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
