package survey

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/trail"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// Trail reads the files of a trail, and judges them beside the ledgers of keys. Who used
// the KMS keys with the given ids is in the report, too.
func (a *AWS) Trail(ctx context.Context, all []plan.KeyHistory, files, used []string) (trail.Report, error) {
	c := trail.New(all, a.Plan.Region, used)
	for _, name := range files {
		if err := readAll(ctx, c, name); err != nil {
			return trail.Report{}, err
		}
	}
	return c.Report(), nil
}

// readAll reads a file, or every log file in a folder. CloudTrail puts its digests, which
// are no log files, beside the log files.
func readAll(ctx context.Context, c *trail.Collector, name string) error {
	return filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(path, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() && entry.Name() == "CloudTrail-Digest":
			return fs.SkipDir
		case entry.IsDir(), path != name && !strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, ".gz"):
			return nil
		}
		file, err := os.Open(path)
		if err != nil {
			return unreadable(path, err)
		}
		defer file.Close() //nolint:errcheck // only read
		return c.Read(path, file)
	})
}

func unreadable(path string, err error) error {
	if why, ok := errors.AsType[*fs.PathError](err); ok {
		err = why.Err // it names the file once more
	}
	return &trail.FormError{File: path, Record: -1, Err: err}
}

// NameChanges adds to the findings of an audit who has brought them about, as a trail shows.
func NameChanges(findings []audit.Finding, r trail.Report) {
	var changes []audit.Change
	for _, e := range r.Ends {
		changes = append(changes, audit.Change(e))
	}
	audit.NameChanges(findings, changes)
}

// TrailFindings returns the findings of a trail as those of an audit. Those for a person
// say whether the key works now.
func (a *AWS) TrailFindings(all []plan.KeyHistory, r trail.Report) []audit.Finding {
	works := map[string]claim.Works{}
	byName := map[string]plan.KeyHistory{}
	for _, h := range all {
		byName[h.Key.Name] = h
	}
	var out []audit.Finding
	for _, f := range r.Findings {
		found := audit.Finding{Code: f.Code, Level: audit.Person, Key: f.Key, KeyID: f.KeyID, Version: f.Version,
			What: f.What, Hint: f.Hint, Since: f.At, Field: f.Call,
			Evidence: audit.Evidence{Revs: f.Revs, RequestIDs: f.Requests}}
		if f.KeyID != "" {
			found.Evidence.KeyIDs = []string{f.KeyID}
		}
		switch f.Code {
		case plan.CodeUnexplainedChange:
			found.Mode = audit.Race
		case plan.CodeDuplicateWindow:
			found.Mode = audit.Duplicate
		case plan.CodeLedgerRewritten:
			found.Mode = audit.Partial
		}
		if f.Warning {
			found.Level = audit.Warning
		} else {
			h := byName[f.Key]
			if _, asked := works[f.Key]; !asked {
				works[f.Key] = a.Works(h.Key, h.Record)
			}
			found.Works = works[f.Key]
		}
		out = append(out, found)
	}
	var keys []plan.Policy
	for _, h := range all {
		keys = append(keys, h.Key)
	}
	audit.Accept(a.Now(), a.Plan.Accept, keys, out)
	return audit.Together(out)
}
