package ddbapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// An answer is at most 16 MB: 41 items of 400 KB are more. (From inside, for
// to read and write so much JSON would take seconds.)
func TestBatchGetSize(t *testing.T) {
	s := New("123456789012")
	here := place{s.account, "eu-west-1", "pool"}
	s.tables[here] = &table{place: here, schema: schema{hash: keyAttribute{"key", attr.S}}, items: newItems()}
	big := attr.String(strings.Repeat("x", attr.MaxItemSize-10))
	var keys []attr.Item
	for i := range 42 {
		k := key{hash: attr.String(fmt.Sprintf("k%02d", i))}
		s.tables[here].items.put(k, attr.Item{"key": k.hash, "x": big})
		keys = append(keys, attr.Item{"key": k.hash})
	}
	answer, err := s.batchGetItem(wire.Call{Region: here.region, Account: here.account},
		batchGetItemInput{RequestItems: map[string]keysAndAttributes{"pool": {Keys: keys}}})
	if err != nil {
		t.Fatal(err)
	}
	out := answer.Body.(batchGetItemOutput)
	if got, left := len(out.Responses["pool"]), len(out.UnprocessedKeys["pool"].Keys); got != 40 || left != 2 {
		t.Errorf("%d items and %d keys left, want 40 and 2", got, left)
	}
}
