package plan

import (
	"maps"
	"slices"
)

// Cause is why a call to AWS did not end with a yes, as data. Nothing in it is a secret:
// a message that may quote the request is cut before it gets here. [Answer.Text] makes
// the sentence.
type Cause struct {
	Kind CauseKind
	// Service and Operation are the call: "KMS", "CreateKey".
	Service, Operation string
	// Endpoint is the URL that was called; "" if it is not known.
	Endpoint string
	// Foreign reports that the endpoint is not one of AWS's.
	Foreign bool
	// Region is that of an endpoint of AWS.
	Region string
	// Status is the HTTP status of the answer; 0 if there was none.
	Status int
	// HTML reports that the answer was a web page.
	HTML bool
	// Detail are words from elsewhere that the sentence needs: AWS's, or the network's.
	Detail string
	Denial
}

// Denial is what AWS says about a call that it denied; a field is "" if AWS does not say it.
type Denial struct {
	// Action is IAM's name, "kms:CreateKey".
	Action, Resource, Caller string
	// Policy is the kind of policy that decided: "identity-based policy".
	Policy string
	// PolicyARN names the policy that denies.
	PolicyARN string
	// Explicit reports that a policy denies the call. Otherwise none allows it.
	Explicit bool
}

// CauseKind is the kind of a Cause. "" is an error of AWS that has no kind of its own.
type CauseKind string

// The kinds of causes.
const (
	CauseExpired        CauseKind = "expired"         // the credentials are too old
	CauseNotFetched     CauseKind = "not-fetched"     // the credentials could not be fetched
	CauseUnknownCaller  CauseKind = "unknown-caller"  // AWS does not know the credentials
	CauseSignature      CauseKind = "signature"       // AWS does not accept the signature
	CauseScope          CauseKind = "scope"           // the signature is for another Region or service
	CauseClock          CauseKind = "clock"           // the request's date is too far from AWS's
	CauseRegionDisabled CauseKind = "region-disabled" // the account has not enabled the Region
	CauseDenied         CauseKind = "denied"
	CauseThrottled      CauseKind = "throttled"
	CauseQuota          CauseKind = "quota"
	CauseKeyState       CauseKind = "key-state"
	CauseNotFound       CauseKind = "not-found"
	CauseSchema         CauseKind = "schema"      // the table has another primary key
	CauseTrouble        CauseKind = "trouble"     // inside AWS
	CauseUnsupported    CauseKind = "unsupported" // the endpoint does not have this operation
	CauseForeign        CauseKind = "foreign"     // what answered is not this service
	CauseUnreadable     CauseKind = "unreadable"  // an answer of the service, and its form is not known
	CauseHostUnknown    CauseKind = "host-unknown"
	CauseRefused        CauseKind = "refused" // nothing listens
	CauseTLS            CauseKind = "tls"
	CauseTimeout        CauseKind = "timeout"
	CauseUnreachable    CauseKind = "unreachable" // another failure of the network
	CauseInterrupted    CauseKind = "interrupted"
)

// causeTraits are what does not depend on the rest of a Cause.
type causeTraits struct {
	code Code
	exit Exit
	// traced: AWS's support, or CloudTrail, may be asked about the request.
	traced bool
}

// causes has every kind.
var causes = map[CauseKind]causeTraits{
	CauseExpired:        {code: CodeCredentialsExpired},
	CauseNotFetched:     {code: CodeNoCredentials},
	CauseUnknownCaller:  {code: CodeCredentialsInvalid},
	CauseSignature:      {code: CodeSignature, traced: true},
	CauseScope:          {code: CodeSignature},
	CauseClock:          {code: CodeClock},
	CauseRegionDisabled: {code: CodeRegionDisabled},
	CauseDenied:         {code: CodeAccessDenied, traced: true},
	CauseThrottled:      {code: CodeThrottled},
	CauseQuota:          {code: CodeQuota, traced: true},
	CauseKeyState:       {code: CodeKeyState},
	CauseNotFound:       {code: CodeNotFound},
	CauseSchema:         {code: CodeUnsafeTable, exit: ExitPerson},
	CauseTrouble:        {code: CodeAWSTrouble, traced: true},
	CauseUnsupported:    {code: CodeUnsupported},
	CauseForeign:        {code: CodeNotAWS},
	CauseUnreadable:     {code: CodeUnreadable, traced: true},
	CauseHostUnknown:    {code: CodeUnreachable},
	CauseRefused:        {code: CodeUnreachable},
	CauseTLS:            {code: CodeTLS},
	CauseTimeout:        {code: CodeUnreachable},
	CauseUnreachable:    {code: CodeUnreachable},
	CauseInterrupted:    {code: CodeInterrupted},
}

// CauseKinds returns every kind but "".
func CauseKinds() []CauseKind { return slices.Sorted(maps.Keys(causes)) }

// Lacking reports whether an emulator answered so because it does not have the operation.
func (a Answer) Lacking() bool {
	trouble := a.Cause.Kind == CauseTrouble && a.Cause.Foreign && a.Code == ""
	return trouble || a.Cause.Kind == CauseUnsupported
}

// FaultCode is the code of an answer other than yes: keyturn's if it has one for the
// cause, else AWS's, else the verdict.
func (a Answer) FaultCode() Code {
	switch traits := causes[a.Cause.Kind]; {
	case traits.code != "":
		return traits.code
	case a.Code != "":
		return Code(a.Code)
	}
	return Code(a.Verdict)
}

// Fault returns what decides about an answer that ended a command. role is that of
// `keyturn init --iam` that the command belongs to.
func (a Answer) Fault(role string) Fault {
	f := Fault{Code: a.FaultCode(), Exit: causes[a.Cause.Kind].exit, Hint: a.Hint(role)}
	if f.Exit == ExitDone {
		f.Exit = ExitFailed
	}
	return f
}
