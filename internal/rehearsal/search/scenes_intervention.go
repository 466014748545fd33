package search

import (
	"context"
	"fmt"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// secondAlias puts one more alias onto a version that drains.
func secondAlias() Intervention {
	return Intervention{Name: "another alias is put on a draining version",
		Able: func(w *World) bool {
			return len(w.Record(0).Draining()) > 0 && w.Truth().Names["alias/reports"] == ""
		},
		Do: func(w *World) { w.AliasByHand("alias/reports", w.Record(0).Draining()[0].KeyID) }}
}

// aliasBack has somebody put the alias back onto the live version by hand.
func aliasBack() Intervention {
	return Intervention{Name: "an alias is moved by hand back onto the live version",
		Able: func(w *World) bool { return w.Record(0).Active != 0 },
		Do:   func(w *World) { w.MoveByHand(0, w.Record(0).Live().KeyID) }}
}

// lateUse returns a consumer that still uses a version which drains.
func lateUse() Intervention {
	return Intervention{Name: "a consumer uses a draining version",
		Able: func(w *World) bool { return len(w.Record(0).Draining()) > 0 },
		Do:   func(w *World) { w.Use(w.Record(0).Draining()[0].KeyID) }}
}

// newerRecord returns what a newer keyturn has written.
func newerRecord() Intervention {
	return Intervention{Name: "a newer keyturn writes the record", Do: func(w *World) {
		edit(w, "SET #s = :two, #r = #r + :one, #o = :op", map[string]string{"#s": "schema", "#r": "rev", "#o": "op"},
			attrs{":two": number("2"), ":one": number("1"), ":op": text("newer")})
		w.Replaced(0)
	}}
}

type attrs = map[string]types.AttributeValue

// edit changes the first key's record in the table.
func edit(w *World, update string, names map[string]string, values attrs) {
	_, err := w.Admin().DynamoDB.UpdateItem(context.Background(), &awsddb.UpdateItemInput{
		TableName: &w.Table, Key: attrs{"key": text(w.Keys[0].Key()), "item": text("record")},
		UpdateExpression: &update, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
	must(err)
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("search: by hand: %v", err))
	}
}
