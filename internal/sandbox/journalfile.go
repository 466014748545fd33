package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gofrs/flock"
)

// journalFile appends entries to a file that other processes may append to at
// the same time. The file is its own lock; the numbers go on from its last
// line, whoever wrote it.
type journalFile struct {
	path string
	lock *flock.Flock
	// seq is that of the last line when the file had size bytes.
	seq  int64
	size int64
}

func openJournalFile(path string) (*journalFile, error) {
	f := &journalFile{path: path, lock: flock.New(path, flock.SetPermissions(0o600))}
	if err := f.locked(func(*os.File) error { return nil }); err != nil {
		return nil, err
	}
	return f, nil
}

// append writes an entry as the file's next line and returns its number.
func (f *journalFile) append(e Entry) (int64, error) {
	err := f.locked(func(file *os.File) error {
		f.seq++
		e.Seq = f.seq
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		n, err := file.Write(append(line, '\n'))
		f.size += int64(n)
		return err
	})
	return e.Seq, err
}

// locked opens and locks the file, catches up with its last line, and runs do.
func (f *journalFile) locked(do func(*os.File) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("journal %s: %w", f.path, err)
		}
	}()
	if err := f.lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.lock.Unlock()) }()
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.size {
		if f.seq, err = lastSeq(file, info.Size()); err != nil {
			return err
		}
		f.size = info.Size()
	}
	return do(file)
}

// lastSeq reads the number of the last line. Lines are far shorter than what
// it looks at.
func lastSeq(file *os.File, size int64) (int64, error) {
	tail := make([]byte, min(size, 1<<16))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	tail = bytes.TrimRight(tail, "\n")
	if len(tail) == 0 {
		return 0, nil
	}
	line := tail[bytes.LastIndexByte(tail, '\n')+1:]
	var last Entry
	if err := json.Unmarshal(line, &last); err != nil {
		return 0, fmt.Errorf("the last line is not an entry: %w", err)
	}
	return last.Seq, nil
}
