package kmsapi

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// tagsPerKey is the most tags a key can have.
const tagsPerKey = 50

// tag is one tag; the same on the wire and in the state.
type tag struct {
	TagKey   string
	TagValue string
}

// withTags returns the tags, sorted by key, with others put over them.
func withTags(tags, more []tag) ([]tag, error) {
	seen := make(map[string]bool, len(more))
	for i, t := range more {
		switch {
		case t.TagKey == "":
			return nil, required("tagKey", "")
		case utf8.RuneCountInString(t.TagKey) > 128:
			return nil, invalid("Value '%s' at 'tags.%d.member.tagKey' failed to satisfy constraint: Member must "+
				"have length less than or equal to 128", t.TagKey, i+1)
		case utf8.RuneCountInString(t.TagValue) > 256:
			return nil, invalid("Value '%s' at 'tags.%d.member.tagValue' failed to satisfy constraint: Member must "+
				"have length less than or equal to 256", t.TagValue, i+1)
		case reserved(t.TagKey):
			return nil, refuse("TagException", "Tags beginning with aws: are reserved")
		case seen[t.TagKey]:
			return nil, refuse("TagException", "Duplicate tag keys")
		}
		seen[t.TagKey] = true
	}
	merged := slices.DeleteFunc(slices.Clone(tags), func(t tag) bool { return seen[t.TagKey] })
	merged = append(merged, more...)
	if len(merged) > tagsPerKey {
		return nil, refuse("TagException", "Too many tags")
	}
	slices.SortFunc(merged, func(a, b tag) int { return strings.Compare(a.TagKey, b.TagKey) })
	return merged, nil
}

// reserved reports whether a tag key is one of AWS's own.
func reserved(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

type tagResourceInput struct {
	KeyId string
	Tags  []tag
}

func tagResource(r *request, in tagResourceInput) (any, error) {
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if in.Tags == nil {
		return nil, required("tags", "")
	}
	if err := r.unlessDeleting(k); err != nil {
		return nil, err
	}
	tags, err := withTags(k.Tags.current(), in.Tags)
	if err != nil {
		return nil, err
	}
	k.Tags.set(r.Now, tags)
	return nil, nil
}

type untagResourceInput struct {
	KeyId   string
	TagKeys []string
}

// untagResource takes tags off; one that is not there is no error (API
// reference, UntagResource).
func untagResource(r *request, in untagResourceInput) (any, error) {
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if in.TagKeys == nil {
		return nil, required("tagKeys", "")
	}
	if err := r.unlessDeleting(k); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(in.TagKeys, reserved) {
		return nil, refuse("TagException", "Tags beginning with aws: are reserved")
	}
	left := slices.DeleteFunc(slices.Clone(k.Tags.current()),
		func(t tag) bool { return slices.Contains(in.TagKeys, t.TagKey) })
	k.Tags.set(r.Now, left)
	return nil, nil
}

type listResourceTagsOutput struct {
	Tags []tag
	pageOutput
}

func listResourceTags(r *request, in listOfKeyInput) (any, error) {
	k, err := r.look(in.KeyId)
	if err != nil {
		return nil, err
	}
	all, _ := k.Tags.at(r.ReadAt)
	tags, more, err := turn(r, in.page, 50, 50, func(after string) iter.Seq2[string, tag] {
		return func(yield func(string, tag) bool) {
			for _, t := range all {
				if t.TagKey > after && !yield(t.TagKey, t) {
					return
				}
			}
		}
	})
	return listResourceTagsOutput{tags, more}, err
}
