package ddblock

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// ChangedError says that somebody else wrote the record first.
type ChangedError struct {
	Current *plan.Record // as it is now; nil if there is none
}

func (e *ChangedError) Error() string {
	if e.Current == nil {
		return "the record is gone"
	}
	return fmt.Sprintf("the record was written by somebody else: it is at rev %d now", e.Current.Rev)
}

// MalformedError says that a record is there and cannot be understood. That is
// never the same as no record.
type MalformedError struct {
	Key       string
	Attribute string // where in the item: "versions[1].mark.until"
	What      string // is wrong with it: "is missing"
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("the record of %s is malformed: %s %s", e.Key, e.Attribute, e.What)
}

// Fault is one for a person: nobody knows what the record says.
func (e *MalformedError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeMalformedRecord, Exit: plan.ExitPerson, Hint: plan.Hint{
		Note: "look at the item in the lock table; a newer keyturn may have written it, or a person edited it"}}
}

// LedgerError says that the ledger tells a revision otherwise than the record:
// this is an older copy of it, and others have written on from there before.
type LedgerError struct {
	Key string
	Rev int64
}

func (e *LedgerError) Error() string {
	return fmt.Sprintf("the ledger of %s tells revision %d otherwise than the record", e.Key, e.Rev)
}

// Malformed gives the records that the error of a Read says are malformed, by
// key. Such a record stops its own key and no other.
func Malformed(err error) map[string]*MalformedError {
	found := map[string]*MalformedError{}
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok {
		return found
	}
	for _, one := range joined.Unwrap() {
		if bad, ok := errors.AsType[*MalformedError](one); ok {
			found[bad.Key] = bad
		}
	}
	return found
}

// MissingTableError says that the lock table does not exist.
type MissingTableError struct {
	Table string
	Err   error
}

func (e *MissingTableError) Error() string { return "there is no table " + e.Table }
func (e *MissingTableError) Unwrap() error { return e.Err }

// Fault is one for a person, who alone may make the table.
func (e *MissingTableError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeTableMissing, Exit: plan.ExitPerson, Hint: plan.Try("keyturn", "init", "--table").
		Noted(`if it was there before, first see "The table was lost" in docs/runbook.md`)}
}

// UnsafeTableError says that a table exists and must not hold records.
type UnsafeTableError struct {
	Table string
	plan.TableSeen
}

func (e *UnsafeTableError) Error() string { return "table " + e.Table + " is not fit: " + e.Unsafe }

// explain says what was being done when DynamoDB said no, or nothing.
func (t *Table) explain(doing string, err error) error {
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return &MissingTableError{Table: t.name, Err: err}
	}
	return fmt.Errorf("%s table %s: %w", doing, t.name, err)
}
