package cmd

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/internal/trail"
	"github.com/keyturn/keyturn/plan"
)

// trailFlags are those of audit about files of CloudTrail.
func trailFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "cloudtrail", Usage: "compare with CloudTrail's `FILE`, or all log files in a " +
			"folder; " +
			"arguments are then more files"},
		&cli.StringSliceFlag{Name: "users", Usage: "with --cloudtrail: who used this `KEY/VERSION`, or any of KEY"},
	}
}

// trailFiles returns the files of CloudTrail, and the keys that the command line names.
func trailFiles(c *cli.Context) (files, keys []string, err error) {
	files, keys = c.StringSlice("cloudtrail"), keysOf(c)
	switch {
	case len(files) > 0: // a shell puts them there for log-*.json.gz
		return append(files, c.Args().Slice()...), c.StringSlice("key"), nil
	case len(c.StringSlice("users")) > 0:
		return nil, nil, usage("--users wants --cloudtrail: KMS itself tells the last use only").
			note("--cloudtrail FILE")
	}
	return nil, keys, nil
}

// addTrail adds to an audit what the files of a trail show; nil without files.
func (s *session) addTrail(c *cli.Context, keys []plan.Policy, files []string, result *audit.Result) (*trail.Report,
	error) {
	if len(files) == 0 {
		return nil, nil
	}
	all, err := s.aws.Histories(c.Context, keys, func(k plan.Policy, err error) {
		result.Unread = append(result.Unread, k.Name+": its ledger, to compare with the trail: "+err.Error())
	})
	if err != nil {
		return nil, err
	}
	used, err := s.keysUsed(c.Context, all, c.StringSlice("users"))
	if err != nil {
		return nil, err
	}
	report, err := s.aws.Trail(c.Context, all, files, used)
	if err != nil {
		return nil, err
	}
	if report.Records == 0 {
		result.Unread = append(result.Unread, "the trail: there is no event in what --cloudtrail names")
	}
	if report.Unjudged {
		result.Unread = append(result.Unread, "the trail: it has more changes of these keys than are kept; give fewer "+
			"keys or files")
	}
	result.Looked = append(result.Looked, plan.NeedsTrail)
	survey.NameChanges(result.Findings, report)
	result.Findings = append(result.Findings, s.aws.TrailFindings(all, report)...)
	return &report, nil
}

// keysUsed returns the KMS keys of the versions that --users names.
func (s *session) keysUsed(ctx context.Context, all []plan.KeyHistory, named []string) ([]string, error) {
	var ids []string
	for _, text := range named {
		picked, err := s.pick(ctx, []string{text})
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(h plan.KeyHistory) bool { return h.Key.Key() == picked[0].Key() })
		if i < 0 {
			return nil, usage("--users %s is not among the keys of this audit", text).note("add it with --key")
		}
		known := trail.KeyIDs(all[i], versionsOf(all[i].Key, text)...)
		if id := withoutARN(text); slices.Contains(known, id) {
			known = []string{id}
		}
		if len(known) == 0 {
			return nil, usage("--users %s: neither record nor ledger has this version", text).
				try("keyturn", "history", all[i].Key.Name)
		}
		ids = append(ids, known...)
	}
	return ids, nil
}

// versionsOf returns the version that KEY names; none if it names the key alone.
func versionsOf(k plan.Policy, text string) []int64 {
	if n, ok := versionIn(k, withoutARN(text)); ok {
		return []int64{n}
	}
	return nil
}
