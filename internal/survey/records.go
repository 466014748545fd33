package survey

import (
	"context"
	"maps"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Records are records by the keys of their items, as far as there are any.
type Records struct {
	Found map[string]*plan.Record
	// Broken are those that cannot be understood. Such a record stops only its own key,
	// and never counts as no record.
	Broken map[string]*ddblock.MalformedError
}

// Records reads the records of keys.
func (a *AWS) Records(ctx context.Context, keys []plan.Policy) (Records, error) {
	byTable := map[string][]string{}
	for _, k := range keys {
		byTable[k.Table] = append(byTable[k.Table], k.Key())
	}
	return a.records(ctx, byTable)
}

// Record reads the record of one key; nil if it has none.
func (a *AWS) Record(ctx context.Context, k plan.Policy) (*plan.Record, error) {
	r, err := a.Records(ctx, []plan.Policy{k})
	if bad := r.Broken[k.Key()]; bad != nil {
		return nil, bad
	}
	return r.Found[k.Key()], err
}

// Named returns the aliases of a KMS key, given by id or ARN; none if KMS does not know it
// in that Region.
func (a *AWS) Named(ctx context.Context, region, keyID string) ([]string, error) {
	client, err := a.KMS(ctx, region)
	if err != nil {
		return nil, err
	}
	listed, err := client.AliasesOf(ctx, keyID)
	if err != nil && !awscall.Classify(err).Missing {
		return nil, err
	}
	names := make([]string, len(listed))
	for i, l := range listed {
		names[i] = l.Name
	}
	return names, nil
}

// records reads items of several tables.
func (a *AWS) records(ctx context.Context, byTable map[string][]string) (Records, error) {
	all := Records{Found: map[string]*plan.Record{}, Broken: map[string]*ddblock.MalformedError{}}
	for name, keys := range byTable {
		found, err := a.table(name).Read(ctx, keys)
		if err != nil && found == nil {
			return Records{}, err
		}
		maps.Copy(all.Found, found)
		maps.Copy(all.Broken, ddblock.Malformed(err))
	}
	return all, nil
}

// Histories reads the records of keys and then the ledger of each, in this order: an
// event that leaves a record in between is then in both and not in neither. If a ledger
// goes on after the record, a run may have written in between, so both are read again, in
// the same order. A key whose ledger cannot be read is left out, and failed is told.
func (a *AWS) Histories(ctx context.Context, keys []plan.Policy, failed func(plan.Policy, error)) (
	[]plan.KeyHistory, error) {
	records, err := a.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []plan.KeyHistory
	for _, k := range keys {
		end := a.Looks.begin()
		h, err := a.history(ctx, k, records)
		end()
		if err != nil {
			failed(k, err)
			continue
		}
		all = append(all, h)
	}
	return all, ctx.Err()
}

func (a *AWS) history(ctx context.Context, k plan.Policy, records Records) (h plan.KeyHistory, err error) {
	if bad := records.Broken[k.Key()]; bad != nil {
		return h, bad
	}
	r := records.Found[k.Key()]
	if r != nil {
		if ref := plan.NewerRecord(r); ref != nil {
			return h, &RefusedError{*ref}
		}
	}
	for try := 1; ; try++ {
		copies, err := a.table(k.Table).Ledger(ctx, k.Key(), time.Time{})
		if err != nil {
			return h, err
		}
		ahead := r == nil && len(copies) > 0 || r != nil && plan.RecordRestored(k, r, copies) != nil
		if !ahead || try == auditTries {
			return plan.KeyHistory{Key: k, Record: r, History: plan.HistoryOf(r, copies)}, nil
		}
		if r, err = a.Record(ctx, k); err != nil {
			return h, err
		}
	}
}

// RefusedError is a refusal of a command that decides nothing about a key.
type RefusedError struct{ plan.Refusal }

func (e *RefusedError) Error() string { return e.What }

// Fault returns that of the refusal.
func (e *RefusedError) Fault() plan.Fault {
	return plan.Fault{Code: e.Code, Exit: plan.ExitPerson, Hint: e.Hint}
}
