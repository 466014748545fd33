package cloudtrail

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// A log file is one document, {"Records":[…]}. It is whole after every append: what ends it
// is overwritten by the next record and the end again, in one write.
const (
	begin = "{\"Records\":[\n"
	end   = "\n]}\n"
)

// File is a log file that several processes may append to. The file is its own lock.
type File struct {
	path string
	lock *flock.Flock
}

// Open opens a log file, which is made if there is none.
func Open(path string) (*File, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, lock: flock.New(path, flock.SetPermissions(0o600))}
	return f, f.locked(func(file *os.File, size int64) error { return nil })
}

// Path returns the absolute path of the file.
func (f *File) Path() string { return f.path }

// Append adds a record.
func (f *File) Append(r Record) error {
	return f.locked(func(file *os.File, size int64) error {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		at, between := size-int64(len(end)), ",\n"
		if at == int64(len(begin)) { // the first record
			between = ""
		}
		_, err = file.WriteAt(append([]byte(between), append(text, end...)...), at)
		return err
	})
}

// locked opens and locks the file, begins or checks it, and runs do with its size.
func (f *File) locked(do func(file *os.File, size int64) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("trail %s: %w", f.path, err)
		}
	}()
	if err := f.lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.lock.Unlock()) }()
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if size == 0 {
		if _, err := file.WriteAt([]byte(begin+end), 0); err != nil {
			return err
		}
		size = int64(len(begin + end))
	}
	tail := make([]byte, len(end))
	if _, err := file.ReadAt(tail, max(0, size-int64(len(end)))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if size < int64(len(begin+end)) || string(tail) != end {
		return errors.New("it is not a log file that this program wrote")
	}
	return do(file, size)
}
