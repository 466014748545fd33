package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// wire is the embedded AWS on a real network. It counts what reaches it.
type wire struct {
	*cloud
	mu          sync.Mutex
	requests    map[string]int // by operation
	connections int
	keys        int // that were asked for
	// keep is how many keys of a request are left unprocessed; process is how many of
	// its answers are cut so.
	keep, process int
}

func newWire(t *testing.T) *wire {
	w := &wire{cloud: emptyCloud(t), requests: map[string]int{}}
	server := httptest.NewUnstartedServer(w)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			w.mu.Lock()
			w.connections++
			w.mu.Unlock()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	for _, v := range sandbox.Env(strings.TrimPrefix(server.URL, "http://"), "eu-west-1") {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	w.adopt()
	return w
}

func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.requests[operation]++
	cut := operation == "BatchGetItem" && w.process > 0
	if cut {
		w.process--
	}
	w.mu.Unlock()
	if operation != "BatchGetItem" {
		w.box.ServeHTTP(out, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	w.box.ServeHTTP(answer, r)
	said := answer.Body.Bytes()
	var asked struct {
		RequestItems map[string]struct{ Keys []json.RawMessage }
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		panic(err)
	}
	keys := asked.RequestItems["keyturn"].Keys
	w.mu.Lock()
	w.keys += len(keys)
	w.mu.Unlock()
	if cut {
		said = leaveUnprocessed(said, keys[:min(w.keep, len(keys)-1)])
	}
	for name, values := range answer.Header() {
		if name != "Content-Length" && name != "X-Amz-Crc32" {
			out.Header()[name] = values
		}
	}
	out.Header().Set("Content-Length", fmt.Sprint(len(said)))
	_, _ = out.Write(said)
}

// leaveUnprocessed moves keys of an answer to those that DynamoDB did not read.
func leaveUnprocessed(said []byte, keys []json.RawMessage) []byte {
	var answer map[string]any
	if err := json.Unmarshal(said, &answer); err != nil {
		panic(err)
	}
	var items []any
	for _, item := range answer["Responses"].(map[string]any)["keyturn"].([]any) {
		left := false
		for _, k := range keys {
			key, _ := json.Marshal(item.(map[string]any)["key"])
			left = left || bytes.Contains(k, key)
		}
		if !left {
			items = append(items, item)
		}
	}
	answer["Responses"] = map[string]any{"keyturn": items}
	answer["UnprocessedKeys"] = map[string]any{"keyturn": map[string]any{"Keys": keys, "ConsistentRead": true}}
	said, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	return said
}

// plan writes a plan of n keys, each with a copy of the record of orders-data.
func (w *wire) many(n int) {
	w.t.Helper()
	api := w.table()
	out, err := api.GetItem(w.t.Context(), &awsddb.GetItemInput{TableName: aws.String("keyturn"),
		Key: itemOf("orders-data", "record")})
	if err != nil {
		w.t.Fatal(err)
	}
	out.Item["novel"] = text(strings.Repeat("a newer keyturn wrote this ", 200)) // 5 kB: answers are large
	arn := out.Item["alias_arn"].(*types.AttributeValueMemberS).Value
	plan := strings.TrimSuffix(onePlan, "  - alias: alias/orders-data\n")
	for i := range n {
		alias := fmt.Sprintf("alias/k%05d", i)
		plan += "  - alias: " + alias + "\n"
		out.Item["key"] = text("eu-west-1/" + alias)
		out.Item["alias_arn"] = text(strings.TrimSuffix(arn, "alias/orders-data") + alias)
		if _, err := api.PutItem(w.t.Context(), &awsddb.PutItemInput{TableName: aws.String("keyturn"),
			Item: out.Item}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := os.WriteFile(w.plan, []byte(plan), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// A run with nothing due makes one request for 100 keys, and one more for each answer
// that leaves some unprocessed, and nothing else: over no more connections than it makes
// requests at once. (smithy-go closes its own connection while it reads a large answer,
// and asks again over a new one, if the body has more than Read and Close.)
func TestNothingDueAtTheWire(t *testing.T) {
	w := newWire(t)
	for _, c := range []struct{ keys, left, answers, want int }{
		{1, 0, 0, 1}, {100, 0, 0, 1}, {101, 0, 0, 2}, {250, 0, 0, 3}, {1200, 0, 0, 12},
		{2, 1, 1, 2}, {250, 7, 1, 4}, {250, 99, 3, 6}, {1200, 40, 5, 17},
	} {
		t.Run(fmt.Sprintf("%d keys, %d answers leave %d", c.keys, c.answers, c.left), func(t *testing.T) {
			w.many(c.keys)
			w.mu.Lock()
			w.requests, w.connections, w.keys, w.keep, w.process = map[string]int{}, 0, 0, c.left, c.answers
			w.mu.Unlock()
			p, exit := w.run("run")
			if exit != 0 || p.out.Len()+p.err.Len() > 0 {
				t.Fatalf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.requests) != 1 || w.requests["BatchGetItem"] != c.want {
				t.Errorf("%v, and %d BatchGetItem are needed", w.requests, c.want)
			}
			if most := min((c.keys+99)/100, 3); w.connections > most {
				t.Errorf("%d connections for %d requests at once", w.connections, most)
			}
		})
	}
}
