package ddblock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// fields maps the attributes of one DynamoDB map, either to write or to read them.
// What a map consists of stands once, in record.go, one line a field. Writing and
// reading both follow it, so neither can leave out what the other has.
//
// When writing, an empty value becomes no attribute. When reading, an attribute of
// the wrong kind makes the whole record malformed, and the first problem is the
// one that is reported.
type fields struct {
	reading bool
	// stored reports whether events are read with their stored form.
	stored bool
	// brief reports whether events are left out.
	brief bool
	attrs map[string]types.AttributeValue
	// outer is the map that this one stands in, under name, in a list at index; nil for
	// the item itself. index is -1 in no list.
	outer *fields
	name  string
	index int
	// first is where the names of this map begin in trouble.names.
	first int
	// trouble is shared by all maps of an item.
	trouble *trouble
}

// trouble is what is wrong with an item, and where.
type trouble struct {
	attribute, what string
	// names are the attributes mapped so far, present or not: first those of the item,
	// then those of the map in it that is mapped now, and so on.
	names []string
	// unknown are the attributes that nothing here maps, by path.
	unknown []string
}

func reading(item map[string]types.AttributeValue) *fields {
	return &fields{reading: true, attrs: item, index: -1, trouble: &trouble{names: make([]string, 0, 64)}}
}

func writing() *fields {
	return &fields{attrs: map[string]types.AttributeValue{}, index: -1, trouble: &trouble{}}
}

// inside returns the fields of a map within this one; leave ends them.
func (f *fields) inside(name string, index int, attrs map[string]types.AttributeValue) fields {
	return fields{reading: f.reading, stored: f.stored, attrs: attrs, outer: f, name: name, index: index,
		first: len(f.trouble.names), trouble: f.trouble}
}

// leave ends the mapping of a map within another.
func (f *fields) leave() { f.trouble.names = f.trouble.names[:f.first] }

// names returns the attributes of this map that were mapped so far, present or not.
func (f *fields) names() []string { return f.trouble.names[f.first:] }

// named adds an attribute to those that were mapped.
func (f *fields) named(name string) { f.trouble.names = append(f.trouble.names, name) }

// path returns where this map stands in the item, such as "versions[1].fence.".
func (f *fields) path() string {
	switch {
	case f.outer == nil:
		return ""
	case f.index < 0:
		return f.outer.path() + f.name + "."
	}
	return f.outer.path() + placeIn(f.name, f.index) + "."
}

// placeIn returns the path of a value in a list.
func placeIn(name string, index int) string { return fmt.Sprintf("%s[%d]", name, index) }

func (f *fields) fail(name, format string, args ...any) {
	if f.trouble.what == "" {
		f.trouble.attribute, f.trouble.what = f.path()+name, fmt.Sprintf(format, args...)
	}
}

// need fails, when reading, if a required attribute is missing. A missing deadline,
// for example, must not count as one that has passed.
func (f *fields) need(name string, present bool) {
	if f.reading && !present {
		f.fail(name, "is missing")
	}
}

// oneOf fails, when reading, if a word is unknown to this binary, which would treat
// it like any other. A newer keyturn with more words has a newer schema.
func oneOf[T ~string](f *fields, name string, word T, known ...T) {
	f.need(name, word != "")
	if f.reading && !slices.Contains(known, word) {
		f.fail(name, "%q is none of %v", word, known)
	}
}

// take returns the attribute of a name if it is present and of the kind K.
func take[K types.AttributeValue](f *fields, name, want string) (value K, ok bool) {
	found := f.attrs[name]
	if found == nil {
		return value, false
	}
	if value, ok = found.(K); !ok {
		f.fail(name, "is %s, not %s", kindOf(found), want)
	}
	return value, ok
}

func (f *fields) text(name string, s *string) {
	f.named(name)
	if f.reading {
		if v, ok := take[*types.AttributeValueMemberS](f, name, "S"); ok {
			*s = v.Value
		}
	} else if *s != "" {
		f.attrs[name] = &types.AttributeValueMemberS{Value: *s}
	}
}

// maxKeyID is how long the id of a KMS key, or its ARN, is at most.
const maxKeyID = 256

// keyARN matches what stands before the id in the ARN of a KMS key.
var keyARN = plan.Pattern(`^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/$`)

// isKeyID reports whether a text is the id of a KMS key, or its ARN. AWS's ids are UUIDs, with
// mrk- before those of multi-Region keys; emulators may use others. All consist of letters,
// digits and hyphens. Nothing else may get into a command that a person is told to type.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
func isKeyID(s string) bool {
	const allowed = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	at := strings.LastIndexByte(s, '/') + 1
	id := s[at:]
	return len(s) <= maxKeyID && id != "" && id[0] != '-' && strings.Trim(id, allowed) == "" &&
		(at == 0 || keyARN().MatchString(s[:at]))
}

// keyID maps the id of a KMS key, which is required.
func (f *fields) keyID(name string, id *string) {
	f.maybeKeyID(name, id)
	f.need(name, *id != "")
}

// maybeKeyID is keyID, or "" for none.
func (f *fields) maybeKeyID(name string, id *string) {
	f.text(name, id)
	if f.reading && *id != "" && !isKeyID(*id) {
		f.fail(name, "%q is not the id of a KMS key", *id)
	}
}

// hash maps the hash of an event, or "" for none. It becomes a tag of a KMS key.
func (f *fields) hash(name string, h *string) {
	f.text(name, h)
	if f.reading && *h != "" && (len(*h) != 64 || strings.Trim(*h, "0123456789abcdef") != "") {
		f.fail(name, "%q is not a SHA-256 hash of 64 digits", *h)
	}
}

// number maps an integer, which is required and written even if it is 0.
func (f *fields) number(name string, n *int64) {
	f.need(name, f.attrs[name] != nil)
	f.maybeNumber(name, n)
	if !f.reading {
		f.attrs[name] = numberValue(*n)
	}
}

// maybeNumber maps a positive integer, or 0 for none.
func (f *fields) maybeNumber(name string, n *int64) {
	f.named(name)
	if !f.reading {
		if *n != 0 {
			f.attrs[name] = numberValue(*n)
		}
		return
	}
	v, ok := take[*types.AttributeValueMemberN](f, name, "N")
	if !ok {
		return
	}
	read, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil || read < 0 {
		f.fail(name, "%q is not a whole number from 0 up", v.Value)
		return
	}
	*n = read
}

// version maps the number of a version or a generation. It fails for a number that
// keyturn cannot have assigned, so that none is counted on from there.
func (f *fields) version(name string, n *int64) {
	f.number(name, n)
	if f.reading && *n > plan.MaxVersion {
		f.fail(name, "%d is over %d, the highest version there can be", *n, plan.MaxVersion)
	}
}

// maybeVersion maps the number of a version or a generation, or 0 for none.
func (f *fields) maybeVersion(name string, n *int64) {
	f.maybeNumber(name, n)
	if f.reading && *n > plan.MaxVersion {
		f.fail(name, "%d is over %d, the highest version there can be", *n, plan.MaxVersion)
	}
}

// maxRev is the highest revision that the sort key of a ledger item holds.
const maxRev = 9_999_999_999

// rev maps a revision.
func (f *fields) rev(name string, n *int64) {
	f.number(name, n)
	if f.reading && *n > maxRev {
		f.fail(name, "%d is over %d, the highest revision there can be", *n, maxRev)
	}
}

func (f *fields) count(name string, n *int) {
	wide := int64(*n)
	f.number(name, &wide)
	if f.reading {
		*n = int(wide)
	}
}

// time maps a time in RFC 3339: written in UTC with as many digits of the second as
// it has, read in any of its forms.
func (f *fields) time(name string, t *time.Time) {
	text := ""
	if !f.reading && !t.IsZero() {
		text = t.UTC().Format(time.RFC3339Nano)
	}
	f.text(name, &text)
	if !f.reading || text == "" {
		return
	}
	read, err := time.Parse(time.RFC3339, text)
	read = read.UTC()
	// The year 1 would be the zero time, and an offset can lead to a year that
	// RFC 3339 cannot express.
	if err != nil || read.Year() < 1970 || read.Year() > 9999 {
		f.fail(name, "%q is not a time as in 2026-01-31T03:00:00Z", text)
		return
	}
	*t = read
}

// maybeDuration maps a duration, or 0 for none.
func (f *fields) maybeDuration(name string, d *time.Duration) {
	if f.reading && f.attrs[name] == nil || !f.reading && *d == 0 {
		f.named(name)
		return
	}
	f.duration(name, d)
}

// duration maps a required duration, written as in the plan file: "30d"; "0s" is
// none.
func (f *fields) duration(name string, d *time.Duration) {
	text := ""
	if !f.reading {
		text = plan.FormatDuration(*d)
	}
	f.need(name, f.attrs[name] != nil)
	f.text(name, &text)
	if !f.reading {
		return
	}
	read, err := plan.ParseDuration(text)
	if err != nil {
		f.fail(name, "%v", err)
		return
	}
	*d = read
}

// durationOrOff maps a duration, or the word off in place of one.
func (f *fields) durationOrOff(name string, d *time.Duration, off *bool) {
	word := "off"
	found, _ := f.attrs[name].(*types.AttributeValueMemberS)
	switch {
	case f.reading && found != nil && found.Value == word:
		f.named(name)
		*off = true
	case !f.reading && *off:
		f.text(name, &word)
	default:
		f.duration(name, d)
	}
}

// flag maps a bool; false is no attribute.
func (f *fields) flag(name string, b *bool) {
	f.named(name)
	if f.reading {
		if v, ok := take[*types.AttributeValueMemberBOOL](f, name, "BOOL"); ok {
			*b = v.Value
		}
	} else if *b {
		f.attrs[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberValue(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// kindOf returns the kind of a value in DynamoDB's letters: S, N, M…
func kindOf(v types.AttributeValue) string {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return "S"
	case *types.AttributeValueMemberN:
		return "N"
	case *types.AttributeValueMemberB:
		return "B"
	case *types.AttributeValueMemberM:
		return "M"
	case *types.AttributeValueMemberL:
		return "L"
	case *types.AttributeValueMemberBOOL:
		return "BOOL"
	case *types.AttributeValueMemberNULL:
		return "NULL"
	}
	return "a set"
}
