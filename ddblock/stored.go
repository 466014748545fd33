package ddblock

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gowebpki/jcs"

	"github.com/keyturn/keyturn/plan"
)

// Stored returns the table with a Read that keeps each event as it is stored, which costs
// time: a check of the chain needs it, and a run does not.
func (t *Table) Stored() *Table {
	keeping := *t
	keeping.stored = true
	return &keeping
}

// link chains the newest event of a record to the one before it, before the record is
// written. If the event is that of a claim, the claim gets its hash.
func link(r *plan.Record) error {
	n := len(r.Events)
	if n == 0 || r.Events[n-1].Rev != r.Rev {
		return nil
	}
	newest := &r.Events[n-1]
	if n > 1 && newest.Prev == (plan.Link{}) {
		before, err := storedForm(r.Events[n-2])
		if err != nil {
			return err
		}
		newest.Prev = plan.Link{Rev: r.Events[n-2].Rev, Hash: plan.HashOf(before)}
	}
	var err error
	if newest.Stored, err = storedForm(*newest); err != nil {
		return err
	}
	if r.Claim != nil && newest.Is(plan.EventClaim) {
		r.Claim.Head = newest.Hash()
	}
	return nil
}

// storedForm returns an event as a write stores it.
func storedForm(e plan.Event) (string, error) {
	f := writing()
	events(f, &[]plan.Event{e})
	return canonical(f.attrs["events"].(*types.AttributeValueMemberL).Value[0], f.attrs["who"])
}

// keepStored sets what is stored of events that were read from an item.
func keepStored(f *fields, es []plan.Event) {
	list, ok := f.attrs["events"].(*types.AttributeValueMemberL)
	if !ok || f.trouble.what != "" {
		return
	}
	for i := range es {
		var err error
		if es[i].Stored, err = canonical(list.Value[i], f.attrs["who"]); err != nil {
			f.fail(placeIn("events", i), "%v", err)
		}
		if inner, ok := list.Value[i].(*types.AttributeValueMemberM); ok && len(es[i].Replaced) > 0 {
			in := f.inside("events", i, map[string]types.AttributeValue{
				"events": inner.Value["replaced"], "who": f.attrs["who"]})
			keepStored(&in, es[i].Replaced)
		}
	}
}

// canonical returns an event in the form whose hash the event after it names: the
// attributes in DynamoDB's JSON, unknown ones included, with who acted inside it, by
// RFC 8785.
func canonical(event, who types.AttributeValue) (string, error) {
	runs, _ := who.(*types.AttributeValueMemberM)
	text, err := json.Marshal(attributes(event, runs))
	if err != nil {
		return "", err
	}
	text, err = jcs.Transform(text)
	return string(text), err
}

// attributes returns the attributes of an event in DynamoDB's JSON. Its actor stands
// beside the events and not in them, so it is put in here: into those that a rebuild
// replaced, too.
func attributes(event types.AttributeValue, runs *types.AttributeValueMemberM) map[string]any {
	e, ok := event.(*types.AttributeValueMemberM)
	if !ok {
		return nil
	}
	all := make(map[string]any, len(e.Value)+1)
	for name, value := range e.Value {
		all[name] = typedJSON(value)
	}
	if replaced, ok := e.Value["replaced"].(*types.AttributeValueMemberL); ok {
		list := []any{}
		for _, r := range replaced.Value {
			list = append(list, map[string]any{"M": attributes(r, runs)})
		}
		all["replaced"] = map[string]any{"L": list}
	}
	if run, ok := e.Value["run"].(*types.AttributeValueMemberS); ok && runs != nil {
		if who := runs.Value[run.Value]; who != nil {
			all["who"] = typedJSON(who)
		}
	}
	return all
}

// typedJSON returns a value in DynamoDB's JSON, {"N": "7"}. The SDK does not have it.
// Sets are sorted: they have no order of their own.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
func typedJSON(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberM:
		m := make(map[string]any, len(v.Value))
		for name, inner := range v.Value {
			m[name] = typedJSON(inner)
		}
		return map[string]any{"M": m}
	case *types.AttributeValueMemberL:
		l := make([]any, len(v.Value))
		for i, inner := range v.Value {
			l[i] = typedJSON(inner)
		}
		return map[string]any{"L": l}
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value} // base64, as json.Marshal has bytes
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": slices.Sorted(slices.Values(v.Value))}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": slices.Sorted(slices.Values(v.Value))}
	case *types.AttributeValueMemberBS:
		texts := make([]string, len(v.Value))
		for i, b := range v.Value {
			texts[i] = base64.StdEncoding.EncodeToString(b)
		}
		return map[string]any{"BS": slices.Sorted(slices.Values(texts))}
	}
	return map[string]any{"NULL": true}
}
