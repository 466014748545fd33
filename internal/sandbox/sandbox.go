package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/cloudtrail"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// DefaultAccount is the account of a sandbox without another one, the
// one AWS's own examples use.
const DefaultAccount = "111122223333"

// Options say what a sandbox is like. The zero value is an empty AWS in memory
// whose clock is the host's.
type Options struct {
	// Account is the 12-digit account; default DefaultAccount, or the one in
	// the state file.
	Account string
	// Start is what the clock of a new sandbox shows at first, to the second.
	// One that is loaded from a file goes on where it was, and is put forward
	// to Start if it is behind. Default: the host's time.
	Start time.Time
	// HostNow is the clock of the host; default time.Now. Inside a
	// testing/synctest bubble that is the bubble's clock already.
	HostNow func() time.Time
	// Rand, if given, is where key ids, table ids and key material come from,
	// so that a simulation can be repeated. Default: crypto/rand.
	Rand io.Reader
	// JournalFile, if given, gets every call as a line of JSON.
	JournalFile string
	// TrailFile, if given, gets a CloudTrail record of every call. A state file remembers it:
	// from then on every process on that file adds to it.
	TrailFile string
	// JournalLimit is how many entries are kept in memory; default 100,000.
	JournalLimit int
	// Switches that are on from the start.
	Switches Switches

	// services replaces the real services in this package's own tests.
	services func(account string, random io.Reader) map[string]wire.Service
}

// Sandbox is a whole embedded AWS: its services, clock, journal and switches.
// It is safe for concurrent use; calls take effect one at a time, so that each
// is atomic and the journal's order is the order of effects.
type Sandbox struct {
	options Options
	host    func() time.Time

	mu       sync.Mutex
	account  string
	clock    *clock
	services map[string]wire.Service
	journal  *journal
	switches armed
	quotas   *quotas
	// trail is nil without a file for it.
	trail *cloudtrail.File
	// file is nil for a sandbox in memory only.
	file *stateFile
}

// New makes an empty AWS that lives in memory.
func New(options Options) (*Sandbox, error) {
	if options.HostNow == nil {
		options.HostNow = time.Now
	}
	if options.Rand == nil {
		options.Rand = rand.Reader
	}
	if options.services == nil {
		options.services = hosted
	}
	if err := options.Switches.Validate(); err != nil {
		return nil, fmt.Errorf("sandbox: switches: %w", err)
	}
	account := options.Account
	if account == "" {
		account = DefaultAccount
	}
	if !regexp.MustCompile(`^[0-9]{12}$`).MatchString(account) {
		return nil, fmt.Errorf("sandbox: account %q has not 12 digits", account)
	}
	s := &Sandbox{
		options:  options,
		host:     options.HostNow,
		account:  account,
		clock:    newClock(options.HostNow, options.Start),
		services: options.services(account, options.Rand),
		journal:  newJournal(options.JournalLimit),
		switches: arm(options.Switches),
		quotas:   newQuotas(options.Switches.Raised),
	}
	if err := s.follow(options.TrailFile); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if options.JournalFile != "" {
		file, err := openJournalFile(options.JournalFile)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		s.journal.file = file
	}
	return s, nil
}

// Open makes an AWS whose state is in a file, which is made if there is none.
// Any number of processes may have the same file open: every call reads what
// the others wrote before it, and is saved before it is answered, so that they
// are clients of one AWS.
func Open(path string, options Options) (*Sandbox, error) {
	trail := options.TrailFile
	options.TrailFile = "" // until it is known which one the file has
	s, err := New(options)
	if err != nil {
		return nil, err
	}
	if s.file, err = newStateFile(path); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	behind := false
	err = s.exclusive(func() error {
		if options.Account != "" && options.Account != s.account {
			return fmt.Errorf("state %s is of account %s, not %s", path, s.account, options.Account)
		}
		behind = s.clock.now().Before(options.Start.Truncate(time.Second))
		was := s.trailPath()
		if err := s.follow(trail); err != nil {
			return err
		}
		if s.file.write == "" || s.trailPath() != was { // there was no file, or it had another trail
			return s.save()
		}
		return nil
	})
	if err == nil && behind {
		err = s.Set(options.Start)
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return s, nil
}

// exclusive runs do alone: no other call of this Sandbox or of any process on
// the same state file happens in that time, and what they wrote has been read.
func (s *Sandbox) exclusive(do func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return do()
	}
	if err := s.file.lock.Lock(); err != nil {
		return fmt.Errorf("lock state %s: %w", s.file.path, err)
	}
	defer func() { err = errors.Join(err, s.file.lock.Unlock()) }()
	if err := s.refresh(); err != nil {
		return err
	}
	return do()
}

// Account returns the account that everything in the sandbox belongs to.
func (s *Sandbox) Account() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

// Now returns the sandbox's time. If the state file cannot be read, it is
// the last known time.
func (s *Sandbox) Now() time.Time {
	_ = s.exclusive(func() error { return nil })
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

// Advance advances the clock. It returns once the new time holds, with the
// host's next full second.
func (s *Sandbox) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("advance by %s: the sandbox's clock never goes back", d)
	}
	return s.move(func(t time.Time) time.Time { return t.Add(d) }, (*clock).schedule)
}

// Jump is Advance without the wait for the next second, for tests in which no
// request is under way: one that was signed in this second and arrives after the
// jump passes for one that was signed after it.
func (s *Sandbox) Jump(d time.Duration) error {
	return s.move(func(t time.Time) time.Time { return t.Add(max(d, 0)) }, (*clock).jump)
}

// Set advances the clock to a time. It returns once the new time holds,
// with the host's next full second.
func (s *Sandbox) Set(t time.Time) error {
	return s.move(func(time.Time) time.Time { return t }, (*clock).schedule)
}

func (s *Sandbox) move(to func(time.Time) time.Time,
	put func(*clock, func(time.Time) time.Time) (time.Time, error)) error {
	var from time.Time
	err := s.exclusive(func() error {
		var err error
		if from, err = put(s.clock, to); err != nil {
			return err
		}
		return s.save()
	})
	if err != nil {
		return err
	}
	time.Sleep(from.Sub(s.host()))
	return nil
}
