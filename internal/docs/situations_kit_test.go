package docs

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// three has three keys in one table.
const three = keeping + "  - alias: alias/orders-index\n  - alias: alias/billing\n"

// operationOf returns the name of the API call that a request is.
func operationOf(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	return "GetCallerIdentity"
}

// at does something once the n-th call of an operation was answered.
func (w *world) at(operation string, n int, do func()) {
	w.answers = func(r *http.Request) (*http.Response, error) {
		if operationOf(r) != operation {
			return nil, nil
		}
		if n--; n != 0 {
			return nil, nil
		}
		w.answers = nil
		defer do()
		return w.box.RoundTripper().RoundTrip(r)
	}
}

// interruptedAt presses ^C once the n-th call of an operation was answered.
func (w *world) interruptedAt(operation string, n int) { w.at(operation, n, func() { w.cancel() }) }

// killed runs a command and kills it: the n-th call of an operation has its effect,
// and after it none comes from that process.
func (w *world) killed(operation string, n int, line string) {
	w.t.Helper()
	dead := false
	w.at(operation, n, func() {
		dead = true
		w.answers = func(*http.Request) (*http.Response, error) { return nil, errors.New("killed") }
		w.cancel()
	})
	w.run(words(line)...)
	if w.answers = nil; !dead {
		w.t.Fatalf("keyturn %s has made no %d calls of %s", line, n, operation)
	}
}

// refuse has calls of an operation refused.
func refuse(service, operation, code string) sandbox.Fault {
	return sandbox.Fault{Service: service, Operation: operation, Kind: sandbox.Refuse, Code: code, Message: "refused"}
}

// says has every call refused in AWS's own words.
func says(code, message string) sandbox.Fault {
	f := refuse("", "", code)
	f.Message = message
	return f
}

// unwritable denies writes to the record.
func (w *world) unwritable() {
	w.fault(refuse("dynamodb", "UpdateItem", "AccessDeniedException"),
		refuse("dynamodb", "PutItem", "AccessDeniedException"))
}

// goOutside has keyturn look for AWS where these variables say, on a machine that has
// neither credentials nor profiles.
func (w *world) goOutside(variables ...string) {
	w.outside = true
	for _, name := range append(sandbox.UnsetEnv(), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_STS",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE") {
		w.t.Setenv(name, "")
	}
	w.t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	w.t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	w.t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		w.t.Setenv(name, value)
	}
}

// answer returns what a server that is not AWS says.
func answer(status int, kind, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1,
			ProtoMinor: 1, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)), Request: r}, nil
	}
}

// full is a stream that nothing can be written to, such as /dev/full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// heldOften makes more events than the record keeps.
func (w *world) heldOften() {
	for range 34 {
		w.must(0, "hold orders-data --reason again")
		w.advance(time.Minute)
	}
}

// threeAdopted has three keys under management, and threeRotated rotates them.
func threeAdopted(w *world) {
	found(w)
	for _, alias := range []string{"alias/orders-index", "alias/billing"} {
		w.createAlias(alias, w.newKey())
	}
	w.must(0, "run")
}

func threeRotated(w *world) {
	threeAdopted(w)
	w.advance(quarter)
	for _, key := range []string{"orders-data", "orders-index", "billing"} {
		w.must(0, "run --key "+key) // all at once, the pauses of each are drawn in another order each time
	}
	w.advance(day)
}
