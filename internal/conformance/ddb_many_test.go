package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (w *world) batch(keys []item) (*awsddb.BatchGetItemOutput, error) {
	return w.ddb.BatchGetItem(w.ctx, &awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		*w.shared(): {Keys: keys, ConsistentRead: aws.Bool(true)}}})
}

// keys of n items that are not there.
func nowhere(n int) []item {
	prefix := name()
	keys := make([]item, n)
	for i := range keys {
		keys[i] = at(fmt.Sprintf("%s-%d", prefix, i), "record")
	}
	return keys
}

var batchRows = []row{
	{name: "BatchGetItem: 100 keys, what is there comes back", doc: ddbAPI + "BatchGetItem.html",
		want: "ok 2 items, 0 unprocessed", do: func(w *world) string {
			out, err := w.batch(append(nowhere(98), w.record(), w.record()))
			if err != nil {
				return code(err)
			}
			return said(nil, len(out.Responses[*w.shared()]), "items,", len(out.UnprocessedKeys), "unprocessed")
		}},
	{name: "BatchGetItem: 101 keys", doc: ddbAPI + "BatchGetItem.html", want: "ValidationException",
		do: func(w *world) string {
			_, err := w.batch(nowhere(101))
			return said(err)
		}},
	{name: "BatchGetItem: a key twice", doc: ddbAPI + "BatchGetItem.html", want: "ValidationException",
		do: func(w *world) string {
			key := w.record()
			_, err := w.batch([]item{key, key})
			return said(err)
		}},
	{name: "BatchGetItem: no such table", doc: ddbAPI + "BatchGetItem.html", want: "ResourceNotFoundException",
		do: func(w *world) string {
			_, err := w.ddb.BatchGetItem(w.ctx,
				&awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{name(): {Keys: nowhere(1)}}})
			return said(err)
		}},
	{name: "BatchGetItem: over 16 MB, the rest is unprocessed and asked again", doc: ddbAPI + "BatchGetItem.html",
		want: "ok some at first, all 50 in the end", do: func(w *world) string {
			keys := nowhere(50)
			fill := text(strings.Repeat("x", 390_000))
			for _, k := range keys {
				w.put(with(k, item{"fill": fill}))
			}
			return w.allOf(keys)
		}},
}

// allOf reads until nothing is unprocessed, and describes how that went.
func (w *world) allOf(keys []item) string {
	ask := map[string]types.KeysAndAttributes{*w.shared(): {Keys: keys, ConsistentRead: aws.Bool(true)}}
	found, first := 0, -1
	for range 60 {
		out, err := w.ddb.BatchGetItem(w.ctx, &awsddb.BatchGetItemInput{RequestItems: ask})
		if err != nil {
			return code(err)
		}
		found += len(out.Responses[*w.shared()])
		if first < 0 {
			first = found
		}
		if ask = out.UnprocessedKeys; len(ask) == 0 {
			break
		}
		if left := ask[*w.shared()]; !aws.ToBool(left.ConsistentRead) {
			return said(nil, "what is left is no longer to be read consistently")
		}
	}
	at := "some"
	if first == len(keys) {
		at = "all"
	}
	return said(nil, at, "at first, all", found, "in the end")
}

// ledger puts n events and a record beside them.
func (w *world) ledger(n int) string {
	key := name()
	for i := range n {
		w.put(with(at(key, fmt.Sprintf("event#%010d", i+1)), item{"rev": number(i + 1)}))
	}
	w.put(with(at(key, "record"), item{"rev": number(n)}))
	return key
}

// query reads the events of a key, page by page, and shows their sort keys.
func (w *world) query(key, condition string, values item, forward bool, limit int32) string {
	in := &awsddb.QueryInput{TableName: w.shared(), KeyConditionExpression: aws.String("#key = :key AND " + condition),
		ConsistentRead:            aws.Bool(true),
		ExpressionAttributeNames:  map[string]string{"#key": "key", "#item": "item"},
		ExpressionAttributeValues: with(item{":key": text(key)}, values), ScanIndexForward: &forward}
	if limit > 0 {
		in.Limit = &limit
	}
	var found []string
	pages := 0
	for range 20 {
		out, err := w.ddb.Query(w.ctx, in)
		if err != nil {
			return code(err)
		}
		pages++
		for _, it := range out.Items {
			sort, _ := it["item"].(*types.AttributeValueMemberS)
			found = append(found, strings.TrimLeft(strings.TrimPrefix(sort.Value, "event#"), "0"))
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			break
		}
	}
	if limit > 0 && pages <= len(found)/int(limit)-1 {
		return said(nil, slices.Concat([]string{"fewer pages"}, found))
	}
	return said(nil, strings.Join(found, " "))
}

var queryRows = []row{
	{name: "Query: begins_with, in order, without the record", doc: ddbAPI + "Query.html", want: "ok 1 2 3",
		do: func(w *world) string {
			return w.query(w.ledger(3), "begins_with(#item, :p)", item{":p": text("event#")}, true, 0)
		}},
	{name: "Query: BETWEEN takes both ends", doc: ddbGuide + "Query.KeyConditionExpressions.html", want: "ok 2 3 4",
		do: func(w *world) string {
			return w.query(w.ledger(5), "#item BETWEEN :a AND :b",
				item{":a": text("event#0000000002"), ":b": text("event#0000000004")}, true, 0)
		}},
	{name: "Query: backwards", doc: ddbAPI + "Query.html", want: "ok 3 2 1", do: func(w *world) string {
		return w.query(w.ledger(3), "begins_with(#item, :p)", item{":p": text("event#")}, false, 0)
	}},
	{name: "Query: in pages", doc: ddbGuide + "Query.Pagination.html", want: "ok 1 2 3 4 5", do: func(w *world) string {
		return w.query(w.ledger(5), "begins_with(#item, :p)", item{":p": text("event#")}, true, 2)
	}},
	{name: "Query: a partition that is not there", doc: ddbAPI + "Query.html", want: "ok", do: func(w *world) string {
		return w.query(name(), "begins_with(#item, :p)", item{":p": text("event#")}, true, 0)
	}},
}
