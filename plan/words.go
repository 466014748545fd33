package plan

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// SchemaVersion is the newest form of a record this binary knows. A record
// with a higher one is refused before any effect.
const SchemaVersion = 1

// The spans of time of the protocol. They are constants and not settings: two
// pools that disagreed about one of them would not be running one protocol.
const (
	// LeaseFor is how long a claim or takeover lasts without being renewed.
	LeaseFor = 90 * time.Second
	// RenewUnder is what must be left of a lease before the next effect.
	RenewUnder = 45 * time.Second
	// LagAfterSwitch is how long after a switch an older version seen behind
	// the alias is taken for a read that lags and not for drift.
	LagAfterSwitch = 10 * time.Minute
	// PropagationBudget is how long a run waits until KMS knows a key or an
	// alias that was just made.
	PropagationBudget = time.Minute
	// AttemptEvery is how often a definite refusal is counted.
	AttemptEvery = time.Hour
	// GatePatience is how long before_switch may say "not yet" before a
	// person is asked to look.
	GatePatience = 7 * 24 * time.Hour
	// AgainWithin is how long a person's verb that was carried out answers a
	// second one of the same kind.
	AgainWithin = time.Hour
)

// MaxTries is how often one run repeats an effect that was answered with an
// unknown or a soft no before it leaves the rest to the next run.
const MaxTries = 4

// OldInRun is how many old versions one run begins to ask about, or to keep. A
// plan that turns to delete may find a hundred of them due. Retiring is never
// urgent, and so the next run goes on with the others.
const OldInRun = 30

// Step is where a record's generation stands.
type Step string

// The steps, in the order in which a generation goes through them.
const (
	Steady    Step = "steady"    // nothing open
	Claimed   Step = "claimed"   // a generation is taken; its version may or may not exist yet
	Created   Step = "created"   // the version exists and waits for its switch
	Switching Step = "switching" // an alias move was confirmed; it may or may not have happened
)

// Verb is what is asked for: by cron ("schedule") or by a person.
type Verb string

// The verbs. The first four make generations and stand in a claim.
const (
	VerbSchedule  Verb = "schedule"
	VerbRotate    Verb = "rotate"
	VerbRollback  Verb = "rollback"
	VerbAdopt     Verb = "adopt"
	VerbHold      Verb = "hold"
	VerbRelease   Verb = "release"
	VerbReinstate Verb = "reinstate"
)

// Verdict is what AWS's answer to a call is worth.
type Verdict string

// The three answers. An unknown never counts as yes or no.
const (
	Yes     Verdict = "yes"     // 2xx
	No      Verdict = "no"      // a modelled 4xx: it did not happen
	Unknown Verdict = "unknown" // 5xx, time-out, broken connection: it may have happened
)

// Answer is what came back of one call.
type Answer struct {
	Verdict   Verdict
	Code      string // AWS's error code, "" on yes
	Message   string
	RequestID string
	// Soft marks a no that settles itself and is never held against a
	// generation: throttled, a signature that had expired, a key that KMS
	// does not know yet.
	Soft bool
	// Missing marks a no of the kind "there is none": NotFoundException.
	Missing bool
}

// Text says what an answer without a yes says.
func (a Answer) Text() string {
	switch {
	case a.Code == "":
		return a.Message
	case a.Message == "":
		return a.Code
	}
	return a.Code + ": " + a.Message
}

// VersionName writes a version as people say it: v7.
func VersionName(n int64) string { return "v" + strconv.FormatInt(n, 10) }

// VersionAlias is the alias that names version n for as long as its KMS key
// exists: alias/orders-data/v7.
func VersionAlias(alias string, n int64) string {
	return fmt.Sprintf("%s/v%d", alias, n)
}

var versionSuffix = regexp.MustCompile(`^/v([0-9]+)$`)

// MaxVersion is the highest number of a version or generation. It is out of
// reach of any schedule: a higher one was not given by keyturn, and to go on
// counting from it would overflow.
const MaxVersion = 1 << 31

// SplitVersion takes the name of a version apart: the alias it is of, and its
// number. A name that ends in /v<digits> and is not as keyturn writes it, from
// v1 to MaxVersion and without leading zeros, is of that alias and not ok.
func SplitVersion(name string) (alias string, n int64, ok bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", 0, false
	}
	m := versionSuffix.FindStringSubmatch(name[i:])
	if m == nil {
		return "", 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n < 1 || n > MaxVersion || m[1][0] == '0' {
		return name[:i], 0, false
	}
	return name[:i], n, true
}

// VersionOf tells which version of alias a name stands for, if it is a
// version alias of it at all.
func VersionOf(alias, name string) (n int64, ok bool) {
	of, n, ok := SplitVersion(name)
	if !ok || of != alias {
		return 0, false
	}
	return n, true
}
