package docs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// withChains are tamperings with the chain of the ledger and its seals.
var withChains = []tampering{
	{name: "the reason of an event in the ledger rewritten", finds: "ledger-rewritten",
		do: inLedger(func(w *world, e, _ item) { e["reason"] = text("as agreed") })},
	{name: "the time of an event in the ledger rewritten", finds: "ledger-rewritten, record-edited",
		do: inLedger(func(w *world, e, _ item) { e["at"] = w.ago(200 * day) })},
	{name: "the actor of an event in the ledger rewritten", finds: "ledger-rewritten",
		do: inLedger(func(w *world, _, who item) {
			who["by"] = text("arn:aws:sts::111122223333:assumed-role/somebody/else")
		})},
	{name: "the blame for a run in the ledger put on another host", finds: "ledger-rewritten",
		do: inLedger(func(w *world, _, who item) { who["host"] = text("another") })},
	{name: "a request id in the ledger rewritten", finds: "ledger-rewritten",
		do: inLedger(func(w *world, e, _ item) {
			e["calls"].(*ddbtypes.AttributeValueMemberL).Value[0].(itemMap).Value["request_id"] = text("another")
		})},
	{name: "an unknown attribute put into an event of the ledger", finds: "ledger-rewritten",
		do: inLedger(func(w *world, e, _ item) { e["approved"] = text("yes") })},
	{name: "the link of an event in the ledger changed", finds: "ledger-rewritten",
		do: inLedger(func(w *world, e, _ item) { e["prev"] = text(hashOf([]byte("another"))) })},
	{name: "the link of an event in the ledger taken out", finds: "ledger-rewritten",
		do: inLedger(func(w *world, e, _ item) { delete(e, "prev") })},
	{name: "an event in the ledger rewritten, and all after it linked again", finds: "seal-broken",
		do: func(w *world) { w.chainAgain(20) }},
	{name: "all events linked again, and the claims not told", finds: "seal-broken",
		do: forged(func(e item) {
			if isClaim(e) {
				setKind(e, "note")
			}
		})},
	{name: "all events linked again, and the claims told as rollbacks", finds: "seal-broken",
		do: forged(func(e item) {
			if isClaim(e) {
				list := e["kind"].(*ddbtypes.AttributeValueMemberL)
				list.Value = append(list.Value, text("by-rollback"))
			}
		})},
	{name: "all events linked again, and the keys made not told", finds: "seal-broken",
		do: forged(func(e item) {
			if makes(e) {
				delete(e, "key_id")
			}
		})},
	{name: "all events linked again, and other keys told", finds: "record-edited, seal-broken",
		do: forged(func(e item) {
			if makes(e) {
				e["key_id"] = text("00000000-0000-0000-0000-000000000000")
			}
		})},
	{name: "all events linked again, and other claims told", finds: "record-edited, seal-broken",
		do: forged(func(e item) {
			if makes(e) {
				e["claim"] = text("another")
			}
		})},
	{name: "the ledger deleted, and the record's events told as a rebuild",
		finds: "ledger-behind (warning), seal-broken",
		do: func(w *world) {
			for _, it := range w.ledgerItems() {
				w.drop(it)
			}
			first := true
			w.forge(func(e item) {
				if first {
					delete(e, "prev")
					setKind(e, "rebuild")
				}
				first = false
			})
		}},
	{name: "who acted moved into the events of an item", finds: "ledger-rewritten", do: movedIn},
	{name: "a second actor put into an event of the ledger", finds: "ledger-rewritten",
		do: inLedger(func(_ *world, e, _ item) { e["who"] = text("somebody") })},
	{name: "a second telling put into the ledger, in another form", finds: "ledger-differs",
		do: twice(func(e item) { e["reason"] = text("") })},
	{name: "the seal of the live version changed", finds: "seal-broken",
		do: tag(alias, "keyturn:ledger", hashOf([]byte("another")))},
	{name: "the seal of a disabled version changed", finds: "seal-broken",
		do: tag(alias+"/v5", "keyturn:ledger", hashOf([]byte("another")))},
	{name: "the seal of the live version taken away", finds: "version-tags", do: untag(alias, "keyturn:ledger")},
	{name: "record and ledger deleted, and made again from KMS", finds: "record-lost, seal-broken",
		do: func(w *world) {
			w.deleteItems("record")
			w.deleteItems("event")
			w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
			w.must(0, "release orders-data")
			w.advance(11 * day)
			w.must(0, "run --key orders-data")
		}},
	{name: "the seal in the claim changed", finds: "record-edited",
		do: record(func(w *world, r item) { r["claim"].(itemMap).Value["head"] = text(hashOf([]byte("another"))) })},
}

// inLedger changes an event that records calls, and its actor, in the middle of the ledger
// of orders-data.
func inLedger(change func(w *world, e, who item)) func(*world) {
	return func(w *world) {
		items := w.ledgerItems()
		it := items[len(items)/2]
		for _, v := range it["events"].(*ddbtypes.AttributeValueMemberL).Value {
			e := v.(itemMap).Value
			if e["calls"] == nil {
				continue
			}
			change(w, e, it["who"].(itemMap).Value[e["run"].(*ddbtypes.AttributeValueMemberS).Value].(itemMap).Value)
			w.put(it)
			return
		}
		w.t.Fatal("no event with calls")
	}
}

// chainAgain rewrites the event of a revision, and links all after it again, in the ledger
// and in the record. It computes the hashes as docs/record.md says, without keyturn.
func (w *world) chainAgain(rev int) {
	w.t.Helper()
	items := w.ledgerItems()
	hashes := map[int]string{}
	chain := func(it item) {
		claim := it["claim"]
		for _, v := range it["events"].(*ddbtypes.AttributeValueMemberL).Value {
			e := v.(itemMap).Value
			n, err := strconv.Atoi(e["rev"].(*ddbtypes.AttributeValueMemberN).Value)
			w.check(err)
			if n == rev {
				e["reason"] = text("as agreed")
			}
			if before, ok := hashes[n-1]; ok && n > rev {
				e["prev"] = text(before)
			}
			hashes[n] = hashOf(inlined(e, it["who"]))
			if m, ok := claim.(itemMap); ok && n > rev && bytes.Contains(inlined(e, nil), []byte(`{"S":"claim"}`)) {
				m.Value["head"] = text(hashes[n])
			}
		}
		w.put(it)
	}
	for _, it := range items {
		chain(it)
	}
	w.rewrite(alias, "record", chain)
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// inlined returns an event in DynamoDB's JSON, with its actor. All names and values of a
// test are such that encoding/json writes what RFC 8785 asks for.
func inlined(e item, who value) []byte {
	all := typedJSON(&ddbtypes.AttributeValueMemberM{Value: e}).(map[string]any)["M"].(map[string]any)
	if runs, ok := who.(itemMap); ok {
		all["who"] = typedJSON(runs.Value[e["run"].(*ddbtypes.AttributeValueMemberS).Value])
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all); err != nil {
		panic(err) // it is plain data
	}
	return bytes.TrimSpace(b.Bytes())
}

// typedJSON returns a value in DynamoDB's JSON, as the aws CLI prints it.
func typedJSON(v value) any {
	switch v := v.(type) {
	case *ddbtypes.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *ddbtypes.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *ddbtypes.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *ddbtypes.AttributeValueMemberL:
		list := []any{}
		for _, inner := range v.Value {
			list = append(list, typedJSON(inner))
		}
		return map[string]any{"L": list}
	case itemMap:
		m := map[string]any{}
		for name, inner := range v.Value {
			m[name] = typedJSON(inner)
		}
		return map[string]any{"M": m}
	}
	panic("no test has such a value")
}
