package start

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Open opens the embedded AWS in a state file. The first process to want a
// file that is not there fills it for the plan; others that start at the same
// moment wait for it and find it full.
func Open(ctx context.Context, path string, p *planfile.Plan) (*sandbox.Sandbox, error) {
	if err := create(ctx, path, p); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	return sandbox.Open(path, sandbox.Options{})
}

// create makes the state file if there is none. It holds the lock that the
// sandbox itself takes for every call, so no process sees half of it. It puts
// the file there in one piece, so that a crash leaves none.
func create(ctx context.Context, path string, p *planfile.Plan) (err error) {
	if present, err := exists(path); present || err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if present, err := exists(path); present || err != nil {
		return err
	}
	state, err := fill(ctx, p, time.Now())
	if err != nil {
		return err
	}
	return sandbox.ReplaceFile(path, state)
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
