package document

import (
	"time"

	"github.com/keyturn/keyturn/internal/trail"
	"github.com/keyturn/keyturn/plan"
)

// Trail is what files of CloudTrail show beside the ledgers. Its findings are among the
// others.
type Trail struct {
	Files    int             `json:"files"`
	Records  int             `json:"records"`
	Covered  []TrailSpan     `json:"covered"`
	Judged   int             `json:"judged"`
	Outside  int             `json:"outside"`
	LeftOut  bool            `json:"left_out,omitempty"`
	Timeline []TimelineEntry `json:"timeline"`
	Users    []TrailUser     `json:"users,omitempty"`
	Seals    []TrailSeal     `json:"seals,omitempty"`
}

// TrailSeal is the tag keyturn:ledger with which a version was made.
type TrailSeal struct {
	Key       string         `json:"key"`
	Version   int64          `json:"version"`
	KeyID     string         `json:"key_id"`
	At        time.Time      `json:"at"`
	RequestID string         `json:"request_id"`
	Rev       int64          `json:"rev,omitempty"` // of the claim's event
	State     plan.SealState `json:"state"`         // fits, broken, unknown
	Tag       string         `json:"tag"`
}

// TrailSpan is a time that the files cover.
type TrailSpan struct {
	Source string    `json:"source"` // kms, dynamodb
	Region string    `json:"region"`
	Table  string    `json:"table,omitempty"` // of data events
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// TimelineEntry is one thing that happened.
type TimelineEntry struct {
	At        time.Time `json:"at"`
	Key       string    `json:"key"`
	From      string    `json:"from"` // plan, trail, ledger
	What      string    `json:"what"`
	Who       string    `json:"who,omitempty"`
	Revs      []int64   `json:"revs,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Run       bool      `json:"run,omitempty"`
	Stranger  bool      `json:"stranger,omitempty"`
	ErrorCode string    `json:"error_code,omitempty"`
}

// TrailUser is who used a version.
type TrailUser struct {
	Key        string     `json:"key"`
	Version    int64      `json:"version"`
	KeyID      string     `json:"key_id"`
	Principal  string     `json:"principal,omitempty"` // ARN
	Session    string     `json:"session,omitempty"`
	Service    string     `json:"service,omitempty"` // of AWS, that made the call
	UserAgent  string     `json:"user_agent,omitempty"`
	KeyturnRun string     `json:"keyturn_run,omitempty"`
	Last       time.Time  `json:"last"`
	Operations []TrailUse `json:"operations"`
}

// TrailUse is an operation, and when it was last used.
type TrailUse struct {
	Operation string    `json:"operation"` // with AWS's error, if it was refused
	Last      time.Time `json:"last"`
}

// ofTrail returns what the document of an audit says about a trail; nil if none was given.
func ofTrail(r *trail.Report) *Trail {
	if r == nil {
		return nil
	}
	d := &Trail{Files: r.Files, Records: r.Records, Covered: []TrailSpan{}, Judged: r.Judged, Outside: r.Outside,
		LeftOut: r.LeftOut, Timeline: []TimelineEntry{}}
	for _, s := range r.Covered {
		d.Covered = append(d.Covered, TrailSpan{s.Source, s.Region, s.Table, s.From.UTC(), s.To.UTC()})
	}
	for _, e := range r.Timeline {
		d.Timeline = append(d.Timeline, TimelineEntry{e.At.UTC(), e.Key, string(e.From), e.What, e.Who, e.Revs,
			e.RequestID, e.Run, e.Stranger, e.ErrorCode})
	}
	for _, u := range r.Users {
		user := TrailUser{Key: u.Key, Version: u.Version, KeyID: u.KeyID, Principal: u.ARN, Session: u.Session,
			Service: u.Service, UserAgent: u.UserAgent, KeyturnRun: u.Run, Last: u.Last.UTC(), Operations: []TrailUse{}}
		for _, name := range u.Names() {
			user.Operations = append(user.Operations, TrailUse{name, u.Operations[name].UTC()})
		}
		d.Users = append(d.Users, user)
	}
	for _, s := range r.Seals {
		d.Seals = append(d.Seals, TrailSeal{s.Key, s.Version, s.KeyID, s.At.UTC(), s.RequestID, s.Claim.Rev, s.State,
			s.Tag})
	}
	return d
}
