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
	// Seq is 1, 2, 3… in the order of effects.
	Seq int64 `json:"seq"`
	// At is the time of the sandbox's clock.
	At time.Time `json:"at"`
	// Service is "kms", "dynamodb" or "sts".
	Service string `json:"service"`
	// Operation is a name such as "UpdateAlias".
	Operation string `json:"operation"`
	// Mutates says that the call changed state.
	Mutates bool `json:"mutates"`
	// Status is that of AWS's answer. It is 0 if the request never reached AWS.
	Status int `json:"status"`
	// Error is the answer's error code, and empty for success.
	Error string `json:"error"`
	// UserAgent is that of the client.
	UserAgent string `json:"user_agent"`
	// Resource is what the call was about, if the service got so far.
	Resource string `json:"resource"`
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
	// file is nil without a journal file.
	file *journalFile
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
