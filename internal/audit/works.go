package audit

import (
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// The states of keys in KMS that matter here.
const (
	enabled  = "Enabled"
	disabled = "Disabled"
	pending  = "PendingDeletion"
)

// works reports whether encrypt and decrypt work, as far as it was seen.
func (c *checker) works() string {
	var encrypt string
	switch a := c.s.Alias; {
	case a == nil:
		encrypt = "whether encrypt works could not be seen"
	case a.Missing:
		encrypt = "encrypt fails: there is no " + c.p.Alias
	case a.State != enabled:
		encrypt = "encrypt fails: the key behind the alias is " + say(*a)
	default:
		encrypt = "encrypt works, with " + c.called(a.KeyID)
	}
	var broken []string
	if c.r != nil {
		for _, v := range c.all() {
			k, known := c.s.Keys[v.KeyID]
			if known && (k.Missing || k.State != enabled) && (!ended(v) || foundGone(v)) {
				broken = append(broken, plan.VersionName(v.Version))
			}
		}
	}
	switch {
	case len(broken) > 0:
		return encrypt + "; decrypt fails for what only " + strings.Join(broken, ", ") + " can decrypt"
	case len(c.s.Keys) == 0:
		return encrypt
	}
	return encrypt + "; decrypt works"
}

// called returns a key's name for people.
func (c *checker) called(keyID string) string {
	if c.r != nil {
		if v, ours := c.r.VersionOfKey(keyID); ours {
			return plan.VersionName(v)
		}
	}
	return keyID
}

// say returns a key's state as part of a sentence.
func say(k plan.KeySeen) string {
	switch {
	case k.Missing:
		return "gone"
	case k.State == pending && !k.DeletionAt.IsZero():
		return "pending deletion, on " + plan.Stamp(k.DeletionAt)
	case k.State == pending:
		return "pending deletion"
	}
	return strings.ToLower(k.State)
}

// awskms returns a command of the aws CLI about one key.
func (c *checker) awskms(command, keyID string) string {
	return plan.Shell("aws", "kms", command, "--region", c.p.Region, "--key-id", keyID)
}

// ended reports whether a version should not work any more.
func ended(v plan.Version) bool { return v.State.Retired() && v.State != plan.Kept }

// foundGone reports whether a version was gone before keyturn could disable it.
func foundGone(v plan.Version) bool {
	return ended(v) && !v.DeleteAt.IsZero() && !v.DeleteAt.After(v.DisabledAt)
}

// all returns every version of the record: the live one first, a new one last.
func (c *checker) all() []plan.Version {
	var all []plan.Version
	if live := c.r.Live(); live != nil {
		all = append(all, *live)
	}
	all = append(all, c.r.Old()...)
	if next := c.r.Next(); next != nil && next.State == "" && next.Version != c.r.Active {
		all = append(all, *next)
	}
	return all
}
