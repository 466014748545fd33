package kmsapi

import "time"

// horizon is how far back a read may look. KMS is eventually consistent: a
// change shows "in most cases within a few seconds, sometimes after several
// minutes" (Developer Guide, "KMS eventual consistency"). Reads that lag longer
// may miss what was changed twice since.
const horizon = time.Hour

// version is a value and since when it holds.
type version[T any] struct {
	At    time.Time `json:"at"`
	Value T         `json:"value"`
}

// history is a value with its recent past, oldest first, so that a read can be
// shown the state of a while ago. Values in it are never changed in place.
type history[T any] []version[T]

// set makes value the current one. What is too old to be seen is dropped later
// (region.purge).
func (h *history[T]) set(now time.Time, value T) {
	if n := len(*h); n > 0 && !now.After((*h)[n-1].At) {
		(*h)[n-1].Value = value
		return
	}
	*h = append(*h, version[T]{At: now, Value: value})
}

// trim drops the versions that a read as of old, or later, cannot see. The one
// in force then is kept.
func (h *history[T]) trim(old time.Time) {
	for len(*h) > 1 && !(*h)[1].At.After(old) {
		*h = (*h)[1:]
	}
}

// current returns the value that mutations act on.
func (h history[T]) current() T {
	if len(h) == 0 {
		var none T
		return none
	}
	return h[len(h)-1].Value
}

// at returns the value as it was at t, and whether there was one yet.
func (h history[T]) at(t time.Time) (T, bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if !h[i].At.After(t) {
			return h[i].Value, true
		}
	}
	var none T
	return none, false
}
