package planfile

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

const notifyHint = "{on: [refused, failed], webhook: https://example.com/hook}"

// notifyDoc is one entry of notify.
type notifyDoc struct {
	on      setting[[]plan.NewsKind]
	command setting[[]string]
	webhook setting[string]
	hmacEnv setting[string]
	topic   setting[string]
}

func (d *notifyDoc) fields() []field {
	return []field{
		{name: "on", required: true, value: newsList{&d.on},
			doc: "Of what: " + oneOf("", newsWords()) + "."},
		{name: "command", value: commandValue{&d.command},
			doc: "Command that reads the news on its stdin, as a JSON document. A string is run by /bin/sh -c, a " +
				"list directly."},
		{name: "webhook", value: httpsText(&d.webhook, true),
			doc: "HTTPS address that the JSON document is posted to."},
		{name: "sns", value: textOf(&d.topic, textRule{least: 1, most: 512, form: topicForm,
			hint: "the ARN of a standard topic, as in arn:aws:sns:eu-west-1:111122223333:keyturn"}),
			doc: "ARN of a standard topic of Amazon SNS that the JSON document is published to."},
		{name: "hmac_env", value: unshown{textOf(&d.hmacEnv, textRule{least: 1, most: 256, form: envForm,
			hint: "the name of an environment variable, and not the key"})},
			doc: "With webhook: the environment variable with the key of the HMAC-SHA256 in the header " +
				"X-Keyturn-Signature."},
	}
}

// ways counts how an entry says who to tell.
func (d *notifyDoc) ways() (n int) {
	for _, written := range []bool{d.command.written(), d.webhook.written(), d.topic.written()} {
		if written {
			n++
		}
	}
	return n
}

var topicForm = plan.Pattern(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`)

var envForm = plan.Pattern(`^[A-Za-z_][A-Za-z0-9_]*$`)

func newsWords() []string {
	var all []string
	for _, k := range plan.NewsKinds() {
		all = append(all, string(k))
	}
	return all
}

// newsList is the field on.
type newsList struct{ into *setting[[]plan.NewsKind] }

func (v newsList) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[[]plan.NewsKind]{at: nodeAt(n)}
	v.into.ok = r.list(name, n, "[refused, failed]", func(i int, n ast.Node) {
		var word setting[string]
		wordOf(&word, newsWords()...).read(r, fmt.Sprintf("%s[%d]", name, i), n)
		v.into.v = append(v.into.v, plan.NewsKind(word.v))
	})
	if v.into.ok && len(v.into.v) == 0 {
		r.refuse(v.into.at, "[refused, failed]", "%s is an empty list", name)
	}
}

func (v newsList) schema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: wordOf(nil, newsWords()...).schema()}
}

// notifyList is the field notify.
type notifyList struct{ into *setting[[]plan.Notify] }

func (v notifyList) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[[]plan.Notify]{at: nodeAt(n)}
	v.into.ok = r.list(name, n, "["+notifyHint+"]", func(i int, n ast.Node) {
		var d notifyDoc
		if r.mapping(n, fmt.Sprintf("%s[%d]", name, i), notifyHint, d.fields()) == nil {
			return
		}
		if ways := d.ways(); ways != 1 {
			r.refuse(nodeAt(n), notifyHint, "%s[%d] names %d of command, webhook and sns, not one", name, i, ways)
		}
		if d.command.ok && len(d.command.v) == 0 {
			r.refuse(d.command.at, commandHint, "%s[%d].command is an empty list", name, i)
		}
		if d.hmacEnv.written() && !d.webhook.written() {
			r.refuse(d.hmacEnv.at, "leave it out", "hmac_env has no effect without webhook")
		}
		v.into.v = append(v.into.v, plan.Notify{On: d.on.v, Command: d.command.v, Webhook: d.webhook.v,
			HMACEnv: d.hmacEnv.v, Topic: d.topic.v})
	})
}

func (v notifyList) schema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: objectSchema((&notifyDoc{}).fields(), true)}
}
