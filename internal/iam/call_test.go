package iam_test

import (
	"slices"
	"strings"

	"github.com/keyturn/keyturn/kms"
)

// aKey is a key as IAM sees it.
type aKey struct {
	region  string
	aliases []string
	tags    map[string]string
	// unused is the number of whole days since the last use.
	unused string
}

func (k aKey) in() string {
	if k.region == "" {
		return "eu-west-1"
	}
	return k.region
}

// with returns the key after it was given another alias, or a tag.
func (k aKey) with(alias string) aKey {
	k.aliases = append(slices.Clone(k.aliases), alias)
	return k
}

func (k aKey) tagged(alias string) aKey {
	k.tags = map[string]string{"keyturn:alias": alias}
	return k
}

func arn(service, region, resource string) string {
	return strings.Join([]string{"arn", kms.Partition(region), service, region, account, resource}, ":")
}

// on asks for an action on the key.
func (k aKey) on(action string, more ...string) query {
	q := query{Action: action, Resource: arn("kms", k.in(), "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
		Context: map[string][]string{"aws:RequestedRegion": {k.in()}}}
	if len(k.aliases) > 0 {
		q.Context["kms:ResourceAliases"] = k.aliases
	}
	for tag, value := range k.tags {
		q.Context["aws:ResourceTag/"+tag] = []string{value}
	}
	switch action {
	case "kms:DisableKey", "kms:ScheduleKeyDeletion":
		if k.unused != "" {
			q.Context["kms:TrailingDaysWithoutKeyUsage"] = []string{k.unused}
		}
	}
	if action == "kms:ScheduleKeyDeletion" {
		q.Context["kms:ScheduleKeyDeletionPendingWindowInDays"] = []string{"30"}
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Context[more[i]] = []string{more[i+1]}
	}
	return q
}

// onAlias asks for an action on an alias.
func onAlias(action, region, alias string) query {
	return query{
		Action:   action,
		Resource: arn("kms", region, alias),
		Context:  map[string][]string{"aws:RequestedRegion": {region}},
	}
}

// creating returns the queries of CreateKey with the tag.
func creating(region, alias string) []query {
	context := map[string][]string{"aws:RequestedRegion": {region}, "aws:RequestTag/keyturn:alias": {alias}}
	return []query{{Action: "kms:CreateKey", Resource: "*", Context: context},
		{Action: "kms:TagResource", Resource: arn("kms", region, "key/*"), Context: context}}
}

// naming returns the queries of CreateAlias.
func naming(k aKey, alias string) []query {
	return []query{onAlias("kms:CreateAlias", k.in(), alias), k.on("kms:CreateAlias")}
}

// moving returns the queries of UpdateAlias, which wants both keys and the alias.
func moving(alias string, from, to aKey) []query {
	return []query{onAlias("kms:UpdateAlias", to.in(), alias), from.on("kms:UpdateAlias"), to.on("kms:UpdateAlias")}
}

// onTable asks for an action on items of the table, or on the table.
func onTable(action string, items ...string) query {
	q := query{
		Action:   action,
		Resource: arn("dynamodb", "eu-west-1", "table/keyturn"),
		Context:  map[string][]string{"aws:RequestedRegion": {"eu-west-1"}},
	}
	if len(items) > 0 {
		q.Context["dynamodb:LeadingKeys"] = items
	}
	return q
}
