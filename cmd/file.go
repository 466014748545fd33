package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
)

// mayReplace refuses the path of a flag at which something else stands than a file: cron
// often runs as root, which could put a file in place of /dev/null. /dev/stdout is a symbolic
// link, and what other links lead to is not known to be meant. The plan is no such file.
func mayReplace(env *Env, c *cli.Context, flag, path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil: // why it cannot be written shows when it is
		return nil
	case info.IsDir():
		return usage("%s %s is a folder and no file", flag, path).note("name a file in it")
	case !info.Mode().IsRegular():
		return usage("%s %s is %s and no file", flag, path, kindOf(info.Mode())).note("name a file, which may exist")
	}
	own, err := os.Stat(planPath(env, c))
	if err == nil && os.SameFile(info, own) {
		return usage("%s %s is the plan", flag, path).note("name another file")
	}
	return nil
}

func kindOf(m fs.FileMode) string {
	if m&fs.ModeSymlink != 0 {
		return "a symbolic link"
	}
	return "a device, pipe or socket"
}

// replaceFile writes a file in one piece: who reads it finds the old one or the new one.
func replaceFile(path, text string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return notWritten(path, err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone if all went well
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// notWritten returns the error of a file that cannot be made. The system's names the path that
// was tried, which need not be the one that was asked for.
func notWritten(path string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return usage("%s cannot be written: %v", path, err)
}
