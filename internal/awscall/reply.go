package awscall

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Reply is an answer that is not a success.
type Reply struct {
	// Service and Operation are the SDK's names: "KMS", "UpdateAlias".
	Service, Operation string
	// URL is where the request went; nil if that is not known.
	URL    *url.URL
	Status int
	Header http.Header
	// Code is a shape's name without its namespace; "" if there was none.
	Code string
	// Message is AWS's, cut by [Message].
	Message   string
	RequestID string
	// Server reports that the service's model calls the error one of AWS itself.
	Server bool
}

// Answer returns what the reply is worth. It is a no only if AWS says it, about the
// request and not about itself.
func (r Reply) Answer() plan.Answer {
	a := plan.Answer{Verdict: plan.Unknown, Code: r.Code, Message: r.Message, RequestID: r.RequestID}
	if !r.Server && r.Status >= 400 && r.Status <= 499 && isCode().MatchString(r.Code) && !undecided(r.Code) {
		a.Verdict = plan.No
		a.Soft = Throttled(a) || expired(r.Code, r.Message)
		a.Missing = r.Code == "NotFoundException" || r.Code == "ResourceNotFoundException"
	}
	a.Cause = r.cause(a)
	return a
}

// cause returns why the answer is not a success.
func (r Reply) cause(a plan.Answer) plan.Cause {
	c := plan.Cause{Service: r.Service, Operation: r.Operation, Status: r.Status,
		HTML: strings.Contains(r.Header.Get("Content-Type"), "html")}
	c.Endpoint, c.Foreign, c.Region = endpointOf(r.URL)
	c.Kind = r.kind(a)
	switch c.Kind {
	case plan.CauseDenied:
		c.Denial, c.Detail = denialOf(strings.TrimPrefix(r.Message, noMessage))
		if c.Action == "" {
			c.Action = strings.ToLower(r.Service) + ":" + r.Operation
		}
	case plan.CauseKeyState, plan.CauseNotFound:
		c.Resource = strings.TrimRight(someARN().FindString(r.Message), ".")
	case plan.CauseSignature:
		c.Detail = signatureText(r.Code, r.Message)
	case plan.CauseClock:
		c.Detail = aboutDates().FindString(r.Message)
	}
	return c
}

// noMessage is the SDK's code and message for an error that has none.
const noMessage = "UnknownError"

// kind returns the kind of the cause. It judges by codes. Only emulators, which have no
// code for it, say in a message that they lack an operation.
func (r Reply) kind(a plan.Answer) plan.CauseKind {
	known := kinds[r.Code]
	named := isCode().MatchString(r.Code) && r.Code != noMessage
	switch {
	case r.lacks():
		return plan.CauseUnsupported
	case !named && r.Status >= 500:
		return plan.CauseTrouble
	case !named && r.RequestID == "":
		return plan.CauseForeign
	case !named:
		return plan.CauseUnreadable
	case Throttled(a):
		return plan.CauseThrottled
	case expired(r.Code, r.Message) && known == "":
		return plan.CauseClock
	case isAboutSignature(r.Code) && aboutScope().MatchString(r.Message):
		return plan.CauseScope
	case isAboutSignature(r.Code):
		return plan.CauseSignature
	case r.Code == "ValidationException" && r.Service == "DynamoDB" && aboutSchema().MatchString(r.Message):
		return plan.CauseSchema
	case known == "" && (r.Status >= 500 || r.Server || undecided(r.Code)):
		return plan.CauseTrouble
	}
	return known
}

// kinds has the codes that say all.
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
var kinds = map[string]plan.CauseKind{
	"ExpiredToken":          plan.CauseExpired,
	"ExpiredTokenException": plan.CauseExpired,

	"UnrecognizedClientException": plan.CauseUnknownCaller,
	"InvalidClientTokenId":        plan.CauseUnknownCaller,
	"InvalidAccessKeyId":          plan.CauseUnknownCaller,

	"OptInRequired":           plan.CauseRegionDisabled,
	"RegionDisabledException": plan.CauseRegionDisabled,

	"AccessDenied":          plan.CauseDenied,
	"AccessDeniedException": plan.CauseDenied,
	"NotAuthorized":         plan.CauseDenied,
	"UnauthorizedOperation": plan.CauseDenied,

	"LimitExceededException": plan.CauseQuota,

	"KMSInvalidStateException": plan.CauseKeyState,
	"DisabledException":        plan.CauseKeyState,

	"NotFoundException":         plan.CauseNotFound,
	"ResourceNotFoundException": plan.CauseNotFound,
}

// aboutSchema is what DynamoDB says about a table with another primary key.
var aboutSchema = plan.Pattern(`(?i)match the schema|key schema|missing the key|required keys|mismatch for key`)

// lacks reports whether the endpoint does not have the operation.
func (r Reply) lacks() bool {
	switch r.Code {
	case "UnknownOperationException", "InvalidAction", "NotImplemented", "NotImplementedException":
		return true
	}
	return r.Status == http.StatusNotImplemented || r.Status >= 500 && aboutLack().MatchString(r.Message)
}

// aboutLack is what LocalStack says, with InternalError or InternalFailure, of an
// operation or a service that it does not have. moto answers with a page that says
// nothing.
var aboutLack = plan.Pattern(`(?i)unknown operation|not (yet )?(been )?(implemented|emulated)|` +
	`not (currently )?supported by LocalStack|LocalStack license|pro feature`)

// ownHost matches the hosts of AWS's own endpoints, in every partition, and those of VPC
// endpoints.
var ownHost = plan.Pattern(`^(?:[a-z0-9.-]+\.)?(?:kms|dynamodb|ddb|sts|iam)(?:-fips)?\.(?:dualstack\.)?` +
	`(?:([a-z0-9-]+)\.)?` +
	`(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.(?:com\.cn|eu)|` +
	`c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$`)

// endpointOf returns a URL as it may be printed, whether it is not one of AWS's, and the
// Region of one of AWS's.
func endpointOf(u *url.URL) (shown string, foreign bool, region string) {
	if u == nil || u.Host == "" {
		return "", false, ""
	}
	shown = strings.TrimSuffix(ShownURL(u.String()), "/")
	own := ownHost().FindStringSubmatch(u.Hostname())
	if own == nil {
		return shown, true, ""
	}
	return shown, false, own[1]
}

// userDenied is the form of AWS's message about a denial.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
var (
	userDenied = plan.Pattern(`^User: (\S+) is not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9*]+)` +
		`(?: on resource: (\S+))?\s*(.*)$`)
	noneAllows = plan.Pattern(`^because no ([A-Za-z -]+?) allows the \S+ action`)
	someARN    = plan.Pattern(`arn:aws[a-z-]*:[A-Za-z0-9:/_.-]+`)
	oneDenies  = plan.Pattern(`^with an explicit deny in (?:an? |the )?([A-Za-z -]+?)(?:: (arn:\S+))?\.?$`)
)

// denialOf reads AWS's message about a denial. detail is what it says in no known form.
func denialOf(message string) (d plan.Denial, detail string) {
	said := userDenied().FindStringSubmatch(message)
	if said == nil {
		return plan.Denial{}, message
	}
	d = plan.Denial{Caller: said[1], Action: said[2], Resource: said[3]}
	switch why := said[4]; {
	case noneAllows().MatchString(why):
		d.Policy = noneAllows().FindStringSubmatch(why)[1]
	case oneDenies().MatchString(why):
		deny := oneDenies().FindStringSubmatch(why)
		d.Policy, d.PolicyARN, d.Explicit = deny[1], deny[2], true
	default:
		detail = why
	}
	return d, detail
}
