package sandbox

import (
	"maps"
	"time"
)

// defaultJournalLimit is how many entries the journal keeps in memory by
// default.
const defaultJournalLimit = 100_000

// Entry is one call in the journal; its JSON is one line of the journal file.
type Entry struct {
	Seq       int64     `json:"seq"`        // 1, 2, 3… in the order of effects
	At        time.Time `json:"at"`         // by the sandbox's clock
	Service   string    `json:"service"`    // "kms", "dynamodb", "sts"
	Operation string    `json:"operation"`  // "UpdateAlias"
	Mutates   bool      `json:"mutates"`    // it changed state
	Status    int       `json:"status"`     // of the answer AWS made; 0 if the request never reached it
	Error     string    `json:"error"`      // its code, "" for success
	UserAgent string    `json:"user_agent"` // of the client
	Resource  string    `json:"resource"`   // what it was about, if the service got so far
	// Lost says what a fault took away: "request", and nothing was applied,
	// or "answer", and the call counts although the client cannot know.
	Lost string `json:"lost,omitempty"`
}

// journal keeps the newest entries in memory and counts all of them.
type journal struct {
	limit   int
	entries []Entry
	seq     int64
	counts  map[string]int
	file    *journalFile // nil without one
}

func newJournal(limit int) *journal {
	if limit <= 0 {
		limit = defaultJournalLimit
	}
	return &journal{limit: limit, counts: map[string]int{}}
}

// add numbers an entry and keeps it. The error is the file's; the entry is in
// memory regardless.
func (j *journal) add(e Entry) error {
	var err error
	e.Seq = j.seq + 1
	if j.file != nil {
		e.Seq, err = j.file.append(e)
	}
	j.seq = e.Seq
	j.counts[e.Service+":"+e.Operation]++
	j.entries = append(j.entries, e)
	if len(j.entries) >= 2*j.limit { // rarely, so that adding stays cheap
		j.entries = append(j.entries[:0], j.entries[len(j.entries)-j.limit:]...)
	}
	return err
}

// newest returns a copy of the entries within the limit, oldest first.
func (j *journal) newest() []Entry {
	from := max(0, len(j.entries)-j.limit)
	return append([]Entry(nil), j.entries[from:]...)
}

// Journal returns the calls this Sandbox has handled, oldest first: the newest
// Options.JournalLimit of them.
func (s *Sandbox) Journal() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.newest()
}

// Counts returns how often each operation was called, however many entries the
// journal still has. The names are IAM's: "kms:UpdateAlias".
func (s *Sandbox) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.journal.counts)
}
