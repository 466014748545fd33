package ddblock

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// ChangedError means that another run wrote the record first.
type ChangedError struct {
	// Current is the record as it is now; nil if there is none.
	Current *plan.Record
}

func (e *ChangedError) Error() string {
	if e.Current == nil {
		return "the record is gone"
	}
	return fmt.Sprintf("the record was written by somebody else: it is at rev %d now", e.Current.Rev)
}

// MalformedError means that there is a record and it cannot be understood. It
// never counts as no record.
type MalformedError struct {
	Key string
	// Attribute is the place in the item, such as "versions[1].fence.until".
	Attribute string
	// What is wrong there, such as "is missing".
	What string
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("the record of %s is malformed: %s %s", e.Key, e.Attribute, e.What)
}

// Fault returns one for a person, because nobody knows what the record says.
func (e *MalformedError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeMalformedRecord, Exit: plan.ExitPerson, Hint: plan.Hint{
		Note: "look at the item in the lock table; a newer keyturn may have written it, or a person edited it"}}
}

// Malformed returns the malformed records in the error of a Read, by key. Such a
// record stops work on its own key only.
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

// MissingTableError means that the lock table does not exist.
type MissingTableError struct {
	Table string
	Err   error
}

func (e *MissingTableError) Error() string { return "there is no table " + e.Table }
func (e *MissingTableError) Unwrap() error { return e.Err }

// Fault returns one for a person: only a person may make the table.
func (e *MissingTableError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeTableMissing, Exit: plan.ExitPerson, Hint: plan.Try("keyturn", "init", "--table").
		Noted(`if it was there before, first see "The table was lost" in docs/runbook.md`)}
}

// UnsafeTableError means that a table exists and must not hold records.
type UnsafeTableError struct {
	Table string
	plan.TableSeen
}

func (e *UnsafeTableError) Error() string { return "table " + e.Table + " is not fit: " + e.Unsafe }

// explain adds to an error what was being done.
func (t *Table) explain(doing string, err error) error {
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return &MissingTableError{Table: t.name, Err: awscall.Wrap(err)}
	}
	return fmt.Errorf("%s table %s: %w", doing, t.name, awscall.Wrap(err))
}
