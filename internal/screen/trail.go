package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/trail"
	"github.com/keyturn/keyturn/plan"
)

// What `audit --cloudtrail` adds: one timeline, who used which version, and last what the
// trail covers, for outside of that nothing was concluded.

// Trail returns the screen of a trail.
func (v View) Trail(r trail.Report, users bool) string {
	var b strings.Builder
	b.WriteString("TIMELINE, plan, trail and ledger\n\n")
	t := &table{width: v.outWidth(), head: []string{"WHEN", "KEY", "FROM", "WHO", "WHAT", "LEDGER"}}
	for _, e := range r.Timeline {
		t.row(e.At.UTC().Format(time.DateTime), e.Key, string(e.From), whoText(e), e.What, ledgerText(e))
	}
	if len(r.Timeline) == 0 {
		b.WriteString("nothing in the trail is about these keys\n")
	}
	b.WriteString(t.String())
	if users {
		b.WriteString("\n" + v.usersText(r))
	}
	b.WriteString("\n" + coverageText(r) + "\n")
	return b.String()
}

func whoText(e trail.Entry) string {
	switch {
	case e.Who == "":
		return "-"
	case e.From == trail.FromTrail:
		return shortARN(e.Who)
	}
	return e.Who
}

// ledgerText says which revision of the ledger tells a change.
func ledgerText(e trail.Entry) string {
	switch {
	case len(e.Revs) > 0:
		return fmt.Sprintf("rev %d", e.Revs[0])
	case e.Stranger:
		return "NOT KNOWN"
	case e.Run:
		return "its run"
	}
	return "-"
}

// usersText says who used the versions that were asked for.
func (v View) usersText(r trail.Report) string {
	if len(r.Users) == 0 {
		return "USERS\n\nthe trail has no use of these versions\n"
	}
	t := &table{width: v.outWidth(), head: []string{"VERSION", "LAST", "PRINCIPAL", "SESSION", "OPERATIONS", "AGENT"}}
	for _, u := range r.Users {
		t.row(u.Key+"/"+plan.VersionName(u.Version), u.Last.UTC().Format(time.DateTime), u.Principal.Text(),
			cmp.Or(u.Session, "-"), strings.Join(u.Names(), ", "), agentText(u))
	}
	return "USERS\n\n" + t.String()
}

// agentText returns what tells programs apart in a user agent: its first word, and the
// name that a program gives itself in it. --output json has all of it.
func agentText(u trail.User) string {
	words := strings.Fields(u.UserAgent)
	if len(words) == 0 {
		return "-"
	}
	text := words[0]
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "app/") {
			text += " " + w
		}
	}
	if u.Run != "" {
		text += " keyturn run/" + u.Run
	}
	return text
}

// coverageText says what the trail covers.
func coverageText(r trail.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", plan.Counted(r.Files, "file"), plan.Counted(r.Records, "event"))
	shown := 0
	for _, s := range r.Covered {
		if s.Source != "kms" && s.Table == "" {
			continue
		}
		what := s.Source
		if s.Table != "" {
			what = "items of table " + plan.Line(s.Table)
		}
		if shown++; shown > Shown {
			continue
		}
		fmt.Fprintf(&b, "covered: %s in %s, %s to %s\n", plan.Line(what), plan.Line(s.Region), Stamp(s.From),
			Stamp(s.To))
	}
	switch {
	case shown == 0:
		b.WriteString("covered: nothing; from what the trail lacks nothing is concluded\n")
	case shown > Shown:
		fmt.Fprintf(&b, "and %d more spans; --output json has all\n", shown-Shown)
	}
	fmt.Fprintf(&b, "%s of the ledger compared with it, %d outside of what it covers, about which nothing is concluded",
		plan.Counted(r.Judged, "event"), r.Outside)
	b.WriteString(sealsText(r.Seals))
	if r.LeftOut {
		b.WriteString("\nthe trail has more changes or users than are kept: give fewer keys or files")
	}
	return b.String()
}

// sealsText says what the trail has of the seals; those that do not fit are findings.
func sealsText(seals []trail.Seal) string {
	fits := 0
	for _, s := range seals {
		if s.State == plan.SealFits {
			fits++
		}
	}
	if len(seals) == 0 {
		return ""
	}
	return fmt.Sprintf("\nthe trail has the seals of %s; %d of them fit the ledger",
		plan.Counted(len(seals), "version"), fits)
}
