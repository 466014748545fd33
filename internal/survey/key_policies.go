package survey

import (
	"context"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// policies reads the key policies of the versions that are enabled: one GetKeyPolicy each,
// of which KMS takes 1,000 a second.
func (a *auditor) policies(
	ctx context.Context, k plan.Policy, r *plan.Record, keys map[string]plan.KeySeen,
) map[string]string {
	seen := map[string]string{}
	var failed versionsFailed
	for _, v := range audit.Usable(r, keys) {
		text, err := a.aliases[k.Region].kms.Policy(ctx, v.KeyID)
		if err != nil {
			failed.add(v, err)
			continue
		}
		seen[v.KeyID] = text
	}
	failed.tell(a, k, "key policy")
	return seen
}

// grants lists the grants of the live version and of the one before it.
func (a *auditor) grants(
	ctx context.Context, k plan.Policy, r *plan.Record, keys map[string]plan.KeySeen,
) map[string][]plan.Grant {
	seen := map[string][]plan.Grant{}
	before, ok := audit.LiveBefore(r, keys)
	if !ok {
		return seen
	}
	var failed versionsFailed
	for _, v := range []plan.Version{*r.Live(), before} {
		all, no := a.aliases[k.Region].kms.Grants(ctx, v.KeyID)
		if no != nil {
			failed.add(v, &awscall.CallError{Answer: *no})
			continue
		}
		seen[v.KeyID] = all
	}
	failed.tell(a, k, "grants")
	return seen
}

// versionsFailed are versions of one key of which the same could not be read.
type versionsFailed struct {
	names []string
	first error
}

func (f *versionsFailed) add(v plan.Version, err error) {
	if f.first == nil {
		f.first = err
	}
	f.names = append(f.names, plan.VersionName(v.Version))
}

// tell notes what could not be read, once for all of them.
func (f *versionsFailed) tell(a *auditor, k plan.Policy, what string) {
	if f.first == nil {
		return
	}
	text := fmt.Sprintf("%s: the %s of %s: %v", k.Name, what, strings.Join(f.names, ", "), f.first)
	a.mu.Lock()
	defer a.mu.Unlock()
	if awscall.Classify(f.first).Lacking() {
		a.lacking = append(a.lacking, text)
	} else {
		a.unread = append(a.unread, text)
	}
}
