package docs

import (
	"maps"
	"time"
)

const (
	day     = 24 * time.Hour
	quarter = 91 * day // a bit more than the period of the plans here
	alias   = "alias/orders-data"
)

const header = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
`

// Plans. The retiring one does not ask for the last use, but where it says so.
const (
	keeping  = header
	retiring = header + "    retire: {action: disable, unless_used_within: off}\n"
	deleting = header + "    retire: {action: delete, unless_used_within: off, delete_after: 7d, " +
		"deletion_window: 30d}\n"
	asking   = header + "    retire: disable\n"
	creating = header + "    spec: SYMMETRIC_DEFAULT\n    usage: ENCRYPT_DECRYPT\n"
)

// accountDecides is a key policy as KMS gives it by default.
const accountDecides = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
	`"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`

// scene is a world in which a section of the runbook is needed.
type scene struct {
	plan string
	// given makes what has happened before.
	given func(*world)
	// shows is the command that is then refused with the section's code.
	shows []string
	// as is that code, if it shows under another one.
	as string
	// repair does what the text says and no command does.
	repair func(*world)
	// leads is what the ledger has in the end, in this order: words of an event's kind,
	// and its version.
	leads []string
}

// The pasts that many scenes share. empty has a table and no key.
func empty(w *world) { w.must(0, "init --table") }

// found has a key that keyturn does not know yet.
func found(w *world) {
	empty(w)
	w.createAlias(alias, w.newKey())
}

func adopted(w *world) {
	found(w)
	w.must(0, "run")
}

// rotated is on v2, for some hours; v1 drains. KEY_ID is v2's.
func rotated(w *world) {
	adopted(w)
	w.advance(quarter)
	w.must(0, "run")
	w.advance(3 * time.Hour)
	w.keyID = w.key(alias)
}

// retired is rotated, and v1 is disabled.
func retired(w *world) {
	rotated(w)
	w.advance(31 * day)
	w.must(0, "run")
}

func drifted(w *world) {
	rotated(w)
	w.moveAlias(alias, w.newKey())
	w.advance(quarter)
}

func lost(w *world) {
	rotated(w)
	w.dropTable()
}

func emptied(w *world) {
	lost(w)
	w.must(0, "init --table")
}

func restored(w *world) {
	rotated(w)
	w.restoreTable()
	w.advance(quarter)
}

// taken is an adopt --create that was not finished, and then somebody else
// made the alias.
func taken(w *world) {
	empty(w)
	second := denied("CreateAlias")
	second.Code = "LimitExceededException" // a denial would be tried again
	second.Ordinal = 2                     // the first one is v1's
	w.fault(second)
	w.must(1, "adopt orders-data --create")
	w.fault()
	w.createAlias(alias, w.newKey())
}

// scenes are those of each section of the runbook, by its title.
var scenes = func() map[string][]scene {
	all := maps.Clone(ofSections)
	maps.Copy(all, ofCodes)
	return all
}()

// ofSections are those of what a person is asked to do, and of exit codes.
var ofSections = map[string][]scene{
	"": {{plan: keeping, given: rotated}},

	"The new version is bad: roll back": {{leads: []string{"finish v1", "hold", "release", "finish v2"},
		plan: keeping, given: rotated}},
	"A key is compromised: rotate now, then retire": {{leads: []string{"finish v3", "retired v2"}, plan: keeping,
		given: rotated}},
	"Decrypt has failed since a version was disabled: reinstate": {
		{leads: []string{"reinstate v1", "looked v1"}, plan: retiring, given: retired},
		{leads: []string{"reinstate v1", "looked v1"}, plan: retiring, given: retired},
		{leads: []string{"hold"}, plan: retiring, given: retired},
	},
	"Verify, in one pool":                     {{plan: keeping, given: found}},
	"Stop everything":                         {{leads: []string{"hold", "release"}, plan: keeping, given: rotated}},
	"Cron mails exit 11":                      {{plan: keeping, given: rotated}},
	"Cron mails exit 13":                      {{plan: keeping, given: drifted}},
	"Somebody else changed a key: CloudTrail": {{plan: keeping, given: strangers}},
	"The table was lost":                      {{leads: []string{"rebuild"}, plan: keeping, given: lost}},
	"The table was restored":                  {{leads: []string{"rebuild"}, plan: keeping, given: restored}},

	"Exit 0": {{plan: keeping, given: rotated}},
	"Exit 1": {{leads: []string{"finish v3"}, plan: keeping, given: func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(denied("CreateKey"))
		w.must(1, "run")
		w.fault()
	}}},
	"Exit 10": {{plan: keeping, given: func(w *world) {
		rotated(w)
		w.advance(quarter)
	}}},
	"Exit 11":  {{plan: keeping, given: rotated}},
	"Exit 13":  {{plan: keeping, given: drifted}},
	"Exit 64":  {{plan: keeping, given: rotated}},
	"Exit 130": {{plan: keeping, given: rotated}},
}
