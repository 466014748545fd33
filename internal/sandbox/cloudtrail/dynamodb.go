package cloudtrail

import (
	"maps"
	"slices"
)

// items are the operations on items, whose records are data events.
var items = []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem", "Query",
	"Scan"}

// dynamoDB sets the part of a record that is DynamoDB's own. Of an item it has the primary
// key, and of the other attributes the names at most.
func (c Call) dynamoDB(r *Record) {
	in := document(c.Body)
	if !slices.Contains(items, c.Operation) {
		r.RequestParameters = lower(in)
		if name, ok := in["TableName"].(string); ok {
			r.Resources = c.tables(name)
		}
		if !c.ReadOnly && c.ErrorCode == "" {
			r.ResponseElements = lower(document(c.Answer))
		}
		return
	}
	r.ManagementEvent, r.EventCategory = false, "Data"
	if each, ok := in["RequestItems"].(map[string]any); ok {
		names := slices.Sorted(maps.Keys(each))
		r.RequestParameters, r.Resources = map[string]any{"requestItems": c.batch(names, each)}, c.tables(names...)
		return
	}
	name, _ := in["TableName"].(string)
	r.Resources = c.tables(name)
	out := map[string]any{}
	for _, given := range []string{"TableName", "ConditionExpression", "UpdateExpression", "KeyConditionExpression",
		"FilterExpression", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead",
		"ReturnConsumedCapacity", "ReturnValues", "ScanIndexForward", "Limit"} {
		if in[given] != nil {
			out[lowerName(given)] = in[given]
		}
	}
	if key, ok := in["Key"].(map[string]any); ok {
		out["key"] = c.key(name, key)
	}
	if item, ok := in["Item"].(map[string]any); ok {
		out["key"], out["item"] = c.key(name, item), slices.Sorted(maps.Keys(item))
	}
	r.RequestParameters = out
}

// batch returns the items of a request for several.
func (c Call) batch(names []string, each map[string]any) []any {
	all := []any{}
	add := func(table, operation string, item any) {
		if item, ok := item.(map[string]any); ok {
			all = append(all, map[string]any{"operation": operation, "tableName": table, "key": c.key(table, item)})
		}
	}
	for _, name := range names {
		switch of := each[name].(type) {
		case map[string]any: // BatchGetItem
			keys, _ := of["Keys"].([]any)
			for _, k := range keys {
				add(name, "Get", k)
			}
		case []any: // BatchWriteItem
			for _, w := range of {
				w, _ := w.(map[string]any)
				put, _ := w["PutRequest"].(map[string]any)
				del, _ := w["DeleteRequest"].(map[string]any)
				add(name, "Put", put["Item"])
				add(name, "Delete", del["Key"])
			}
		}
	}
	return all
}

// key returns the values of a primary key, without their types.
func (c Call) key(table string, item map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range c.KeyAttributes[table] {
		typed, _ := item[name].(map[string]any)
		for _, value := range typed {
			out[name] = value
		}
	}
	return out
}

func (c Call) tables(names ...string) []Resource {
	var all []Resource
	for _, name := range names {
		all = append(all, Resource{AccountID: c.Account, Type: "AWS::DynamoDB::Table", ARN: c.arn("table/" + name)})
	}
	return all
}
