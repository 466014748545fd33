package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

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
	// Records are all that it has, of any plan.
	Records []Record
}

// Record is a record that a table has, and which plans' runs wrote it last.
type Record struct {
	Key   string
	Plans []string
}

// OtherPlan is the records of another plan in a table.
type OtherPlan struct {
	// Plan is its name; with several, all of them.
	Plan, Table string
	// Records are the keys of the records, sorted.
	Records []string
}

// others returns the name of the plan that a record is of, if it is certainly not the given
// one: no run of that wrote it lately. A record that nobody is known to have written is of
// no other plan.
func (r Record) others(name string) string {
	if slices.Contains(r.Plans, name) {
		return ""
	}
	return strings.Join(r.Plans, ", ")
}

// Others returns the records that are not planned, but another plan's than that with the
// given name: by plan.
func Others(t TableSeen, planned map[string]bool, name string) []OtherPlan {
	by := map[string][]string{}
	for _, r := range t.Records {
		if other := r.others(name); other != "" && !planned[r.Key] {
			by[other] = append(by[other], r.Key)
		}
	}
	var all []OtherPlan
	for _, other := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[other])
		all = append(all, OtherPlan{Plan: other, Table: t.Name, Records: by[other]})
	}
	return all
}

// Table returns the findings of a lock table. planned are the keys of the records that the
// plan with the given name has. Records of other plans are no finding: see Others.
func Table(t TableSeen, planned map[string]bool, name string) []Finding {
	var out []Finding
	table := "table " + t.Name
	if t.Verdict.Unsafe != "" {
		out = append(out, Finding{Code: plan.CodeUnsafeTable, Level: Person, Mode: Race,
			Observed: t.Verdict.Unsafe, Expected: "a table whose conditional writes hold",
			What: table + ": " + t.Verdict.Unsafe, Hint: t.Verdict.Hint})
	}
	if !t.Deletion {
		out = append(out, Finding{Code: plan.CodeNoDeletionProtection, Level: Warning,
			What: table + ": deletion protection is off", Observed: "off", Expected: "on",
			Hint: plan.Try("aws", "dynamodb", "update-table", "--region", t.Region,
				"--table-name", t.Name, "--deletion-protection-enabled")})
	}
	if !t.PITR && t.PITRNote == "" {
		out = append(out, Finding{Code: plan.CodeNoRecovery, Level: Warning,
			What: table + ": point-in-time recovery is off", Observed: "off", Expected: "on",
			Hint: plan.Try("keyturn", "init", "--table")})
	}
	for _, r := range t.Records {
		if !planned[r.Key] && r.others(name) == "" {
			out = append(out, Finding{Code: plan.CodeNotInPlan, Level: Warning, Field: r.Key,
				What: table + " has a record of " + r.Key + ", which this plan does not: no run of this plan looks " +
					"at it",
				Hint: plan.Noted("if no other plan has it, put it back into this one")})
		}
	}
	for i := range out {
		out[i].Table = t.Name
	}
	return out
}
