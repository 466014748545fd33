package ddbapi_test

import (
	"fmt"
	"testing"
)

// BenchmarkRecordWrite is the call that simulations make most: the conditional
// write of one record.
func BenchmarkRecordWrite(b *testing.B) {
	s, c := open()
	if _, err := c.CreateTable(ctx, tableInput("pool")); err != nil {
		b.Fatal(err)
	}
	const body = `{"TableName":"pool","Key":{"key":{"S":"k"},"item":{"S":"record"}},` +
		`"UpdateExpression":"SET #rev = :new, #op = :op, #lease.#until = :op",` +
		`"ConditionExpression":"#rev = :rev AND attribute_exists(#op)",` +
		`"ReturnValuesOnConditionCheckFailure":"ALL_OLD",` +
		`"ExpressionAttributeNames":{"#rev":"rev","#op":"op","#lease":"lease","#until":"until"},` +
		`"ExpressionAttributeValues":{":rev":{"N":"%d"},":new":{"N":"%d"},":op":{"S":"0123456789abcdef"}}}`
	if _, err := call(s.Service, "PutItem",
		`{"TableName":"pool","Item":{"key":{"S":"k"},"item":{"S":"record"},"rev":{"N":"0"},"op":{"S":""},`+
			`"lease":{"M":{}}}}`); err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if _, err := call(s.Service, "UpdateItem", fmt.Sprintf(body, i, i+1)); err != nil {
			b.Fatal(err)
		}
	}
}
