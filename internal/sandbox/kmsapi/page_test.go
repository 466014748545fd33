package kmsapi_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func TestListsInPages(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.create(awskms.CreateKeyInput{Tags: tags(0, 50)})
	for i := range 120 {
		w.key()
		if i < 50 {
			w.alias(fmt.Sprintf("alias/a%03d", i), id)
		}
		must(w.CreateGrant(ctx, &awskms.CreateGrantInput{
			KeyId: &id, GranteePrincipal: aws.String(fmt.Sprintf("arn:aws:iam::111122223333:role/r%d", i)),
			Operations: []types.GrantOperation{types.GrantOperationEncrypt},
		}))
	}
	other := w.key()
	for i := range 10 {
		w.alias(fmt.Sprintf("alias/b%03d", i), other)
	}
	for _, c := range []struct {
		name         string
		usual, total int
		most         int32
		list         func(limit *int32, marker *string) (items []string, next *string, truncated bool, err error)
	}{
		{"ListKeys", 100, 122, 1000, func(limit *int32, marker *string) ([]string, *string, bool, error) {
			out, err := w.ListKeys(ctx, &awskms.ListKeysInput{Limit: limit, Marker: marker})
			if err != nil {
				return nil, nil, false, err
			}
			return texts(out.Keys,
				func(k types.KeyListEntry) string { return *k.KeyId }), out.NextMarker, out.Truncated, nil
		}},
		{"ListAliases", 50, 60, 100, func(limit *int32, marker *string) ([]string, *string, bool, error) {
			out, err := w.ListAliases(ctx, &awskms.ListAliasesInput{Limit: limit, Marker: marker})
			if err != nil {
				return nil, nil, false, err
			}
			return texts(out.Aliases,
				func(a types.AliasListEntry) string { return *a.AliasName }), out.NextMarker, out.Truncated, nil
		}},
		{"ListAliases of a key", 50, 50, 100, func(limit *int32, marker *string) ([]string, *string, bool, error) {
			out, err := w.ListAliases(ctx, &awskms.ListAliasesInput{KeyId: &id, Limit: limit, Marker: marker})
			if err != nil {
				return nil, nil, false, err
			}
			return texts(out.Aliases,
				func(a types.AliasListEntry) string { return *a.AliasName }), out.NextMarker, out.Truncated, nil
		}},
		{"ListResourceTags", 50, 50, 50, func(limit *int32, marker *string) ([]string, *string, bool, error) {
			out, err := w.ListResourceTags(ctx, &awskms.ListResourceTagsInput{KeyId: &id, Limit: limit, Marker: marker})
			if err != nil {
				return nil, nil, false, err
			}
			return texts(out.Tags, func(t types.Tag) string { return *t.TagKey }), out.NextMarker, out.Truncated, nil
		}},
		{"ListGrants", 50, 120, 100, func(limit *int32, marker *string) ([]string, *string, bool, error) {
			out, err := w.ListGrants(ctx, &awskms.ListGrantsInput{KeyId: &id, Limit: limit, Marker: marker})
			if err != nil {
				return nil, nil, false, err
			}
			return texts(out.Grants,
				func(g types.GrantListEntry) string { return *g.GrantId }), out.NextMarker, out.Truncated, nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, _, truncated, err := c.list(nil, nil)
			if err != nil || len(first) != min(c.usual, c.total) || truncated != (c.total > c.usual) {
				t.Errorf("without a limit: %d, %t, %v", len(first), truncated, err)
			}
			var all []string
			for next, more := (*string)(nil), true; more; {
				var items []string
				items, next, more, err = c.list(aws.Int32(7), next)
				if err != nil || more != (next != nil) || len(items) > 7 {
					t.Fatalf("%d items, %t, %v", len(items), more, err)
				}
				all = append(all, items...)
			}
			if len(all) != c.total || !slices.IsSorted(all) || len(slices.Compact(all)) != c.total {
				t.Errorf("page by page: %d items of %d: %v", len(all), c.total, all)
			}
			for _, limit := range []int32{0, -1, c.most + 1} {
				_, _, _, err := c.list(&limit, nil)
				refused(t, err, "ValidationException", "limit")
			}
			if _, _, _, err := c.list(&c.most, nil); err != nil {
				t.Errorf("the most: %v", err)
			}
			for _, marker := range []string{"nonsense", "bm9uc2Vuc2U="} {
				_, _, _, err := c.list(nil, &marker)
				refused(t, err, "InvalidMarkerException", "")
			}
		})
	}
}

// A list that changes between two pages loses nothing that stays.
func TestPagesOfAChangingList(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	for _, name := range []string{"alias/b", "alias/d", "alias/f"} {
		w.alias(name, id)
	}
	one := must(w.ListAliases(t.Context(), &awskms.ListAliasesInput{Limit: aws.Int32(2)}))
	must(w.DeleteAlias(t.Context(), &awskms.DeleteAliasInput{AliasName: aws.String("alias/d")}))
	w.alias("alias/a", id)
	w.alias("alias/e", id)
	two := must(w.ListAliases(t.Context(), &awskms.ListAliasesInput{Marker: one.NextMarker}))
	got := texts(two.Aliases, func(a types.AliasListEntry) string { return *a.AliasName })
	if want := []string{"alias/e", "alias/f"}; !slices.Equal(got, want) {
		t.Errorf("the second page is %v", got)
	}
}

func texts[T any](items []T, text func(T) string) []string {
	var out []string
	for _, item := range items {
		out = append(out, text(item))
	}
	return out
}

// tags makes tags with the numbers from one to another.
func tags(from, to int) []types.Tag {
	var out []types.Tag
	for i := from; i < to; i++ {
		out = append(out, types.Tag{TagKey: aws.String(fmt.Sprintf("key%03d", i)), TagValue: aws.String(fmt.Sprint(i))})
	}
	return out
}
