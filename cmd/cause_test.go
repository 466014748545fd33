package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// restored puts an older copy of the table in its place: what was done since is not in it.
func (c *cloud) restored(done func()) {
	c.t.Helper()
	ctx, name := c.t.Context(), aws.String("keyturn")
	api := c.table()
	items, err := api.Scan(ctx, &awsddb.ScanInput{TableName: name})
	if err != nil {
		c.t.Fatal(err)
	}
	done()
	if _, err := api.UpdateTable(ctx, &awsddb.UpdateTableInput{TableName: name,
		DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		c.t.Fatal(err)
	}
	if _, err := api.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: name}); err != nil {
		c.t.Fatal(err)
	}
	c.must("init", "--table")
	for _, item := range items.Items {
		if _, err := api.PutItem(ctx, &awsddb.PutItemInput{TableName: name, Item: item}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// persons returns the findings that need a person.
func persons(d document.Audit) []document.Finding {
	var all []document.Finding
	for _, f := range d.Findings {
		if f.Level == "person" {
			all = append(all, f)
		}
	}
	return all
}

// unnamed makes a key as a run does that is killed before it can name it.
func (c *cloud) unnamed(name string) {
	c.t.Helper()
	tag := func(key, value string) kmstypes.Tag { return kmstypes.Tag{TagKey: &key, TagValue: &value} }
	_, err := c.admin().CreateKey(c.t.Context(), &awskms.CreateKeyInput{Tags: []kmstypes.Tag{
		tag("keyturn:alias", "alias/"+name), tag("keyturn:version", "9"), tag("keyturn:claim", "c9")}})
	if err != nil {
		c.t.Fatal(err)
	}
}

// allKeys are those of threeKeys, in the plan's order.
var allKeys = []string{"orders-data", "billing", "session-mac"}

// What follows from one cause is told once, in audit, status and run, in text and JSON,
// with one command that recovers all keys, and that does.
func TestOneCause(t *testing.T) {
	due := func(c *cloud) { c.advance(91 * day) }
	for _, scene := range []struct {
		name  string
		given func(*cloud)
		code  plan.Code
		next  string
	}{
		{"the table was restored", func(c *cloud) {
			c.restored(func() {
				due(c)
				c.must("run") // each key has a version that the older records do not know
			})
			due(c)
		}, plan.CodeOtherTable, `keyturn adopt --from-kms --all --reason "..."`},
		{"the records are lost", func(c *cloud) { c.lose(allKeys...) }, plan.CodeRecordLost,
			`keyturn adopt --from-kms --all --reason "..."`},
		{"another account", func(c *cloud) { c.write("account: \"999999999999\"\n" + threeKeys) },
			plan.CodeWrongAccount, "aws sts get-caller-identity"},
	} {
		t.Run(scene.name, func(t *testing.T) {
			c := manyCloud(t)
			scene.given(c)
			c.unnamed("billing")
			c.unnamed("another") // of which nothing is known, so it is an orphan like any
			c.advance(2 * time.Hour)
			names := strings.Join(allKeys, ", ")
			commands := [][]string{{"status"}, {"run"}, {"run", "--dry-run"}}
			if scene.code != plan.CodeWrongAccount { // of which an audit ends before it looks at any key
				commands = append(commands, []string{"audit", "--orphans"})
				about := persons(c.audit(13, "--orphans"))
				if len(about) != 1 || about[0].Code != scene.code || strings.Join(about[0].Keys, ", ") != names {
					t.Errorf("audit: %+v", about)
				}
				if o := c.audit(13, "--orphans").Orphans; o.Aside < 1 {
					t.Errorf("orphans: %+v", o)
				}
			}
			for _, args := range commands {
				p, exit := c.run(args...)
				text := p.out.String() + p.err.String()
				contains(t, text, "3 keys", names, scene.next)
				if n := strings.Count(text, scene.next); exit != 13 || n != 1 ||
					strings.Count(text, "next: ")+strings.Count(text, "hint: ") > 3 {
					t.Errorf("%v: exit %d, %d times\n%s", args, exit, n, text)
				}
			}
			if scene.code == plan.CodeWrongAccount {
				return
			}
			c.must("adopt", "--from-kms", "--all", "--reason", "x", "--confirm", "3")
			p, _ := c.run("audit", "--output", "json")
			if strings.Contains(p.out.String(), string(scene.code)) {
				t.Errorf("afterwards:\n%s", p.out.String())
			}
		})
	}
}

// JSON has all keys of a cause, and each key's own state besides.
func TestOneCauseAsDocument(t *testing.T) {
	c := manyCloud(t)
	c.lose(allKeys...)
	p, exit := c.run("status", "--output", "json")
	var d document.Status
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil || exit != 13 {
		t.Fatalf("exit %d, %v", exit, err)
	}
	if len(d.Causes) != 1 || fmt.Sprint(d.Causes[0].Keys) != fmt.Sprint(allKeys) || len(d.Keys) != 3 ||
		d.Keys[2].Refusal == nil {
		t.Errorf("%s", p.out.String())
	}
	p, exit = c.run("run", "--output", "json")
	var r document.Run
	if err := json.Unmarshal(p.out.Bytes(), &r); err != nil || exit != 13 {
		t.Fatalf("exit %d, %v", exit, err)
	}
	if len(r.Causes) != 1 || fmt.Sprint(r.Causes[0].Keys) != fmt.Sprint(allKeys) ||
		fmt.Sprint(r.Causes[0].Next) != fmt.Sprint(d.Causes[0].Next) {
		t.Errorf("%s", p.out.String())
	}
}

// A failure that is the same for several keys is told once; what was not recorded is
// typed again about exactly those that failed.
func TestOneFailure(t *testing.T) {
	c := manyCloud(t)
	refused := func(name string) sandbox.Fault {
		return sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Resource: "alias/" + name,
			Kind: sandbox.Refuse, Code: "AccessDeniedException", Message: "no permission on " + name}
	}
	c.faults(refused("billing"), refused("session-mac"))
	p, exit := c.run("hold", "--all", "--reason", "incident 7", "--until", "2099-01-01T00:00:00Z")
	contains(t, p.out.String(), "orders-data  held")
	contains(t, p.err.String(), "keyturn: hold: 2 keys: not finished\n", "\n  billing: ", "no permission on billing",
		"\n  session-mac: ", "no permission on session-mac", "\n  nothing was recorded; type it again\n",
		"\n  hint: keyturn hold billing session-mac --until 2099-01-01T00:00:00Z --reason 'incident 7'\n")
	if exit != 1 || strings.Count(p.err.String(), "hint:") != 2 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// Whether a verb was recorded may not be known of several keys: each has its own history.
func TestOneLostAnswer(t *testing.T) {
	c := manyCloud(t)
	lost := sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Kind: sandbox.Lose}
	c.faults(lost)
	p, exit := c.run("hold", "--all", "--reason", "incident 7")
	contains(t, p.err.String(), "keyturn: hold: 3 keys: ", "keyturn history orders-data\n", "keyturn history billing\n",
		"keyturn history session-mac\n")
	if exit != 1 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}
