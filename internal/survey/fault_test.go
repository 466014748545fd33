package survey

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Each error says itself what it amounts to, however it is wrapped; who interrupts a
// command learns that, unless nothing had been begun for another reason.
func TestFault(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code plan.Code
		exit plan.Exit
	}{
		{t.Context(), nil, "", plan.ExitDone},
		{t.Context(), errors.New("x"), "failed", plan.ExitFailed},
		{t.Context(), planfile.Problems{{}}, "plan-invalid", plan.ExitUsage},
		{t.Context(), &ddblock.MissingTableError{Table: "t"}, "table-missing", plan.ExitPerson},
		{t.Context(), &PlacedTableError{MissingTableError: &ddblock.MissingTableError{}}, "table-missing",
			plan.ExitPerson},
		{t.Context(), errors.Join(&ddblock.MalformedError{}), "malformed-record", plan.ExitPerson},
		{t.Context(), &AccountError{}, "wrong-account", plan.ExitPerson},
		{t.Context(), &RefusedError{plan.Refusal{Code: "newer-record"}}, "newer-record", plan.ExitPerson},
		{t.Context(), &awscall.EndpointError{}, "bad-endpoint", plan.ExitUsage},
		{t.Context(), &awscall.CallError{Answer: plan.Answer{Cause: plan.Cause{Kind: plan.CauseRefused}}},
			"unreachable",
			plan.ExitFailed},
		{t.Context(), context.Canceled, "interrupted", plan.ExitFailed},
		{canceled, context.Canceled, "interrupted", plan.ExitInterrupted},
		{canceled, &awscall.CredentialsError{Err: context.Canceled}, "interrupted", plan.ExitInterrupted},
		{canceled, errors.New("x"), "failed", plan.ExitFailed},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("doing it: %w", err)
		}
		if f := Fault(c.ctx, err); f.Code != c.code || f.Exit != c.exit {
			t.Errorf("%T: %s, exit %d; want %s, exit %d", c.err, f.Code, f.Exit, c.code, c.exit)
		}
	}
}
