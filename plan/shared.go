package plan

// One cause may stop many keys: the table was restored, or the credentials are those of
// another account. It is told once, and what to type is one command for all of them.

// SharedBy names the cause of a refusal or finding that is not the key's own: those of
// several keys that have the same are told as one. It is "" if the cause is the key's.
func SharedBy(code Code, what string) string {
	switch code {
	case CodeOtherTable, CodeRecordLost, CodeRecordRestored, CodeWrongAccount, CodeNotAdopted:
		return string(code) // each key tells it in its own words: see SharedOf
	case CodeNewerRecord, CodeNoRequestID, CodeUnsafeTable:
		return string(code) + ": " + what
	}
	return ""
}

// Shared is what several keys have in common.
type Shared struct {
	// What describes it for all of them.
	What string
	// Hint is the way out for all of them.
	Hint Hint
}

// SharedOf returns the cause that keys have in common; not ok if what each of them says
// is the same, and so the first one's words and hint are those of all.
func SharedOf(code Code) (shared Shared, ok bool) {
	rebuild := Try("keyturn", "adopt", "--from-kms", "--all", "--reason", "...")
	switch code {
	case CodeOtherTable:
		return Shared{"the records were born in another table than the one in which they stand: it was " +
			"restored or made again", rebuild}, true
	case CodeRecordLost:
		return Shared{"there is no record, but KMS or the ledger shows that there was one: the records were lost, " +
			"or the plan names another table", rebuild.Noted("check table: in the plan first")}, true
	case CodeRecordRestored:
		return Shared{"the ledger has newer revisions than the records, or tells them otherwise: the records were " +
			"put back from older copies", rebuild}, true
	case CodeWrongAccount:
		return Shared{"credentials, plan and records are not of one account",
			Try("aws", "sts", "get-caller-identity")}, true
	case CodeNotAdopted:
		return Shared{"no record yet; the next run adopts them", Try("keyturn", "run")}, true
	}
	return Shared{}, false
}

// OfAll returns the refusal as it is told of several keys that share its cause.
func (r Refusal) OfAll() Refusal {
	if shared, ok := SharedOf(r.Code); ok {
		r.What, r.Hint = shared.What, shared.Hint
	}
	return r
}

// Alike groups the numbers below n by their cause, in the order of the first of each. What
// has none ("") stands alone.
func Alike(n int, cause func(int) string) [][]int {
	var groups [][]int
	at := map[string]int{}
	for i := range n {
		name := cause(i)
		if g, known := at[name]; known && name != "" {
			groups[g] = append(groups[g], i)
			continue
		}
		at[name] = len(groups)
		groups = append(groups, []int{i})
	}
	return groups
}
