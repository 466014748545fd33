package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const both = "#rev = :old_rev AND #op = :old_op"

// record puts a small one and returns its key.
func (w *world) record() item {
	key := at(name(), "record")
	w.put(with(key, item{"rev": number(7), "op": text("a"),
		"novel": &types.AttributeValueMemberM{Value: item{"x": text("y")}}}))
	return key
}

// rewrite writes as ddblock does: on the condition that rev and op are as given.
func (w *world) rewrite(key item, rev int, op string, allOld bool) error {
	return w.update(key, "SET #rev = :rev, #op = :op", both,
		item{":old_rev": number(rev), ":old_op": text(op), ":rev": number(rev + 1), ":op": text("b")}, allOld)
}

// putOnce is PutItem of what must not be there yet.
func (w *world) putOnce(it item, allOld bool) error {
	in := &awsddb.PutItemInput{TableName: w.shared(), Item: it,
		ConditionExpression:      aws.String("attribute_not_exists(#key)"),
		ExpressionAttributeNames: map[string]string{"#key": "key"}}
	if allOld {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	_, err := w.ddb.PutItem(w.ctx, in)
	return err
}

// conditionRows: a failed condition shows what is there.
var conditionRows = []row{
	{name: "PutItem: attribute_not_exists, and it does not", doc: ddbAPI + "PutItem.html", want: "ok rev=1",
		do: func(w *world) string {
			key := at(name(), "record")
			return said(w.putOnce(with(key, item{"rev": number(1)}), true), show(w.get(key)))
		}},
	{name: "PutItem: attribute_not_exists, and it does, ALL_OLD", doc: ddbAPI + "PutItem.html",
		want: "ConditionalCheckFailedException, novel={x=y} op=a rev=7", do: func(w *world) string {
			return failed(w.putOnce(w.record(), true))
		}},
	{name: "PutItem: attribute_not_exists looks at one item, not at the partition",
		doc: ddbGuide + "Expressions.ConditionExpressions.html", want: "ok", do: func(w *world) string {
			return said(w.putOnce(with(w.record(), item{"item": text("event#0000000001")}), true))
		}},
	{name: "UpdateItem: rev and op are as wanted", doc: ddbAPI + "UpdateItem.html", want: "ok novel={x=y} op=b rev=8",
		do: func(w *world) string {
			key := w.record()
			return said(w.rewrite(key, 7, "a", true), show(w.get(key)))
		}},
	{name: "UpdateItem: another rev, ALL_OLD", doc: ddbAPI + "UpdateItem.html",
		want: "ConditionalCheckFailedException, novel={x=y} op=a rev=7", do: func(w *world) string {
			return failed(w.rewrite(w.record(), 6, "a", true))
		}},
	{name: "UpdateItem: another op, ALL_OLD", doc: ddbAPI + "UpdateItem.html",
		want: "ConditionalCheckFailedException, novel={x=y} op=a rev=7", do: func(w *world) string {
			return failed(w.rewrite(w.record(), 7, "z", true))
		}},
	{name: "UpdateItem: another rev, without ALL_OLD", doc: ddbAPI + "UpdateItem.html",
		want: "ConditionalCheckFailedException, nothing", do: func(w *world) string {
			return failed(w.rewrite(w.record(), 6, "a", false))
		}},
	{name: "UpdateItem: a failed condition changes nothing", doc: ddbAPI + "UpdateItem.html",
		want: "ok novel={x=y} op=a rev=7", do: func(w *world) string {
			key := w.record()
			if err := w.rewrite(key, 6, "a", true); said(err) != "ConditionalCheckFailedException" {
				return said(err)
			}
			return said(nil, show(w.get(key)))
		}},
	{name: "UpdateItem: a condition on an item that is not there, ALL_OLD", doc: ddbAPI + "UpdateItem.html",
		want: "ConditionalCheckFailedException, nothing", do: func(w *world) string {
			return failed(w.rewrite(at(name(), "record"), 7, "a", true))
		}},
}

var itemRows = []row{
	{name: "UpdateItem: a reserved word by itself", doc: ddbGuide + "ReservedWords.html", want: "ValidationException",
		do: func(w *world) string {
			return said(w.update(w.record(), "SET hold = :v", "", item{":v": text("x")}, false))
		}},
	{name: "UpdateItem: a reserved word by its #name", doc: ddbGuide + "Expressions.ExpressionAttributeNames.html",
		want: "ok hold=x novel={x=y} op=a rev=7", do: func(w *world) string {
			key := w.record()
			return said(w.update(key, "SET #hold = :v", "", item{":v": text("x")}, false), show(w.get(key)))
		}},
	{name: "UpdateItem: SET and REMOVE leave what they do not name",
		doc: ddbGuide + "Expressions.UpdateExpressions.html", want: "ok novel={x=y} rev=8", do: func(w *world) string {
			key := w.record()
			return said(w.update(key, "SET #rev = :v REMOVE #op, #lease", "", item{":v": number(8)}, false),
				show(w.get(key)))
		}},
	{name: "UpdateItem: an attribute of the primary key", doc: ddbAPI + "UpdateItem.html", want: "ValidationException",
		do: func(w *world) string {
			return said(w.update(w.record(), "SET #item = :v", "", item{":v": text("x")}, false))
		}},
	{name: "UpdateItem: a value that the expression does not use",
		doc: ddbGuide + "Expressions.ExpressionAttributeValues.html", want: "ValidationException",
		do: func(w *world) string {
			return said(w.update(w.record(), "SET #op = :v", "", item{":v": text("x"), ":w": text("x")}, false))
		}},
	{name: "PutItem: an empty text in the key", doc: ddbGuide + "HowItWorks.NamingRulesDataTypes.html",
		want: "ValidationException", do: func(w *world) string {
			_, err := w.ddb.PutItem(w.ctx, &awsddb.PutItemInput{TableName: w.shared(), Item: at(name(), "")})
			return said(err)
		}},
	{name: "PutItem: an empty text elsewhere", doc: ddbGuide + "HowItWorks.NamingRulesDataTypes.html",
		want: "ok reason=", do: func(w *world) string {
			key := at(name(), "record")
			_, err := w.ddb.PutItem(w.ctx, &awsddb.PutItemInput{TableName: w.shared(),
				Item: with(key, item{"reason": text("")})})
			return said(err, show(w.get(key)))
		}},
	{name: "PutItem: without the sort key", doc: ddbAPI + "PutItem.html", want: "ValidationException",
		do: func(w *world) string {
			_, err := w.ddb.PutItem(w.ctx, &awsddb.PutItemInput{TableName: w.shared(), Item: item{"key": text(name())}})
			return said(err)
		}},
	{name: "GetItem: consistent, nothing there", doc: ddbAPI + "GetItem.html", want: "ok nothing",
		do: func(w *world) string {
			return said(nil, show(w.get(at(name(), "record"))))
		}},
	{name: "GetItem: no such table", doc: ddbAPI + "GetItem.html", want: "ResourceNotFoundException",
		do: func(w *world) string {
			_, err := w.ddb.GetItem(w.ctx, &awsddb.GetItemInput{TableName: aws.String(name()), Key: at("k", "record")})
			return said(err)
		}},
}
