package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// stateSchema is the version of the state file this program reads and writes.
const stateSchema = 1

// state is the document in a state file. Schema and Write stand first: they
// are read on every call, the rest only when Write is not the one last seen.
type state struct {
	Schema int `json:"schema"`
	// Write is random, and new with every write.
	Write   string `json:"write"`
	Account string `json:"account"`
	Clock   []move `json:"clock"`
	// Trail is the path of the file that every call is recorded in.
	Trail    string   `json:"trail,omitempty"`
	Services Snapshot `json:"services"`
}

// stateFile is where a sandbox keeps its state, and the lock beside it.
type stateFile struct {
	path string
	lock *flock.Flock
	// write is that of the content in memory. It is empty if the file must be read again.
	write string
}

// newStateFile makes the folder, so that the lock can stand in it.
func newStateFile(path string) (*stateFile, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder: %w", err)
	}
	return &stateFile{path: path, lock: flock.New(path+".lock", flock.SetPermissions(0o600))}, nil
}

// DefaultStateFile returns the state file of `--sandbox`: below the XDG state
// folder.
func DefaultStateFile() (string, error) {
	folder := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(folder) { // the XDG specification: anything else is ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state folder: %w", err)
		}
		folder = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(folder, "keyturn", "sandbox.json"), nil
}

// StateError is a state file that cannot be read.
type StateError struct {
	Path string
	Err  error
}

func (e *StateError) Error() string { return fmt.Sprintf("read state %s: %v", e.Path, e.Err) }

// Unwrap returns why.
func (e *StateError) Unwrap() error { return e.Err }

// refresh takes over what another process wrote. The lock is held.
func (s *Sandbox) refresh() error {
	write, err := readHead(s.file.path)
	if errors.Is(err, fs.ErrNotExist) && s.file.write == "" {
		return nil // not made yet
	}
	if err != nil {
		return &StateError{Path: s.file.path, Err: err}
	}
	if write == s.file.write {
		return nil
	}
	if err := s.load(); err != nil {
		return &StateError{Path: s.file.path, Err: err}
	}
	return nil
}

// readHead reads no more of a state file than which write made it.
func readHead(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // only read
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	var head [5]json.Token
	for i := range head {
		if head[i], err = decoder.Token(); errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
	}
	if head[0] != json.Delim('{') || head[1] != "schema" || head[3] != "write" {
		return "", errors.New("not a keyturn sandbox's state")
	}
	if head[2] != json.Number(fmt.Sprint(stateSchema)) {
		return "", fmt.Errorf("its schema is %v, this keyturn knows %d", head[2], stateSchema)
	}
	write, ok := head[4].(string)
	if !ok || write == "" {
		return "", errors.New("not a keyturn sandbox's state")
	}
	return write, nil
}

// load replaces everything in memory by what the file says, or nothing.
func (s *Sandbox) load() error {
	document, err := os.ReadFile(s.file.path)
	if err != nil {
		return err
	}
	s.file.write, err = s.take(document)
	return err
}

// Restore makes an AWS in memory out of what State gave, as often as wanted.
func Restore(document []byte, options Options) (*Sandbox, error) {
	s, err := New(options)
	if err == nil {
		_, err = s.take(document)
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: restore: %w", err)
	}
	return s, nil
}

// take replaces everything in memory by a document, or nothing, and returns which
// write made it.
func (s *Sandbox) take(document []byte) (write string, err error) {
	var st state
	if err := json.Unmarshal(document, &st); err != nil {
		return "", err
	}
	clock := &clock{host: s.host}
	if err := clock.restore(st.Clock); err != nil {
		return "", err
	}
	services := s.options.services(st.Account, s.options.Rand)
	for name, saved := range st.Services {
		service, ok := services[name]
		if !ok {
			return "", fmt.Errorf("unknown service %q", name)
		}
		if err := service.UnmarshalJSON(saved); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := s.follow(st.Trail); err != nil {
		return "", err
	}
	s.account, s.clock, s.services = st.Account, clock, services
	return st.Write, nil
}

// Snapshot is what the services of a Sandbox hold, each under its name ("kms",
// "dynamodb"), as in the state file. It is never changed.
type Snapshot map[string]json.RawMessage

// Snapshot takes in what the services hold.
func (s *Sandbox) Snapshot() (Snapshot, error) {
	var held Snapshot
	err := s.exclusive(func() (err error) {
		held, err = s.held()
		return err
	})
	return held, err
}

func (s *Sandbox) held() (Snapshot, error) {
	held := Snapshot{}
	for name, service := range s.services {
		saved, err := service.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		held[name] = saved
	}
	return held, nil
}

// Return puts the services of a Sandbox in memory back to what they held. Its
// clock, journal and switches stay as they are.
func (s *Sandbox) Return(to Snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return errors.New("sandbox: other processes may be on the state file; only one in memory goes back")
	}
	for name, saved := range to {
		if err := s.services[name].UnmarshalJSON(saved); err != nil {
			return fmt.Errorf("sandbox: %s: %w", name, err)
		}
	}
	return nil
}

// document returns the state in the form of the file.
func (s *Sandbox) document() (state, []byte, error) {
	held, err := s.held()
	if err != nil {
		return state{}, nil, err
	}
	st := state{Schema: stateSchema, Write: rand.Text(), Account: s.account, Clock: s.clock.moves,
		Trail: s.trailPath(), Services: held}
	document, err := json.MarshalIndent(st, "", "  ")
	return st, append(document, '\n'), err
}

// save writes the state, if it has a file. After a failure the memory is ahead
// of the file, so it is read again before anything else happens.
func (s *Sandbox) save() error {
	if s.file == nil {
		return nil
	}
	st, document, err := s.document()
	if err == nil {
		err = ReplaceFile(s.file.path, document)
	}
	if err != nil {
		s.file.write = "" // no write has this name
		return fmt.Errorf("save state %s: %w", s.file.path, err)
	}
	s.file.write = st.Write
	return nil
}

// ReplaceFile writes a file so that after a crash it has either its old or its
// new content.
func ReplaceFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // gone if all went well
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// State returns the whole state, as the state file has it.
func (s *Sandbox) State() ([]byte, error) {
	var document []byte
	err := s.exclusive(func() error {
		var err error
		_, document, err = s.document()
		return err
	})
	return document, err
}
