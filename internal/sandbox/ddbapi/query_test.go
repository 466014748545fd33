package ddbapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// openLedger makes the items of two keys: a record and five events each.
func openLedger(t *testing.T) (*server, *awsddb.Client) {
	t.Helper()
	s, c := openTable(t)
	for _, hash := range []string{"a", "b"} {
		put(t, c, hash, "record", "9")
		for i := range 5 {
			put(t, c, hash, fmt.Sprintf("event#%d", i), fmt.Sprint(i))
		}
	}
	return s, c
}

// ranges returns the range keys of items, "event#" left out.
func ranges(items []item) string {
	var out []string
	for _, it := range items {
		out = append(out, strings.TrimPrefix(it["item"].(*types.AttributeValueMemberS).Value, "event#"))
	}
	return strings.Join(out, " ")
}

func query(condition string, values item) *awsddb.QueryInput {
	values[":k"] = str("a")
	return &awsddb.QueryInput{
		TableName: aws.String("pool"), KeyConditionExpression: aws.String("#key = :k" + condition),
		ExpressionAttributeNames: map[string]string{"#key": "key", "#item": "item"}, ExpressionAttributeValues: values,
	}
}

func TestQuery(t *testing.T) {
	_, c := openLedger(t)
	for _, tc := range []struct {
		condition string
		values    item
		want      string
	}{
		{" AND #item = :v", item{":v": str("event#2")}, "2"},
		{" AND #item < :v", item{":v": str("event#2")}, "0 1"},
		{" AND #item <= :v", item{":v": str("event#2")}, "0 1 2"},
		{" AND #item > :v", item{":v": str("event#2")}, "3 4 record"},
		{" AND #item >= :v", item{":v": str("event#2")}, "2 3 4 record"},
		{" AND #item BETWEEN :v AND :w", item{":v": str("event#1"), ":w": str("event#3")}, "1 2 3"},
		{" AND begins_with(#item, :v)", item{":v": str("event#")}, "0 1 2 3 4"},
		{" AND begins_with(#item, :v)", item{":v": str("x")}, ""},
	} {
		for _, forward := range []bool{true, false} {
			in := query(tc.condition, tc.values)
			in.ScanIndexForward = &forward
			out, err := c.Query(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Fields(tc.want)
			if !forward {
				slices.Reverse(want)
			}
			if got := ranges(out.Items); got != strings.Join(want, " ") || int(out.Count) != len(want) ||
				out.LastEvaluatedKey != nil {
				t.Errorf("%s forward %t: %q, count %d, last %v; want %q", tc.condition, forward, got, out.Count,
					out.LastEvaluatedKey, want)
			}
		}
	}
}

// Limit counts what is looked at, not what the filter lets through; a page
// that reaches it says where it ended, even at the last item.
func TestQueryPages(t *testing.T) {
	_, c := openLedger(t)
	for _, tc := range []struct {
		limit   int32
		forward bool
		filter  string
		want    string // pages by "|"
	}{
		{2, true, "", "0 1|2 3|4 record|"},
		{4, true, "", "0 1 2 3|4 record"},
		{2, false, "", "record 4|3 2|1 0|"},
		{2, true, "rev > :v", "|3|4 record|"},
		{100, true, "", "0 1 2 3 4 record"},
	} {
		in := query("", item{})
		delete(in.ExpressionAttributeNames, "#item")
		in.Limit, in.ScanIndexForward = &tc.limit, &tc.forward
		if tc.filter != "" {
			in.FilterExpression, in.ExpressionAttributeValues[":v"] = &tc.filter, num("2")
		}
		var pages []string
		paginator := awsddb.NewQueryPaginator(c, in)
		for paginator.HasMorePages() && len(pages) < 10 {
			out, err := paginator.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, ranges(out.Items))
		}
		if got := strings.Join(pages, "|"); got != tc.want {
			t.Errorf("limit %d, forward %t, %q: %q, want %q", tc.limit, tc.forward, tc.filter, got, tc.want)
		}
	}
}

// A start key need not exist (any more).
func TestQueryFromAbsentKey(t *testing.T) {
	_, c := openLedger(t)
	for forward, want := range map[bool]string{true: "3 4 record", false: "2 1 0"} {
		in := query("", item{})
		delete(in.ExpressionAttributeNames, "#item")
		in.ScanIndexForward, in.ExclusiveStartKey = &forward, keyOf("a", "event#2x")
		out, err := c.Query(ctx, in)
		if err != nil || ranges(out.Items) != want {
			t.Errorf("forward %t: %q, %v; want %q", forward, ranges(out.Items), err, want)
		}
	}
}

func TestQueryProjectionAndCount(t *testing.T) {
	_, c := openLedger(t)
	in := query(" AND #item = :v", item{":v": str("record")})
	in.ProjectionExpression = aws.String("rev")
	out, err := c.Query(ctx, in)
	if err != nil || len(out.Items) != 1 || len(out.Items[0]) != 1 || out.Items[0]["rev"] == nil {
		t.Errorf("%v, %v", out, err)
	}
	in = query(" AND begins_with(#item, :v)", item{":v": str("event#")})
	in.Select, in.FilterExpression, in.ExpressionAttributeValues[":r"] = types.SelectCount, aws.String("rev >= :r"),
		num("2")
	out, err = c.Query(ctx, in)
	if err != nil || out.Items != nil || out.Count != 3 || out.ScannedCount != 5 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestQueryRefuses(t *testing.T) {
	_, c := openLedger(t)
	for name, tc := range map[string]struct {
		change func(*awsddb.QueryInput)
		want   string
	}{
		"no condition": {func(in *awsddb.QueryInput) { *in = awsddb.QueryInput{TableName: in.TableName} },
			"Either the KeyConditions or KeyConditionExpression parameter must be specified"},
		"no hash": {func(in *awsddb.QueryInput) {
			in.KeyConditionExpression, in.ExpressionAttributeNames = aws.String("#item = :k"),
				map[string]string{"#item": "item"}
		}, "Query condition missed key schema element: key"},
		"hash by order": {func(in *awsddb.QueryInput) {
			in.KeyConditionExpression = aws.String(
				"#key > :k AND #item = :k")
		}, "Query key condition not supported"},
		"other attribute": {func(in *awsddb.QueryInput) { in.ExpressionAttributeNames["#item"] = "rev" },
			"Query condition missed key schema element: item"},
		"type": {func(in *awsddb.QueryInput) { in.ExpressionAttributeValues[":k"] = num("1") },
			"Condition parameter type does not match schema type"},
		"filter on key": {func(in *awsddb.QueryInput) { in.FilterExpression = aws.String("#item = :k") },
			"Filter Expression can only contain non-primary key attributes: Primary key attribute: item"},
		"other partition": {func(in *awsddb.QueryInput) { in.ExclusiveStartKey = keyOf("b", "a") },
			"The provided starting key is outside query boundaries based on provided conditions"},
		"out of range": {func(in *awsddb.QueryInput) { in.ExclusiveStartKey = keyOf("a", "b") },
			"The provided starting key does not match the range key predicate"},
		"half a key": {func(in *awsddb.QueryInput) { in.ExclusiveStartKey = item{"key": str("a")} },
			"The provided starting key is invalid"},
		"index": {func(in *awsddb.QueryInput) { in.IndexName = aws.String("idx") },
			"The table does not have the specified index: idx"},
		"limit": {func(in *awsddb.QueryInput) { in.Limit = aws.Int32(0) },
			"'limit' failed to satisfy constraint"},
		"select": {func(in *awsddb.QueryInput) {
			in.Select, in.ProjectionExpression = types.SelectCount, aws.String("rev")
		}, "Cannot specify the ProjectionExpression when choosing to get"},
		"legacy": {func(in *awsddb.QueryInput) {
			in.QueryFilter = map[string]types.Condition{"rev": {ComparisonOperator: types.ComparisonOperatorNotNull}}
		}, "QueryFilter"},
	} {
		t.Run(name, func(t *testing.T) {
			in := query(" AND #item = :k", item{})
			tc.change(in)
			_, err := c.Query(ctx, in)
			wantError(t, err, "ValidationException", tc.want)
		})
	}
}

// A page looks at 1 MB at most.
func TestQueryPageSize(t *testing.T) {
	_, c := openTable(t)
	for i := range 6 {
		it := keyOf("a", fmt.Sprint(i))
		it["x"] = str(strings.Repeat("x", 300*1024))
		if _, err := c.PutItem(ctx, &awsddb.PutItemInput{TableName: aws.String("pool"), Item: it}); err != nil {
			t.Fatal(err)
		}
	}
	in := query("", item{})
	delete(in.ExpressionAttributeNames, "#item")
	out, err := c.Query(ctx, in)
	if err != nil || ranges(out.Items) != "0 1 2 3" || out.LastEvaluatedKey == nil {
		t.Errorf("%q, last %v, %v", ranges(out.Items), out.LastEvaluatedKey, err)
	}
}

// Every item is scanned once, whatever the size of a page, in an order that
// does not depend on the order of the puts.
func TestScan(t *testing.T) {
	_, c := openLedger(t)
	all := func(limit *int32) []string {
		var seen []string
		pages := awsddb.NewScanPaginator(c, &awsddb.ScanInput{TableName: aws.String("pool"), Limit: limit})
		for pages.HasMorePages() && len(seen) < 100 {
			out, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range out.Items {
				seen = append(seen,
					it["key"].(*types.AttributeValueMemberS).Value+"/"+it["item"].(*types.AttributeValueMemberS).Value)
			}
		}
		return seen
	}
	want := all(nil)
	if sorted := slices.Sorted(slices.Values(want)); len(slices.Compact(sorted)) != 12 {
		t.Fatalf("scanned %v", want)
	}
	for _, limit := range []int32{1, 2, 5, 6, 7, 11, 12, 13} {
		if got := all(&limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
	out, err := c.Scan(ctx, &awsddb.ScanInput{
		TableName: aws.String("pool"), FilterExpression: aws.String("#key = :k AND rev = :v"),
		ProjectionExpression:      aws.String("#i"),
		ExpressionAttributeNames:  map[string]string{"#key": "key", "#i": "item"},
		ExpressionAttributeValues: item{":k": str("b"), ":v": num("9")},
	})
	if err != nil || ranges(out.Items) != "record" || len(out.Items[0]) != 1 || out.ScannedCount != 12 {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = c.Scan(ctx, &awsddb.ScanInput{TableName: aws.String("pool"), Segment: aws.Int32(0),
		TotalSegments: aws.Int32(2)})
	wantError(t, err, "ValidationException", "parallel scans")
}
