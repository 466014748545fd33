package plan

import (
	"cmp"
	"fmt"
	"strings"
)

// Text describes an answer other than yes in a sentence. It is the only place where an
// error of AWS becomes words. The request id is left out: see [Answer.Traced].
func (a Answer) Text() string {
	if text, ok := causeTexts[a.Cause.Kind]; ok {
		return text(a)
	}
	switch said := cmp.Or(a.Cause.Detail, a.said()); {
	case a.Cause.Service == "":
		return said
	case a.Cause.Status == 0:
		return fmt.Sprintf("%s failed: %s", a.Cause.call(), said)
	default:
		return fmt.Sprintf("%s refused %s: %s", a.Cause.Service, a.Cause.Operation, said)
	}
}

// Traced is Text with the id of the request, where AWS's support or CloudTrail can tell
// more about it.
func (a Answer) Traced() string {
	if a.RequestID == "" || !causes[a.Cause.Kind].traced && (a.Cause.Kind != "" || a.Cause.Service == "") {
		return a.Text()
	}
	return a.Text() + " (request " + a.RequestID + ")"
}

// Raw is what AWS or the SDK said, for -v and logs.
func (a Answer) Raw() string { return a.said() }

// said returns the answer in the words that it came with.
func (a Answer) said() string {
	switch {
	case a.Code == "":
		return a.Message
	case a.Message == "":
		return a.Code
	}
	return a.Code + ": " + a.Message
}

// causeTexts has the sentence of every kind.
var causeTexts = map[CauseKind]func(Answer) string{
	CauseExpired: func(a Answer) string {
		return fmt.Sprintf("the AWS credentials have expired (%s refused %s)", a.Cause.Service, a.Cause.Operation)
	},
	CauseNotFetched: func(a Answer) string {
		return "the AWS credentials could not be fetched: " + a.Cause.Detail
	},
	CauseUnknownCaller: func(a Answer) string {
		return fmt.Sprintf("%s does not know these AWS credentials: the access key or the session token is not valid%s",
			a.Cause.Service, within(a.Cause.Region))
	},
	CauseSignature: func(a Answer) string {
		return fmt.Sprintf("%s did not accept the signature of %s: %s", a.Cause.Service, a.Cause.Operation,
			cmp.Or(a.Cause.Detail, "AWS's message is left out, it may hold the session token"))
	},
	CauseScope: func(a Answer) string {
		return fmt.Sprintf("%s did not accept the signature of %s: it is for another Region or service than the "+
			"one at %s",
			a.Cause.Service, a.Cause.Operation, a.Cause.at())
	},
	CauseClock: func(a Answer) string {
		return fmt.Sprintf("%s refused %s for its date, which is too far from AWS's time%s", a.Cause.Service,
			a.Cause.Operation, bracketed(a.Cause.Detail))
	},
	CauseRegionDisabled: func(a Answer) string {
		return fmt.Sprintf("%s refused %s: the account has not enabled this Region%s", a.Cause.Service,
			a.Cause.Operation, bracketed(a.Cause.Region))
	},
	CauseDenied: deniedText,
	CauseThrottled: func(a Answer) string {
		if a.Code == "ProvisionedThroughputExceededException" {
			return fmt.Sprintf("%s is throttled: the table's capacity is used up", a.Cause.call())
		}
		return fmt.Sprintf("%s is throttled: there are too many such calls in this account and Region", a.Cause.call())
	},
	CauseQuota: func(a Answer) string {
		return fmt.Sprintf("%s refused %s: a quota is used up%s%s", a.Cause.Service, a.Cause.Operation,
			bracketed(quotas[a.Cause.Operation]), quoted(a.Message))
	},
	CauseKeyState: func(a Answer) string {
		return fmt.Sprintf("%s refused %s: the key is in a state that does not allow it%s", a.Cause.Service,
			a.Cause.Operation, quoted(a.Message))
	},
	CauseNotFound: func(a Answer) string {
		return fmt.Sprintf("%s knows no such %s%s", a.Cause.Service, thing(a.Cause.Service), quoted(a.Message))
	},
	CauseSchema: func(a Answer) string {
		return fmt.Sprintf("the table's primary key is not that of a lock table: it is another program's%s",
			quoted(a.Message))
	},
	CauseTrouble: func(a Answer) string {
		text := fmt.Sprintf("%s failed inside AWS (%s)", a.Cause.call(), a.Cause.answered(a.Code))
		if a.Cause.Foreign {
			text = fmt.Sprintf("%s failed at %s (%s)", a.Cause.call(), a.Cause.at(), a.Cause.answered(a.Code))
		}
		if a.Lacking() {
			return text + "; an emulator that does not have " + a.Cause.Operation + " answers so"
		}
		return text
	},
	CauseUnsupported: func(a Answer) string {
		if a.Cause.Service == stsName {
			return fmt.Sprintf("there is no STS at %s (%s)", a.Cause.at(), a.Cause.answered(a.Code))
		}
		return fmt.Sprintf("%s at %s does not have %s (%s)", a.Cause.Service, a.Cause.at(), a.Cause.Operation,
			a.Cause.answered(a.Code))
	},
	CauseForeign: func(a Answer) string {
		if a.Cause.Service == stsName && a.Cause.Foreign {
			return fmt.Sprintf("there is no STS at %s: it answered %s with %s", a.Cause.at(), a.Cause.Operation,
				a.Cause.page())
		}
		return fmt.Sprintf("this is not %s: %s answered %s with %s", a.Cause.Service, a.Cause.at(),
			a.Cause.Operation, a.Cause.page())
	},
	CauseUnreadable: func(a Answer) string {
		return fmt.Sprintf("the answer of %s to %s could not be read (%s)", a.Cause.Service, a.Cause.Operation,
			a.Cause.answered(""))
	},
	CauseHostUnknown: func(a Answer) string { return a.Cause.away("there is no such host") },
	CauseRefused:     func(a Answer) string { return a.Cause.away("nothing listens there") },
	CauseTLS:         func(a Answer) string { return a.Cause.away("TLS failed: " + a.Cause.Detail) },
	CauseTimeout:     func(a Answer) string { return a.Cause.away("it did not answer in time") },
	CauseUnreachable: func(a Answer) string { return a.Cause.away(a.Cause.Detail) },
	CauseInterrupted: func(a Answer) string { return a.Cause.call() + " was interrupted" },
}

const stsName = "STS"

// quotas says which quota a call may meet.
// https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
var quotas = map[string]string{
	"CreateKey":   "KMS keys in this account and Region",
	"CreateAlias": "aliases of one key",
	"CreateTable": "tables in this account and Region, or tables that are being made",
}

func deniedText(a Answer) string {
	d := a.Cause.Denial
	text := fmt.Sprintf("%s denied %s", a.Cause.Service, cmp.Or(d.Action, a.Cause.Operation))
	if d.Resource != "" && d.Resource != "*" {
		text += " on " + d.Resource
	}
	if d.Caller != "" {
		text += " to " + d.Caller
	}
	switch {
	case d.Policy == "":
		return strings.TrimSuffix(text+": "+a.Cause.Detail, ": ")
	case d.Explicit && d.PolicyARN != "":
		return fmt.Sprintf("%s: an explicit deny in %s %s", text, article(d.Policy), bracketed(d.PolicyARN)[1:])
	case d.Explicit:
		return text + ": an explicit deny in " + article(d.Policy)
	}
	return text + ": no " + d.Policy + " allows it"
}

// call names the call: "KMS CreateKey".
func (c Cause) call() string { return strings.TrimSpace(c.Service + " " + c.Operation) }

// at names where the call went.
func (c Cause) at() string {
	return cmp.Or(c.Endpoint, "AWS's endpoint"+within(c.Region))
}

// away describes a service that gave no answer.
func (c Cause) away(why string) string {
	return fmt.Sprintf("%s cannot be reached at %s: %s", cmp.Or(c.Service, "AWS"), c.at(), why)
}

// answered names the form of an answer: the error's code and the HTTP status.
func (c Cause) answered(code string) string {
	status := fmt.Sprintf("HTTP %d", c.Status)
	switch {
	case code != "":
		return code + ", " + status
	case c.HTML:
		return status + " and HTML"
	}
	return status
}

// page describes an answer that has no error code of AWS.
func (c Cause) page() string {
	if c.HTML {
		return fmt.Sprintf("HTML (HTTP %d)", c.Status)
	}
	if c.Status < 400 {
		return fmt.Sprintf("HTTP %d and no request id", c.Status)
	}
	return fmt.Sprintf("HTTP %d and no error code of AWS", c.Status)
}

func thing(service string) string {
	if service == "DynamoDB" {
		return "table"
	}
	return "key or alias"
}

func within(region string) string {
	if region == "" {
		return ""
	}
	return " in " + region
}

func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func quoted(message string) string {
	if message = strings.TrimSuffix(message, "."); message == "" {
		return ""
	}
	return ": " + message
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}
