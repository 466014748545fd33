package wave

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Calls is what came of the calls of one operation.
type Calls struct {
	Yes, Throttled int
	// Second are conditional writes that came second.
	Second int
	// No are refusals of any other kind.
	No int
}

// All returns how many calls there were.
func (c Calls) All() int { return c.Yes + c.Throttled + c.Second + c.No }

func (c Calls) plus(d Calls) Calls {
	return Calls{c.Yes + d.Yes, c.Throttled + d.Throttled, c.Second + d.Second, c.No + d.No}
}

// Count has the calls of a wave by operation, as "kms:CreateKey".
type Count map[string]Calls

// add takes in one answer.
func (c Count) add(operation string, r *http.Response) {
	var one Calls
	switch code := errorCode(r); {
	case r.StatusCode/100 == 2:
		one.Yes = 1
	case code == "ThrottlingException", code == "ProvisionedThroughputExceededException":
		one.Throttled = 1
	case code == "ConditionalCheckFailedException":
		one.Second = 1
	default:
		one.No = 1
	}
	c[operation] = c[operation].plus(one)
}

// operationOf returns the operation of a request.
func operationOf(r *http.Request) string {
	prefix, name, named := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case !named:
		return "sts:GetCallerIdentity"
	case prefix == "TrentService":
		return "kms:" + name
	}
	return "dynamodb:" + name
}

// errorCode returns the code of a refusal, without its namespace.
func errorCode(r *http.Response) string {
	if r.StatusCode/100 == 2 {
		return ""
	}
	var said struct {
		Type string `json:"__type"`
	}
	body, _ := io.ReadAll(r.Body) // it is in memory
	r.Body = io.NopCloser(bytes.NewReader(body))
	_ = json.Unmarshal(body, &said)
	return said.Type[strings.LastIndex(said.Type, "#")+1:]
}

// changes are the operations with which a run changes KMS.
var changes = []string{"kms:CreateKey", "kms:CreateAlias", "kms:UpdateAlias", "kms:EnableKeyRotation",
	"kms:DisableKey", "kms:EnableKey", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"}

// Changes sums the calls that change KMS.
func (c Count) Changes() Calls { return c.sum(changes...) }

// Reads sums the reads of the table.
func (c Count) Reads() Calls {
	return c.sum("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
}

// Writes sums the writes of the table.
func (c Count) Writes() Calls { return c.sum("dynamodb:UpdateItem", "dynamodb:PutItem") }

// Looks sums the calls that read KMS.
func (c Count) Looks() (sum Calls) {
	for operation := range c {
		if strings.HasPrefix(operation, "kms:") && !slices.Contains(changes, operation) {
			sum = sum.plus(c[operation])
		}
	}
	return sum
}

// Operations returns the names of all operations, sorted.
func (c Count) Operations() []string { return slices.Sorted(maps.Keys(c)) }

func (c Count) sum(operations ...string) (sum Calls) {
	for _, operation := range operations {
		sum = sum.plus(c[operation])
	}
	return sum
}
