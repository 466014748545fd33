package planfile

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

var oneLine = plan.Pattern(`^[^\x00-\x1f\x7f]*$`)

// terms is what the top level says for every key, and a key for itself.
type terms struct {
	region       setting[string]
	account      setting[string]
	table        setting[string]
	schedule     setting[plan.Schedule]
	startWithin  setting[orOff]
	minInterval  setting[time.Duration]
	freeze       setting[[]plan.Freeze]
	drain        setting[time.Duration]
	retire       setting[plan.Retire]
	maxDraining  setting[int]
	prepublish   setting[time.Duration]
	beforeSwitch setting[[]string]
	probe        setting[bool]
	maxAttempts  setting[int]
	autoRotation setting[plan.AutoRotation]
	holdMax      setting[time.Duration]
	callers      setting[[]string]
	notify       setting[[]plan.Notify]
}

func (t *terms) fields() []field {
	return []field{
		{name: "region", value: regionText(&t.region),
			doc: "AWS Region, required at the top level: cron has no environment to take it from. The table is read " +
				"in the top level's Region."},
		{name: "account", value: accountText(&t.account),
			doc: "The 12 digits of the AWS account; checked against the alias's ARN. Put it in quotes if it starts " +
				"with 0."},
		{name: "table", preset: "keyturn", value: tableText(&t.table),
			doc: "DynamoDB table that holds the records."},
		{name: "schedule", value: scheduleValue{&t.schedule},
			doc: "When windows open, in UTC; one rotation a window. Required, here or under every key."},
		{name: "start_within", preset: "off", value: durationOrOff(&t.startWithin, time.Hour),
			doc: "A window that is not started within this time is skipped; at least 1h; off: none is skipped. " +
				"Time in a freeze does not count."},
		{name: "min_interval", value: durationOf(&t.minInterval, time.Second),
			doc: "No scheduled rotation of a younger version; at most ¾ of the schedule's shortest period. Default: " +
				"half of the window before."},
		{name: "freeze", value: freezeList{&t.freeze},
			doc: "Spans of time in which nothing begins by schedule: no claim, no switch, no disabling. " +
				"A key's list replaces the top level's."},
		{name: "drain", value: durationOf(&t.drain, time.Second),
			doc: "How long the previous version stays enabled at least; not longer than the schedule's shortest " +
				"period. Required, here or under every key."},
		{name: "retire", preset: "keep", value: retireValue{&t.retire},
			doc: "What becomes of a version when its drain is over. Delete, and disable for ENCRYPT_DECRYPT keys, " +
				"must stand under the key itself: old ciphertext dies with the version."},
		{name: "max_draining", preset: "2", value: countOf(&t.maxDraining, 1, 100),
			doc: "How many versions may await disabling. At this number scheduled rotations stop until one is " +
				"disabled."},
		{name: "prepublish", preset: "0s", value: durationOf(&t.prepublish, 0),
			doc: "The new version is made and named v<n> this long before the switch; shorter than the schedule's " +
				"shortest period."},
		{name: "before_switch", value: commandValue{&t.beforeSwitch},
			doc: "Command that is asked before a scheduled switch. Exit 0 allows it; any other exit code means not " +
				"yet. A string is run by /bin/sh -c, a list directly; an empty list: none."},
		{name: "probe", preset: "on", value: switchOf(&t.probe),
			doc: "on: try the new version with a real operation before the switch. off: only DescribeKey, for a role " +
				"without cryptographic permissions."},
		{name: "max_attempts", preset: "5", value: countOf(&t.maxAttempts, 1, 1000),
			doc: "Definite refusals of one generation before the key holds itself."},
		{name: "auto_rotation", preset: plan.AutoCopy, value: autoRotationOf(&t.autoRotation),
			doc: "KMS's automatic rotation of a new version, for symmetric encryption keys: copy: as the version " +
				"before has it; off; or its period in days, 90d to 2560d."},
		{name: "hold_max", preset: "30d", value: durationOf(&t.holdMax, time.Hour),
			doc: "A person's hold that is older is a finding of audit and status."},
		{name: "expect_callers", value: callerList{&t.callers},
			doc: "ARNs of the roles and users that may write records, with * at the end for any continuation. " +
				"Somebody else who wrote one is a finding of audit. Default: not checked."},
		{name: "notify", value: notifyList{&t.notify},
			doc: "Whom a run tells of what it did, and of what it could not do. A key's list replaces the top " +
				"level's."},
	}
}

// planDoc is the top level.
type planDoc struct {
	schemaURL setting[string]
	version   setting[int]
	name      setting[string]
	accept    setting[[]plan.Acceptance]
	ping      setting[string]
	pingBy    setting[string]
	terms     terms
	keys      keyList
}

func (d *planDoc) fields() []field {
	head := []field{
		{name: "$schema", value: textOf(&d.schemaURL,
			textRule{least: 1, most: 2048, hint: "the address of the schema"}),
			doc: "Where editors find this schema; keyturn does not read it."},
		{name: "version", preset: "1", value: countOf(&d.version, 1, 1),
			doc: "Version of the plan file's format."},
		{name: "name", value: textOf(&d.name, textRule{least: 1, most: 128, form: oneLine, hint: "one line of text"}),
			doc: "A label in outputs. Default: the file's name."},
		{name: "accept", value: acceptList{&d.accept, true},
			doc: "Findings of keyturn audit about tables that are known, and need nobody until a time."},
		{name: "ping", value: httpsText(&d.ping, false),
			doc: "HTTPS address that keyturn run calls at its end, and with ping_by: every at its start, as " +
				"health-check services take it."},
		{name: "ping_by", preset: PingWinner, value: wordOf(&d.pingBy, PingWinner, PingEvery),
			doc: "Which runs call ping: winner: those that did something, found nothing due or failed, and not those " +
				"that only waited for another run; every: all of them."},
	}
	tail := field{name: "keys", required: true, value: &d.keys,
		doc: "The keys to rotate, one entry for each alias in one Region. Each may override the terms of the top " +
			"level."}
	return append(append(head, d.terms.fields()...), tail)
}

// keyDoc is one entry of keys. Its terms start as the top level's.
type keyDoc struct {
	alias, name setting[string]
	spec, usage setting[string]
	policy      setting[string]
	description setting[string]
	tags        setting[map[string]string]
	accept      setting[[]plan.Acceptance]
	terms       terms
}

func (d *keyDoc) fields() []field {
	return append([]field{
		{name: "alias", required: true, value: aliasText(&d.alias),
			doc: "The KMS alias to rotate, alias/orders-data. Its versions are named alias/orders-data/v<n>."},
		{name: "name", value: keyNameText(&d.name),
			doc: "What people call the key. Default: the alias without alias/."},
		{name: "spec", value: wordOf(&d.spec, plan.SpecNames()...),
			doc: "Key spec, as KMS names it; must match the active version's. Default: the active version's."},
		{name: "usage", value: wordOf(&d.usage, plan.UsageNames()...),
			doc: "Key usage, as KMS names it; must match the active version's. Default: the active version's."},
		{name: "policy", value: textOf(&d.policy,
			textRule{least: 1, most: 4096, form: noNUL, hint: "the path of a JSON file"}),
			doc: "Path of a JSON file with the key policy, relative to the plan file; it must give the account " +
				"(root) kms:PutKeyPolicy, or KMS refuses a caller without it. Default: copied from the active " +
				"version."},
		{name: "description", value: textOf(&d.description, textRule{most: 8192, hint: "text"}),
			doc: "Description of the KMS key. Default: copied from the active version."},
		{name: "tags", value: tagsValue{&d.tags},
			doc: "Tags, merged over the ones copied from the active version."},
		{name: "accept", value: acceptList{&d.accept, false},
			doc: "Findings of keyturn audit about this key that are known, and need nobody until a time."},
	}, d.terms.fields()...)
}

// presets fills in keyturn's own defaults.
func presets(fields []field) {
	for _, f := range fields {
		if p, ok := f.value.(interface{ preset(string) }); ok && f.preset != "" {
			p.preset(f.preset)
		}
	}
}
