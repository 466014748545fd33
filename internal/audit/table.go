package audit

import "github.com/keyturn/keyturn/plan"

// TableSeen is what was read of a lock table.
type TableSeen struct {
	Name    string
	Region  string
	Verdict plan.TableSeen
	// Deletion reports whether deletion protection is on.
	Deletion bool
	// PITR reports whether point-in-time recovery is on.
	PITR bool
	// PITRNote describes why that is not known.
	PITRNote string
	Keys     []string
}

// Table returns the findings of a lock table. planned are the keys of the records
// that the plan names.
func Table(t TableSeen, planned map[string]bool) []Finding {
	var out []Finding
	name := "table " + t.Name
	if t.Verdict.Unsafe != "" {
		out = append(out, Finding{Code: plan.CodeUnsafeTable, Level: Person, Mode: Race,
			Observed: t.Verdict.Unsafe, Expected: "a table whose conditional writes hold",
			What: name + ": " + t.Verdict.Unsafe, Hint: t.Verdict.Hint})
	}
	if !t.Deletion {
		out = append(out, Finding{Code: plan.CodeNoDeletionProtection, Level: Warning,
			What: name + ": deletion protection is off", Observed: "off", Expected: "on",
			Hint: plan.Try("aws", "dynamodb", "update-table", "--region", t.Region,
				"--table-name", t.Name, "--deletion-protection-enabled")})
	}
	if !t.PITR && t.PITRNote == "" {
		out = append(out, Finding{Code: plan.CodeNoRecovery, Level: Warning,
			What: name + ": point-in-time recovery is off", Observed: "off", Expected: "on",
			Hint: plan.Try("keyturn", "init", "--table")})
	}
	for _, k := range t.Keys {
		if !planned[k] {
			out = append(out, Finding{Code: plan.CodeNotInPlan, Level: Warning, Field: k,
				What: name + " has a record of " + k + ", which this plan does not: no run of this plan looks at it",
				Hint: plan.Noted("if no other plan has it, put it back into this one")})
		}
	}
	for i := range out {
		out[i].Table = t.Name
	}
	return out
}
