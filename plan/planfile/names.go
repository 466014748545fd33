package planfile

import (
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// The forms of names. Their sources stand where they are used.
var (
	regionForm  = plan.Pattern(`^[a-z]{2,5}(-[a-z]+){1,3}-[0-9]{1,2}$`)
	tableForm   = plan.Pattern(`^[a-zA-Z0-9_.-]{3,}$`) // {3,255} would take every start of keyturn a while
	accountForm = plan.Pattern(`^[0-9]{12}$`)
	aliasForm   = plan.Pattern(`^alias/[a-zA-Z0-9/_-]+$`)
	keyNameForm = plan.Pattern(`^[a-zA-Z0-9_][a-zA-Z0-9/_.-]*$`)
	likeVersion = plan.Pattern(`/v[0-9]+$`)
)

func regionText(into *setting[string]) value {
	return textOf(into, textRule{least: 1, most: 32,
		form: regionForm, hint: "a Region such as eu-west-1"})
}

func tableText(into *setting[string]) value {
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
	return textOf(into, textRule{least: 1, most: 255,
		form: tableForm, hint: "3 to 255 letters, digits, _, - and ."})
}

// accountText returns an account number. Without quotes, YAML takes it for a number:
// harmless for 123456789012, but 012345678901 is an octal one to many tools.
func accountText(into *setting[string]) value {
	l := textOf(into, textRule{})
	l.hint = `12 digits in quotes, as in "123456789012"`
	l.form = func() jsonschema.Schema {
		return jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Type: "string", Pattern: accountForm().String()},
			{Type: "integer", Minimum: jsonschema.Ptr(1e11), Maximum: jsonschema.Ptr(1e12 - 1)},
		}}
	}
	l.parse = func(s scalar) (string, *fault) {
		switch {
		case !accountForm().MatchString(s.text):
			return "", &fault{"is not an account number", l.hint}
		case !s.quoted && s.text[0] == '0':
			return "", &fault{"starts with 0 and has no quotes: YAML readers disagree on what it is",
				`write "` + s.text + `"`}
		}
		return s.text, nil
	}
	return l
}

// maxAlias leaves room for the names of versions: KMS takes 256 characters,
// alias/<name>/v<n> with an n of ten digits among them.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
const maxAlias = 256 - len("/v") - 10

func aliasText(into *setting[string]) value {
	return textOf(into, textRule{least: 1, most: maxAlias,
		form: aliasForm,
		hint: "alias/ and then letters, digits, /, _ and -, as in alias/orders-data",
		not:  []string{`^alias/aws/`, likeVersion().String()},
		also: func(s string) *fault {
			switch {
			case strings.HasPrefix(s, "alias/aws/"):
				return &fault{"is a key of AWS", "AWS rotates those itself; only aliases of your own"}
			case likeVersion().MatchString(s):
				return &fault{"looks like the name of a version",
					"aliases that end in /v<number> name the versions of " + likeVersion().ReplaceAllString(s, "")}
			}
			return nil
		}})
}

// keyNameText returns a key's name. It must not be mistaken for what a KEY on the
// command line may be too: a flag, an alias, an ARN, an old version.
func keyNameText(into *setting[string]) leaf[string] {
	return textOf(into, textRule{least: 1, most: maxAlias,
		form: keyNameForm,
		hint: "letters, digits, /, _, . and -, as in orders-data",
		not:  []string{`^alias/`, likeVersion().String()},
		also: func(s string) *fault {
			switch {
			case strings.HasPrefix(s, "alias/"):
				return &fault{"looks like an alias", "leave alias/ out"}
			case likeVersion().MatchString(s):
				return &fault{"looks like the name of a version", "a name must not end in /v<number>"}
			}
			return nil
		}})
}
