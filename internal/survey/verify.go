package survey

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// Verification is what a preflight is about.
type Verification struct {
	Keys []plan.Policy
	// Role is the ARN of the role or user whose permissions count; "" is the caller's.
	Role string
	// Sandboxed reports whether AWS is the embedded one, whose clock is no host's.
	Sandboxed bool
}

// verifier looks at what the next rotations need. What a run only reads it reads, too; of
// everything else it asks KMS by DryRun, and IAM's policy simulator. It changes nothing.
type verifier struct {
	*AWS
	found *plan.Preflight
	sim   *simulator
	// shared has the answers to calls that are made once for several keys, by the action
	// and by the table or Region.
	shared map[shared]plan.Answer
	// tables are those that could be looked at.
	tables map[string]plan.TableSeen
	// records are of the tables that could be read.
	records  map[string]*Records
	listings map[string][]plan.AliasListed
}

type shared struct{ action, at string }

// Verify looks at what the next rotations of keys need, and at what is allowed of it. Its
// error is one after which there is nothing to tell.
func (a *AWS) Verify(ctx context.Context, q Verification) (plan.Preflight, error) {
	caller, err := a.Caller(ctx)
	if err != nil {
		return plan.Preflight{}, err
	}
	p := plan.Preflight{At: a.Now(), Caller: caller, Principal: cmp.Or(q.Role, plan.PrincipalOf(caller.ARN)),
		Other: q.Role != "" && !plan.Callers{q.Role}.Has(caller.ARN)}
	var skew time.Duration
	if !q.Sandboxed {
		skew = a.Skew()
	}
	if !p.Identity(q.Keys, skew) {
		return p, nil
	}
	v := &verifier{AWS: a, found: &p, sim: &simulator{principal: p.Principal}, shared: map[shared]plan.Answer{},
		tables: map[string]plan.TableSeen{}, records: map[string]*Records{}, listings: map[string][]plan.AliasListed{}}
	if err := v.connectSimulator(ctx); err != nil {
		return p, err
	}
	v.lookAtTables(ctx, q.Keys)
	if err := v.verifyKeys(ctx, q.Keys); err != nil {
		return p, err
	}
	if v.sim.no != nil {
		p.Unsimulated(*v.sim.no)
	}
	p.At = a.Now()
	return p, ctx.Err()
}

// connectSimulator connects to IAM. Its error is one of the configuration.
func (v *verifier) connectSimulator(ctx context.Context) (err error) {
	v.sim.iam, err = v.home.IAM(ctx, kms.Partition(v.Plan.Region))
	if _, configured := errors.AsType[plan.FaultError](err); configured {
		return err
	}
	if err != nil {
		v.sim.no, v.sim.off = &plan.Answer{Verdict: plan.Unknown, Message: err.Error()}, true
	}
	return nil
}

// called notes the answer to a call that is made once for several keys.
func (v *verifier) called(action, at string, err error) {
	v.shared[shared{action, at}] = awscall.Classify(err)
}

// lookAtTables looks at the tables of keys, and reads the records in them.
func (v *verifier) lookAtTables(ctx context.Context, keys []plan.Policy) {
	byTable := map[string][]plan.Policy{}
	for _, k := range keys {
		byTable[k.Table] = append(byTable[k.Table], k)
	}
	for _, name := range v.Plan.Tables() {
		if len(byTable[name]) == 0 || !v.lookAtTable(ctx, name) {
			continue
		}
		records, err := v.Records(ctx, byTable[name])
		v.called("dynamodb:BatchGetItem", name, err)
		if err == nil {
			v.records[name] = &records
		}
	}
}

// lookAtTable reports whether there is a table.
func (v *verifier) lookAtTable(ctx context.Context, name string) bool {
	seen, err := v.table(name).Inspect(ctx)
	if err != nil {
		v.found.Failed("", plan.AboutTable, err.Error(), Fault(ctx, v.Explain(ctx, err)))
		answer := awscall.Classify(err)
		if answer.Cause.Operation == "DescribeTimeToLive" {
			v.called("dynamodb:DescribeTable", name, nil)
		}
		v.called("dynamodb:"+answer.Cause.Operation, name, err)
		_, missing := errors.AsType[*ddblock.MissingTableError](err)
		return !missing
	}
	v.called("dynamodb:DescribeTable", name, nil)
	v.called("dynamodb:DescribeTimeToLive", name, nil)
	v.tables[name] = seen.Table
	v.found.TableLooked(name, seen.Table, seen.PITR, seen.PITRNote)
	return true
}

// listAliases lists all aliases of a Region once.
func (v *verifier) listAliases(ctx context.Context, client *kms.Client, region string) {
	if _, asked := v.shared[shared{"kms:ListAliases", region}]; !asked {
		all, err := client.Aliases(ctx)
		v.called("kms:ListAliases", region, err)
		v.listings[region] = all
	}
}

// verifyKeys looks at the keys, several at a time, asks what is simulated of all of them, and
// tells of them in their order.
func (v *verifier) verifyKeys(ctx context.Context, keys []plan.Policy) error {
	all := make([]*verified, len(keys))
	for i, k := range keys {
		client, err := v.KMS(ctx, k.Region)
		if err != nil {
			return err
		}
		v.listAliases(ctx, client, k.Region)
		found := *v.found
		found.Checks = nil
		all[i] = &verified{verifier: v, found: &found, policy: k, kms: client, answers: map[string]plan.Answer{}}
	}
	if err := v.look(ctx, all); err != nil {
		return err
	}
	v.simulate(ctx, all)
	for _, key := range all {
		key.tryCalls()
		v.found.Checks = append(v.found.Checks, key.found.Checks...)
	}
	return ctx.Err()
}

// look reads and judges keys, several at a time. A run may have written a record while KMS was
// asked; then what was seen of the two does not belong together. So what is not as it should
// be counts only if the record is still the same.
func (v *verifier) look(ctx context.Context, keys []*verified) error {
	for try := 1; len(keys) > 0; try++ {
		group, reading := errgroup.WithContext(ctx)
		group.SetLimit(asksAtOnce)
		for _, key := range keys {
			group.Go(func() error {
				if key.end == nil {
					key.end = v.Looks.begin()
				}
				key.read(reading)
				key.record = key.judge(reading)
				return reading.Err()
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		doubted := slices.DeleteFunc(slices.Clone(keys), func(k *verified) bool {
			return !k.found.Doubts() || k.records[k.policy.Table] == nil
		})
		changed, err := v.changed(ctx, doubted)
		if err != nil {
			return err
		}
		if keys = changed; try == auditTries {
			for _, key := range keys {
				key.found.Checks, key.record = nil, nil
				key.found.Failed(key.policy.Name, plan.AboutKey, "a run is working on it; verify it again",
					plan.Fault{Exit: plan.ExitFailed})
			}
			return nil
		}
		if err := v.again(ctx, keys); err != nil {
			return err
		}
	}
	return nil
}

// changed returns the keys whose records are not those any more by which they were judged.
func (v *verifier) changed(ctx context.Context, keys []*verified) (changed []*verified, err error) {
	policies := make([]plan.Policy, len(keys))
	for i, k := range keys {
		policies[i] = k.policy
	}
	now, err := v.Records(ctx, policies)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if key := k.policy.Key(); revOf(now.Found[key]) != k.judged {
			changed = append(changed, k)
			records := v.records[k.policy.Table]
			delete(records.Found, key)
			delete(records.Broken, key)
			if r := now.Found[key]; r != nil {
				records.Found[key] = r
			}
			if bad := now.Broken[key]; bad != nil {
				records.Broken[key] = bad
			}
		}
	}
	return changed, nil
}

// again makes keys ready to be read once more, with a new list of the aliases of their Regions.
func (v *verifier) again(ctx context.Context, keys []*verified) error {
	for _, k := range keys {
		delete(v.shared, shared{"kms:ListAliases", k.policy.Region})
	}
	for _, k := range keys {
		v.listAliases(ctx, k.kms, k.policy.Region)
		k.found.Checks, k.answers, k.names = nil, map[string]plan.Answer{}, nil
	}
	return ctx.Err()
}

// simulate asks the simulator about all keys. A key is finished with its last answer.
func (v *verifier) simulate(ctx context.Context, keys []*verified) {
	var questions []plan.Simulation
	var of []*verified
	for _, key := range keys {
		for _, q := range key.subject().Simulations(key.simulated()) {
			questions, of = append(questions, q), append(of, key)
			key.open++
		}
		if key.open == 0 {
			key.end()
		}
	}
	all := v.sim.askAll(ctx, questions, func(i int) {
		if of[i].open--; of[i].open == 0 {
			of[i].end()
		}
	})
	for i, decided := range all {
		of[i].decided = append(of[i].decided, decided...)
	}
}

// verified is one key in a preflight. What is found of it stands apart from the others'.
type verified struct {
	*verifier
	found  *plan.Preflight
	policy plan.Policy
	kms    *kms.Client
	// answers are those to calls, by action.
	answers map[string]plan.Answer
	seen    plan.Observed
	// names are all aliases of the live key.
	names  []string
	tagged bool
	// record is what the rotation begins with; nil if none does. judged is the revision of the
	// record that was looked at; 0 if there is none.
	record *plan.Record
	judged int64
	// end is called once the key was looked at. open are the questions without an answer.
	end  func()
	open int
	// decided are the simulator's answers.
	decided []plan.Simulated
}

func (k *verified) called(action string, err error) { k.answers[action] = awscall.Classify(err) }

// read makes every call by which a run only reads.
func (k *verified) read(ctx context.Context) {
	for at, answer := range k.shared {
		if at.at == k.policy.Table {
			k.answers[at.action] = answer
		}
	}
	who := plan.Caller{ARN: k.found.Principal, Account: k.found.Caller.Account}
	if !k.found.Other {
		who = k.found.Caller
	}
	k.seen = plan.Observed{Caller: &who, OwnPolicy: k.options.Policies[k.policy.PolicyPath]}
	if table, seen := k.tables[k.policy.Table]; seen {
		k.seen.Table = &table
	}
	tail, err := k.table(k.policy.Table).Tail(ctx, k.policy.Key())
	k.called("dynamodb:Query", err)
	if err == nil {
		k.seen.LedgerRev, k.seen.LastItem, k.seen.ReadAgain = plan.LastRev(tail), tail, true
	}
	k.listed()
	alias, err := k.kms.Describe(ctx, k.policy.Alias)
	k.called("kms:DescribeKey", err)
	if err != nil {
		return
	}
	k.seen.Alias, k.seen.AliasAt = &alias, k.Now()
	if !alias.Missing {
		k.readKey(ctx, alias)
	}
}

// listed finds the alias and those of its versions.
func (k *verified) listed() {
	all := k.listings[k.policy.Region]
	answer := k.shared[shared{"kms:ListAliases", k.policy.Region}]
	k.answers["kms:ListAliases"] = answer
	if answer.Verdict != plan.Yes {
		return
	}
	k.seen.Listing = &plan.ListingSeen{}
	for _, a := range all {
		if of, _, _ := plan.SplitVersion(a.Name); of == k.policy.Alias {
			k.seen.Listing.Versions = append(k.seen.Listing.Versions, a)
		}
		if a.Name == k.policy.Alias {
			k.seen.Listing.Alias = &a
		}
	}
	if k.seen.Listing.Alias == nil {
		return
	}
	for _, a := range all {
		if a.KeyID == k.seen.Listing.Alias.KeyID {
			k.names = append(k.names, a.Name)
		}
	}
}

// readKey reads what a new version takes over from the live one, call by call: each of them
// has its own permission.
func (k *verified) readKey(ctx context.Context, live plan.KeySeen) {
	policy, err := k.kms.Policy(ctx, live.KeyID)
	k.called("kms:GetKeyPolicy", err)
	source := plan.SourceSeen{Policy: policy, Description: live.Description}
	unread := err != nil
	origin, err := k.kms.Origin(ctx, live.KeyID)
	k.called("kms:ListResourceTags", err)
	k.tagged = origin.Alias == k.policy.Alias
	grants, no := k.kms.Grants(ctx, live.KeyID)
	source.Grants, k.answers["kms:ListGrants"] = len(grants), plan.Answer{Verdict: plan.Yes}
	if no != nil {
		k.answers["kms:ListGrants"] = *no
	}
	if plan.RotatesItself(live.Spec, live.Usage) {
		source.Rotation, err = k.kms.RotationStatus(ctx, live.KeyID)
		k.called("kms:GetKeyRotationStatus", err)
		if err != nil {
			source.Rotation.Unknown = err.Error()
		}
	}
	k.seen.Rotations = map[string]plan.RotationSeen{live.KeyID: source.Rotation}
	if !unread {
		k.seen.Source = &source
	}
	if k.needs("kms:GetKeyLastUsage") {
		_, err = k.kms.LastUsage(ctx, live.KeyID)
		k.called("kms:GetKeyLastUsage", err)
	}
	if k.policy.Probe {
		maps.Copy(k.answers, k.kms.DryRun(ctx, live.KeyID, live.Spec, live.Usage))
	}
}
