package saved

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// The limits of what is read. No decision of keyturn comes near them.
const (
	maxActs  = 1000
	maxTerms = 20
	maxText  = 8192
)

var keyName = plan.Pattern(`^[a-z0-9-]+/alias/[a-zA-Z0-9:/_-]{1,250}$`)

func (f File) check() error {
	if f.Format != Format {
		return fmt.Errorf("format is %q, not %q", f.Format, Format)
	}
	if err := texts(f.Keyturn, f.Run, f.Plan); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, k := range f.Keys {
		if !keyName().MatchString(k.Key) {
			return fmt.Errorf("keys[%d]: %q is not the name of a record", i, k.Key)
		}
		if seen[k.Key] {
			return fmt.Errorf("keys[%d]: %s stands there twice", i, k.Key)
		}
		seen[k.Key] = true
		if err := k.check(); err != nil {
			return fmt.Errorf("%s: %w", k.Key, err)
		}
	}
	if len(f.Keys) == 0 {
		return fmt.Errorf("it has no keys")
	}
	return nil
}

func (k Key) check() error {
	if err := texts(k.AliasNames, k.Claim, k.PlanDigest); err != nil {
		return err
	}
	if k.Generation < 0 || k.Generation > plan.MaxVersion {
		return fmt.Errorf("generation %d does not exist", k.Generation)
	}
	if len(k.Acts) > maxActs {
		return fmt.Errorf("it has more than %d acts", maxActs)
	}
	claims := false
	for i, a := range k.Acts {
		if err := a.check(); err != nil {
			return fmt.Errorf("acts[%d]: %w", i, err)
		}
		if kind := plan.Kind(a.Act); kind == plan.WriteClaim || kind == plan.WriteFirstClaim {
			if claims || a.Version != k.Generation || k.Claim != "" {
				return fmt.Errorf("acts[%d]: %s v%d does not open generation %d", i, a.Act, a.Version, k.Generation)
			}
			claims = true
		}
	}
	if k.Generation != 0 && !claims && k.Claim == "" {
		return fmt.Errorf("generation %d is open without a claim", k.Generation)
	}
	return nil
}

func (a Act) check() error {
	if !plan.Kind(a.Act).IsSaved() {
		return fmt.Errorf("%q is no act", a.Act)
	}
	if a.Version < 0 || a.Version > plan.MaxVersion {
		return fmt.Errorf("version %d does not exist", a.Version)
	}
	if len(a.Terms) > maxTerms {
		return fmt.Errorf("it has more than %d terms", maxTerms)
	}
	seen := map[string]bool{}
	for _, t := range a.Terms {
		if seen[t.Name] || t.Name == "" {
			return fmt.Errorf("term %q has no name of its own", t.Name)
		}
		seen[t.Name] = true
		if err := texts(t.Name, t.Value); err != nil {
			return err
		}
	}
	return texts(a.KeyID)
}

// texts refuses a text that is too long, or that a terminal acts on.
func texts(all ...string) error {
	for _, s := range all {
		if len(s) > maxText {
			return fmt.Errorf("a text is longer than %d bytes", maxText)
		}
		if what := plan.FirstMisleading(s); what != "" {
			return fmt.Errorf("a text has %s", what)
		}
	}
	return nil
}

// Decisions returns the saved decision about each key.
func (f File) Decisions() []plan.Saved {
	all := make([]plan.Saved, len(f.Keys))
	for i, k := range f.Keys {
		s := plan.Saved{Key: k.Key, Alias: k.AliasNames, Generation: k.Generation, ClaimID: k.Claim,
			Digest: k.PlanDigest}
		for _, a := range k.Acts {
			act := plan.SavedAct{Kind: plan.Kind(a.Act), Version: a.Version, KeyID: a.KeyID}
			for _, t := range a.Terms {
				act.Terms = append(act.Terms, plan.Term(t))
			}
			s.Acts = append(s.Acts, act)
		}
		all[i] = s
	}
	return all
}
