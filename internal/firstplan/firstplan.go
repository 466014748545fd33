// Package firstplan writes a first plan from what an account has. It is pure:
// aliases and their keys come in, the text of a plan file goes out. What it
// writes is a start for a person to read and change, so every line that can be
// decided otherwise has a word beside it; and it is careful: nothing in it lets
// keyturn disable or delete anything.
package firstplan

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Account is what was found.
type Account struct {
	Region, ID string
	// Pattern is what the aliases match, as it was asked for.
	Pattern string
	Found   []Found
}

// Found is an alias and the key behind it.
type Found struct {
	Alias string
	Key   plan.KeySeen
	// Trouble says why the key could not be looked at.
	Trouble string
	// Versions are its version aliases. Then somebody has rotated it before.
	Versions []string
}

// LeftOut is an alias that the plan does not rotate, and why.
type LeftOut struct{ Alias, Reason string }

// Plan is a first plan.
type Plan struct {
	// Text is the plan file. It is empty if no key can be rotated.
	Text    string
	Keys    []Found
	LeftOut []LeftOut
}

// Matcher makes a test of alias names. In a pattern * stands for anything, a
// slash too, as in IAM policies; alias/ in front may be left out. AWS's own
// aliases and version aliases match nothing.
func Matcher(pattern string) func(alias string) bool {
	if !strings.HasPrefix(pattern, "alias/") {
		pattern = "alias/" + pattern
	}
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	whole := regexp.MustCompile("^" + quoted + "$")
	return func(alias string) bool {
		return whole.MatchString(alias) && !strings.HasPrefix(alias, "alias/aws/") && !isVersion().MatchString(alias)
	}
}

// isVersion is how version aliases end, of whichever alias they are.
var isVersion = plan.Pattern(`/v[0-9]+$`)

// Write writes the plan of an account.
func Write(a Account) Plan {
	found := append([]Found(nil), a.Found...)
	sort.Slice(found, func(i, j int) bool { return found[i].Alias < found[j].Alias })
	var p Plan
	var keys strings.Builder
	twice := map[string]string{} // alias, by key id
	for _, f := range found {
		if why := a.unfit(f); why != "" {
			p.LeftOut = append(p.LeftOut, LeftOut{f.Alias, why})
			continue
		}
		keys.WriteString(entry(f))
		if other := twice[f.Key.KeyID]; other != "" {
			keys.WriteString("    # " + other + " names the same key; from the first rotation on each has its own,\n" +
				"    # and the one they share stays enabled, whatever retire says, for as long as either's v1 " +
				"names it\n")
		}
		if n := len(f.Versions); n > 0 {
			fmt.Fprintf(&keys,
				"    # it has version aliases up to %s: if its record is in another table, name that above;\n"+
					"    # if there is none, keyturn adopt %s --from-kms --reason \"...\" makes one of them\n",
				f.Versions[n-1], strings.TrimPrefix(f.Alias, "alias/"))
		}
		twice[f.Key.KeyID] = f.Alias
		p.Keys = append(p.Keys, f)
	}
	if len(p.Keys) > 0 {
		p.Text = a.head() + keys.String() + leftOut(p.LeftOut)
	}
	return p
}

// unfit returns why an alias cannot be in the plan; "" if it can. What a plan may
// say of an alias is for the plan's parser to know, so it is asked.
func (a Account) unfit(f Found) string {
	switch {
	case f.Trouble != "":
		return "its key cannot be looked at: " + f.Trouble
	case f.Key.Missing:
		return "it names no key"
	case f.Key.Unsupported != "":
		return f.Key.Unsupported
	case f.Key.State != plan.KeyEnabled:
		return "its key is " + f.Key.State
	}
	_, err := planfile.Parse("plan", []byte(a.head()+entry(f)))
	var problems planfile.Problems
	if err == nil {
		return ""
	}
	if ok := asProblems(err, &problems); ok {
		return problems[0].Message
	}
	return err.Error()
}

func asProblems(err error, into *planfile.Problems) bool {
	p, ok := err.(planfile.Problems)
	*into = p
	return ok && len(p) > 0
}

func entry(f Found) string {
	return fmt.Sprintf("  - alias: %s\n    spec: %s\n    usage: %s\n", f.Alias, f.Key.Spec, f.Key.Usage)
}

// head returns all of the plan but its keys.
func (a Account) head() string {
	return planfile.Modeline + fmt.Sprintf(`# A first plan, made of the aliases %s of this account. Writing it has
# changed nothing. Read it, then:
#
#   keyturn validate         is it right?
#   keyturn init --table     makes the DynamoDB table, once
#   keyturn run --dry-run    what would a run do? the first one adopts, and rotates nothing
#
# All fields: keyturn validate --schema

region: %s
account: "%s"  # keys of any other account are refused
table: keyturn          # in the Region above; one table serves one account

schedule: {every: 90d}  # one rotation in each 90 days, counted from when the key behind the alias went live
drain: 30d              # so long the version before stays enabled, at least
retire: keep            # and then for good. To have old versions disabled, say so under
                        # the key itself: what they encrypted cannot be read after that

keys:
`, oneLine(a.Pattern), a.Region, a.ID)
}

// leftOut returns what the plan does not have, and why.
func leftOut(list []LeftOut) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n# Not in this plan, for keyturn cannot rotate them:\n")
	for _, l := range list {
		b.WriteString("#   " + l.Alias + ": " + oneLine(l.Reason) + "\n")
	}
	return b.String()
}

// oneLine keeps text from somewhere else inside its comment.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
