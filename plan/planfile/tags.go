package planfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

type tagsValue struct{ into *setting[map[string]string] }

// maxTags leaves room for keyturn's own four among KMS's fifty.
const maxTags = 50 - 4

const tagKeyHint = "1 to 128 letters, digits, spaces and + - = . _ : / @"

func (v tagsValue) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[map[string]string]{at: nodeAt(n), v: map[string]string{}, ok: true}
	m, ok := n.(ast.MapNode)
	if !ok {
		r.refuse(nodeAt(n), "{team: payments}", "%s is %s, not a mapping", name, kindOf(n))
		return
	}
	first := map[string]pos{}
	for it := m.MapRange(); it.Next(); {
		at := posOf(it.Key().GetToken())
		tag, ok := r.fieldName(it.Key())
		if !ok {
			continue
		}
		if old, ok := first[tag]; ok {
			r.refuse(at, fmt.Sprintf("it is already on line %d", old.line), "%s: %s is repeated", name, clip(tag))
			continue
		}
		first[tag] = at
		if f := checkTagKey(tag); f != nil {
			r.refuse(at, f.hint, "%s: %q %s", name, clip(tag), f.is)
		}
		var text setting[string]
		tagText(&text).read(r, name+": "+clip(tag), it.Value())
		v.into.v[tag] = text.v
	}
	if len(first) > maxTags {
		r.refuse(nodeAt(n), fmt.Sprintf("at most %d; KMS takes 50 and keyturn sets 4", maxTags),
			"%s has %d tags", name, len(first))
	}
}

// checkTagKey follows https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html
func checkTagKey(key string) *fault {
	switch low := strings.ToLower(key); {
	case strings.HasPrefix(low, "aws:"):
		return &fault{"cannot be set", "tags that start with aws: belong to AWS"}
	case strings.HasPrefix(low, "keyturn:"):
		return &fault{"cannot be set", "tags that start with keyturn: say what a version is and who made it"}
	case !tagKeyForm().MatchString(key) || utf8.RuneCountInString(key) > maxTagKey:
		return &fault{"is not accepted", tagKeyHint}
	}
	return nil
}

// maxTagKey is how many characters a tag's key may have. It is not in the
// pattern: {1,128} of so large a class took every start of keyturn 10 ms.
const maxTagKey = 128

// What KMS takes as a tag.
var (
	tagKeyForm  = plan.Pattern(`^[\p{L}\p{Z}\p{N}_.:/=+@-]+$`)
	tagTextForm = plan.Pattern(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)
)

func tagText(into *setting[string]) leaf[string] {
	return textOf(into, textRule{most: 256, form: tagTextForm, hint: "letters, digits, spaces and + - = . _ : / @"})
}

func (v tagsValue) schema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type:          "object",
		MaxProperties: jsonschema.Ptr(maxTags),
		PropertyNames: &jsonschema.Schema{
			Pattern:   tagKeyForm().String(),
			MaxLength: jsonschema.Ptr(maxTagKey),
			Not:       &jsonschema.Schema{Pattern: `^([aA][wW][sS]|[kK][eE][yY][tT][uU][rR][nN]):`},
		},
		AdditionalProperties: tagText(nil).schema(),
	}
}
