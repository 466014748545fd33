package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// mayReplace refuses the path of a flag at which something else stands than a file: cron
// often runs as root, which could put a file in place of /dev/null. /dev/stdout is a symbolic
// link, and what other links lead to is not known to be meant.
func mayReplace(flag, path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().IsRegular() { // why it cannot be written shows when it is
		return nil
	}
	wrong := usage("%s %s is %s and no file", flag, path, kindOf(info.Mode()))
	if info.IsDir() {
		return wrong.note("name a file in it")
	}
	return wrong.note("name a file, which may exist")
}

func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "a device, pipe or socket"
}

// replaceFile writes a file in one piece: who reads it finds the old one or the new one.
func replaceFile(path, text string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return usage("the file cannot be written: %v", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone if all went well
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
