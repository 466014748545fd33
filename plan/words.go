package plan

import (
	"fmt"
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
	// LeaseFor is how long a claim, takeover or renewal keeps others away. It is as short
	// as calls allow: after a kill all other runs wait for its end.
	LeaseFor = 30 * time.Second
	// RenewUnder is what must be left of a lease before the next look or effect. One call
	// takes 20 s at most, so a call that begins under the lease also ends under it.
	RenewUnder = 20 * time.Second
	// LooksLast is how long a run may act on what it has seen. It is longer than a lease:
	// where each call takes 5 s, a run needs a minute from its first look to its last.
	LooksLast = 90 * time.Second
	// GateTime is how long before_switch may take.
	GateTime = time.Minute
	// GateLasts is how long a run may act on a yes of before_switch since it asked: after the
	// longest command it is as good as any look.
	GateLasts = GateTime + LooksLast
	// OldTurn is how long other runs leave an old version to the run that wrote that it
	// looks at it: one that was reinstated, or one with a mark that ran out. There is no
	// lease then, and that run makes up to a dozen calls.
	OldTurn = 90 * time.Second
	// LagAfterSwitch is how long after a switch an older version seen behind
	// the alias is taken for a read that lags and not for drift.
	LagAfterSwitch = 10 * time.Minute
	// AliasDateSlack is how much later than anything keyturn did the date of an
	// alias must be to prove that somebody else moved it: KMS dates the move by
	// its own clock.
	AliasDateSlack = 5 * time.Minute
	// PropagationBudget is how long a run waits until KMS knows a key or an
	// alias that was just made.
	PropagationBudget = time.Minute
	// AttemptEvery is how often a definite refusal is counted at most.
	AttemptEvery = time.Hour
	// GatePatience is how long before_switch may say "not yet" before a
	// person is asked to look.
	GatePatience = 7 * 24 * time.Hour
	// AgainWithin is how long after a person's verb was carried out the same verb
	// counts as a repetition of it, which has nothing left to do.
	AgainWithin = time.Hour
)

// MaxTries is how often one run repeats an effect that was answered with an
// unknown or a soft no before it leaves the rest to the next run.
const MaxTries = 4

const (
	// ThrottledFor is how long a run leaves a key alone after AWS has throttled MaxTries
	// calls about it.
	ThrottledFor = 10 * time.Second
	// MostNameTries is how often a run repeats a throttled call while it has a key without a
	// name: about two minutes. Without it the key would have to be disabled.
	MostNameTries = 80
)

// MostLate is how often what a run has seen, or its lease, may be over before the run can
// use it. Then AWS is too slow for it, and it would hold the key and get nowhere.
const MostLate = 2

// OldInRun is how many old versions one run begins to check, or keeps. After a
// plan has turned to delete, a hundred of them may be due. Retiring is never
// urgent, so the next run goes on with the others.
const OldInRun = 30

// Step is how far a record's generation has come.
type Step string

// The steps, in the order in which a generation goes through them.
const (
	// Steady: no generation is open.
	Steady Step = "steady"
	// Claimed: a generation is open; its version may or may not exist yet.
	Claimed Step = "claimed"
	// Created: the version exists and waits for its switch.
	Created Step = "created"
	// Switching: an alias move was confirmed; it may or may not have happened.
	Switching Step = "switching"
)

// Verb is what a run is started for: by cron ("schedule") or by a person.
type Verb string

// The verbs. The first four make generations, and claims name them.
const (
	VerbSchedule  Verb = "schedule"
	VerbRotate    Verb = "rotate"
	VerbRollback  Verb = "rollback"
	VerbAdopt     Verb = "adopt"
	VerbHold      Verb = "hold"
	VerbRelease   Verb = "release"
	VerbReinstate Verb = "reinstate"
	VerbRetire    Verb = "retire"
)

// Verdict is what an answer of AWS proves about its call.
type Verdict string

// The three verdicts. An unknown never counts as yes or no.
const (
	// Yes: the call succeeded (2xx).
	Yes Verdict = "yes"
	// No: the call changed nothing (a modelled 4xx).
	No Verdict = "no"
	// Unknown: the call may have happened (5xx, time-out, broken connection).
	Unknown Verdict = "unknown"
)

// Answer is the answer to one call.
type Answer struct {
	Verdict Verdict
	// Code is AWS's error code, "" on yes.
	Code      string
	Message   string
	RequestID string
	// Soft marks a no that goes away by itself and never counts against a
	// generation: throttled, a signature that had expired, a key that KMS
	// does not know yet.
	Soft bool
	// Missing marks a no of the kind "there is none": NotFoundException.
	Missing bool
	// Cause is why the answer is not a yes. No rule reads it.
	Cause Cause
}

// VersionName returns the name of a version: v7.
func VersionName(n int64) string { return "v" + strconv.FormatInt(n, 10) }

// VersionAlias returns the alias that names version n for as long as its KMS key
// exists: alias/orders-data/v7.
func VersionAlias(alias string, n int64) string {
	return fmt.Sprintf("%s/v%d", alias, n)
}

var versionSuffix = Pattern(`^/v([0-9]+)$`)

// MaxVersion is the highest number of a version or generation. No schedule gets
// that far: a higher one is not from keyturn, and counting on from it would overflow.
const MaxVersion = 1 << 31

// SplitVersion splits the name of a version into its alias and its number. A name
// that ends in /v<digits> but is not one that keyturn writes (v1 to MaxVersion,
// without leading zeros) returns the alias and not ok.
func SplitVersion(name string) (alias string, n int64, ok bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", 0, false
	}
	m := versionSuffix().FindStringSubmatch(name[i:])
	if m == nil {
		return "", 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n < 1 || n > MaxVersion || m[1][0] == '0' {
		return name[:i], 0, false
	}
	return name[:i], n, true
}

// VersionOf returns the version of alias that a name stands for; not ok if it is
// no version alias of it.
func VersionOf(alias, name string) (n int64, ok bool) {
	of, n, ok := SplitVersion(name)
	if !ok || of != alias {
		return 0, false
	}
	return n, true
}
