package kmsapi

import (
	"iter"
	"maps"
	"slices"
)

type listKeysInput struct {
	page
}

type keyEntry struct {
	KeyArn string
	KeyId  string
}

type listKeysOutput struct {
	Keys []keyEntry
	pageOutput
}

func listKeys(r *request, in listKeysInput) (any, error) {
	keys, more, err := turn(r, in.page, 100, 1000, func(after string) iter.Seq2[string, keyEntry] {
		return func(yield func(string, keyEntry) bool) {
			for _, id := range following(r.region.ids, after) {
				k, ok := r.region.keyAt(id, r.ReadAt)
				if ok && !yield(id, keyEntry{KeyArn: r.arn(k), KeyId: id}) {
					return
				}
			}
		}
	})
	return listKeysOutput{keys, more}, err
}

type listAliasesInput struct {
	KeyId string
	page
}

type aliasEntry struct {
	AliasArn        string
	AliasName       string
	CreationDate    epoch
	LastUpdatedDate epoch
	TargetKeyId     string
}

type listAliasesOutput struct {
	Aliases []aliasEntry
	pageOutput
}

// listAliases lists the aliases of the Region, or of one key. There are none
// of AWS's own here: alias/aws/... comes to be when a service first needs it.
func listAliases(r *request, in listAliasesInput) (any, error) {
	names := r.region.names
	if in.KeyId != "" {
		k, err := r.look(in.KeyId)
		if err != nil {
			return nil, err
		}
		in.KeyId = k.ID
		names = slices.Sorted(maps.Keys(r.region.targets[k.ID]))
	}
	aliases, more, err := turn(r, in.page, 50, 100, func(after string) iter.Seq2[string, aliasEntry] {
		return func(yield func(string, aliasEntry) bool) {
			for _, name := range following(names, after) {
				b, ok := r.region.aliasAt(name, r.ReadAt)
				if !ok || in.KeyId != "" && b.Target != in.KeyId {
					continue
				}
				entry := aliasEntry{
					AliasArn: r.region.arn(name), AliasName: name, TargetKeyId: b.Target,
					CreationDate: epoch(b.Created), LastUpdatedDate: epoch(b.Updated),
				}
				if !yield(name, entry) {
					return
				}
			}
		}
	})
	return listAliasesOutput{aliases, more}, err
}

// following returns the part of a sorted list that comes after an element.
func following(sorted []string, after string) []string {
	i, found := slices.BinarySearch(sorted, after)
	if found {
		i++
	}
	return sorted[i:]
}
