package claim

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// listed is how many versions a line names before it only counts them.
const listed = 8

// Text returns the claim in a line; "" if it is about nothing.
func (w Works) Text() string {
	if !w.made {
		return ""
	}
	of := map[string][]string{}
	both := false // the key behind the alias is a version that decrypts, too
	for _, p := range w.decrypt {
		if p.State == works && p.KeyID == w.encrypt.KeyID {
			both = true
			continue
		}
		name := p.Name()
		if p.Why != "" {
			name += " (" + p.Why + ")"
		}
		of[p.State] = append(of[p.State], name)
	}
	if w.encrypt.State == unasked && w.encrypt.KeyID == "" && len(of[unasked]) == len(w.decrypt) {
		return "whether encrypt and decrypt work was not looked at" + w.byRecord()
	}
	parts := []string{w.encryptText(both)}
	for _, p := range []struct{ state, says string }{
		{works, "decrypt works with "},
		{fails, "decrypt fails with "},
		{unknown, "whether decrypt works is not known of "},
		{unasked, "not looked at: "},
	} {
		if names := of[p.state]; len(names) > 0 {
			parts = append(parts, p.says+list(names))
		}
	}
	if w.retired > 0 {
		parts = append(parts, plan.Counted(w.retired, "retired version")+" disabled or deleted")
	}
	return strings.Join(parts, "; ")
}

func (w Works) encryptText(decryptsToo bool) string {
	p := w.encrypt
	text := ""
	switch {
	case p.State == works:
		text = "encrypt works, with " + p.Name()
		if decryptsToo {
			text = "encrypt and decrypt work with " + p.Name()
		}
	case p.State == fails && p.KeyID == "":
		return "encrypt fails: " + p.Why
	case p.State == fails:
		text = "encrypt fails: " + p.Name() + " is " + p.Why
	case p.State == unknown && p.KeyID == "":
		return "whether encrypt works is not known: " + p.Why + w.byRecord()
	case p.State == unknown:
		text = fmt.Sprintf("whether encrypt works is not known: %s is %s", p.Name(), p.Why)
	case p.KeyID == "":
		return "whether encrypt works was not looked at" + w.byRecord()
	default:
		text = "the alias names " + p.Name() + ", whose state was not looked at"
	}
	if !w.moves.IsZero() {
		text += ", and until " + plan.Clock(w.moves) + " an alias move that was signed may change that"
	}
	return text
}

// byRecord adds what the record says about the alias, where nobody has seen that.
func (w Works) byRecord() string {
	if w.recorded == "" {
		return ""
	}
	return "; by the record the alias names " + w.recorded
}

// list joins names, the first ones of many.
func list(names []string) string {
	if over := len(names) - listed; over > 0 {
		return strings.Join(names[:listed], ", ") + fmt.Sprintf(" and %d more", over)
	}
	return strings.Join(names, ", ")
}

// SafeAt says when an act is safe that must wait for a fence: until then a call that was
// signed earlier may still take effect.
func SafeAt(now, until time.Time) string {
	return fmt.Sprintf("not yet, safe at %s UTC (in %s)", plan.Clock(until), remaining(until.Sub(now)))
}

// remaining writes a time left to the second: 6m02s.
func remaining(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
}
