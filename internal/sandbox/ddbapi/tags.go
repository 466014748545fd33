package ddbapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type tag struct{ Key, Value string }

// maxTags is how many tags a table can have (AWS: "Tagging restrictions in
// DynamoDB").
const maxTags = 50

// tag adds tags to a table, or changes none if one is refused.
func (t *table) tag(tags []tag) error {
	all := maps.Clone(t.Tags)
	if all == nil {
		all = map[string]string{}
	}
	given := map[string]bool{}
	for _, g := range tags {
		switch {
		case given[g.Key]:
			return invalid("Duplicate tag keys found: %s", g.Key)
		case g.Key == "" || len(g.Key) > 128 || len(g.Value) > 256:
			return invalid("One or more tags are invalid: a key has 1 to 128 characters, a value up to 256")
		case strings.HasPrefix(g.Key, "aws:"):
			return invalid("Tag keys that start with aws: are reserved: %s", g.Key)
		}
		given[g.Key] = true
		all[g.Key] = g.Value
	}
	if len(all) > maxTags {
		return invalid("The number of tags exceeds the limit of %d", maxTags)
	}
	t.Tags = all
	return nil
}

type tagInput struct {
	ResourceArn string
	Tags        []tag
	TagKeys     []string
}

// tagged returns the table of an operation on tags, which takes only an ARN.
func (s *Service) tagged(c wire.Call, arn string) (*table, error) {
	if err := required("ResourceArn", arn != ""); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(arn, "arn:") {
		return nil, invalid("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	t, err := s.data(c, arn)
	if err != nil {
		return nil, notFound("Requested resource not found: ResourcArn: %s not found", arn) // the spelling is AWS's
	}
	return t, nil
}

func (s *Service) tagResource(c wire.Call, in tagInput) (wire.Answer, error) {
	t, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := required("Tags", in.Tags != nil); err != nil {
		return wire.Answer{}, err
	}
	return wire.Answer{Resource: t.place.name, Mutated: true}, t.tag(in.Tags)
}

func (s *Service) untagResource(c wire.Call, in tagInput) (wire.Answer, error) {
	t, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := required("TagKeys", in.TagKeys != nil); err != nil {
		return wire.Answer{}, err
	}
	for _, k := range in.TagKeys {
		delete(t.Tags, k)
	}
	return wire.Answer{Resource: t.place.name, Mutated: true}, nil
}

func (s *Service) listTags(c wire.Call, in tagInput) (wire.Answer, error) {
	t, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return wire.Answer{}, err
	}
	tags := []tag{}
	for _, k := range slices.Sorted(maps.Keys(t.Tags)) {
		tags = append(tags, tag{k, t.Tags[k]})
	}
	return wire.Answer{Body: map[string]any{"Tags": tags}, Resource: t.place.name}, nil
}
