package ddblock

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

const tableName = "keyturn"

// world is the embedded AWS, a real client of it, and the network between, in a
// synctest bubble where no time passes.
type world struct {
	*testing.T
	aws    *sandbox.Sandbox
	client *awsddb.Client
	net    *network
	*Table
}

// inWorld runs a test in a world that has the table already.
func inWorld(t *testing.T, test func(w *world)) {
	inEmptyWorld(t, func(w *world) {
		if _, err := w.Create(w.Context(), CreateOptions{}); err != nil {
			w.Fatal(err)
		}
		w.net.forget()
		test(w)
	})
}

func inEmptyWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		box, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, aws: box, net: &network{next: box.RoundTripper()}}
		cfg := box.AWSConfig("", "")
		cfg.HTTPClient = &http.Client{Transport: w.net}
		cfg.RetryMaxAttempts = awscall.Attempts
		w.client = awsddb.NewFromConfig(cfg)
		w.Table = New(w.client, tableName)
		test(w)
	})
}

// faults replaces what goes wrong in DynamoDB.
func (w *world) faults(faults ...sandbox.Fault) {
	w.Helper()
	if err := w.aws.SetSwitches(sandbox.Switches{Faults: faults}); err != nil {
		w.Fatal(err)
	}
}

// mustWrite writes and returns what was written.
func (w *world) mustWrite(old, next *plan.Record) *plan.Record {
	w.Helper()
	if err := w.Write(w.Context(), old, next); err != nil {
		w.Fatal(err)
	}
	unstored(next.Events)
	return next
}

// stored returns the record as it stands, nil if there is none.
func (w *world) stored() *plan.Record {
	w.Helper()
	found, err := w.Read(w.Context(), []string{theKey})
	if err != nil {
		w.Fatal(err)
	}
	return found[theKey]
}

// raw returns the item as it stands, read behind the back of this package.
func (w *world) raw(sort string) item {
	w.Helper()
	out, err := w.client.GetItem(w.Context(), &awsddb.GetItemInput{TableName: aws.String(tableName),
		Key: primaryKey(theKey, sort)})
	if err != nil {
		w.Fatal(err)
	}
	return out.Item
}

func (w *world) putRaw(it item) {
	w.Helper()
	if it[itemAttr] == nil {
		it[itemAttr] = textValue(recordItem)
	}
	in := &awsddb.PutItemInput{TableName: aws.String(tableName), Item: it}
	if _, err := w.client.PutItem(w.Context(), in); err != nil {
		w.Fatal(err)
	}
	w.net.forget()
}

// encoded returns the item of a record, to be changed and put raw.
func (w *world) encoded(r *plan.Record) item {
	w.Helper()
	it, _, err := encode(r)
	if err != nil {
		w.Fatal(err)
	}
	return it
}

// wantChanged wants a *ChangedError and returns the record in it.
func (w *world) wantChanged(err error) *plan.Record {
	w.Helper()
	changed, ok := errors.AsType[*ChangedError](err)
	if !ok {
		w.Fatalf("got %v, not a ChangedError", err)
	}
	return changed.Current
}

// network passes requests on, keeps them, and changes documents on their way
// to show what the embedded AWS never does by itself.
type network struct {
	next    http.RoundTripper
	mu      sync.Mutex
	sent    []request
	answers map[string]func(answer map[string]any)                                 // by operation: changes answers
	asks    map[string]func(ask map[string]any) (undo func(answer map[string]any)) // changes requests
}

type request struct {
	operation string
	document  map[string]any
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var document map[string]any
	if err := json.Unmarshal(body, &document); err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.sent = append(n.sent, request{operation, document})
	change, ask := n.answers[operation], n.asks[operation]
	n.mu.Unlock()
	if ask != nil {
		change = ask(document)
		if body, err = json.Marshal(document); err != nil {
			return nil, err
		}
	}
	passed := r.Clone(r.Context())
	passed.Body, passed.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response, err := n.next.RoundTrip(passed)
	if err != nil || change == nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	return response, rewrite(response, change)
}

func rewrite(response *http.Response, change func(map[string]any)) error {
	var document map[string]any
	if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
		return err
	}
	change(document)
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	response.Header.Del("X-Amz-Crc32") // of what it was
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

// answer sets how the answers to an operation are changed; nil leaves them.
func (n *network) answer(operation string, change func(map[string]any)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answers = map[string]func(map[string]any){operation: change}
}

// ask sets how the requests of an operation are changed, and then its answers.
func (n *network) ask(operation string, change func(map[string]any) func(map[string]any)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asks = map[string]func(map[string]any) func(map[string]any){operation: change}
}

func (n *network) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent = nil
}

// operations returns what was sent since forget, as in "PutItem UpdateItem".
func (n *network) operations() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var names []string
	for _, r := range n.sent {
		names = append(names, r.operation)
	}
	return strings.Join(names, " ")
}

// times is s said n times, for comparison with operations.
func times(n int, s string) string { return strings.TrimSuffix(strings.Repeat(s+" ", n), " ") }
