package search

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/plan"
)

// forgedScenes returns those in which somebody who can write the table, and has no
// rights in KMS, has put a key of somebody else's into the record. Nothing may
// happen to that key, nor may the alias get onto it.
func forgedScenes(b Bounds) []*Scene {
	two := []Act{{Pool: "a"}, {Pool: "b"}}
	return []*Scene{
		{Name: "a foreign key drains", Plan: retirePlan, Acts: two, Clock: later, Bounds: b,
			Prepare: func(w *World) { disabled(w); forge(w, false, drainedEntry) }},
		{Name: "a foreign key was disabled", Plan: deletePlan, Acts: two, Clock: later, Bounds: b,
			Prepare: func(w *World) { disabled(w); forge(w, true, disabledEntry) }},
		{Name: "a foreign key is the target", Plan: keepPlan, Acts: two, Clock: later, Bounds: b, Restless: true,
			Prepare: func(w *World) { switched(w); forge(w, false, openTarget) }},
	}
}

// forge makes a key that is nobody's version and writes it into the record.
func forge(w *World, down bool, entry func(now time.Time, keyID string) (update string, values attrs)) {
	ctx := context.Background()
	out, err := w.Admin().KMS.CreateKey(ctx, &awskms.CreateKeyInput{})
	must(err)
	id := aws.ToString(out.KeyMetadata.KeyId)
	if down {
		_, err = w.Admin().KMS.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &id})
		must(err)
	}
	w.Advance(50 * 24 * time.Hour)
	w.Calm("before", plan.Request{}) // what is due is done before
	w.Advance(time.Hour)
	update, values := entry(w.Now(), id)
	names := map[string]string{}
	for _, name := range []string{"versions", "target", "claim", "step", "generation"} {
		if strings.Contains(update, "#"+name) {
			names["#"+name] = name
		}
	}
	edit(w, update, names, values)
	w.Watch.Again()
	w.ByHand("UpdateItem", id)
	w.Watch.Strange(id)
}

func instant(t time.Time) types.AttributeValue { return text(t.UTC().Format(time.RFC3339)) }

// appended returns an update that adds an entry of a version.
func appended(entry attrs) (string, attrs) {
	return "SET #versions = list_append(#versions, :entry)", attrs{
		":entry": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{Value: entry}}}}
}

func drainedEntry(now time.Time, keyID string) (string, attrs) {
	terms := attrs{"action": text("disable"), "unless_used_within": text("off"), "delete_after": text("0s"),
		"deletion_window": text("7d")}
	return appended(attrs{"version": number("9"), "key_id": text(keyID), "state": text("draining"),
		"left": instant(now.Add(-40 * day)), "drain_until": instant(now.Add(-day)),
		"retire": &types.AttributeValueMemberM{Value: terms}})
}

func disabledEntry(now time.Time, keyID string) (string, attrs) {
	return appended(attrs{"version": number("9"), "key_id": text(keyID), "state": text("disabled"),
		"left": instant(now.Add(-90 * day)), "disabled_at": instant(now.Add(-60 * day))})
}

// openTarget returns the target of a rotation that nobody has claimed.
func openTarget(now time.Time, keyID string) (string, attrs) {
	claim := attrs{"id": text("forged"), "at": instant(now), "verb": text("rotate"), "drain": text("30d"),
		"prepublish": text("0s"),
		"spec":       text("SYMMETRIC_DEFAULT"), "usage": text("ENCRYPT_DECRYPT")}
	update, values := appended(attrs{"version": number("3"), "key_id": text(keyID),
		"created_at": instant(now.Add(-day))})
	values[":claim"], values[":target"] = &types.AttributeValueMemberM{Value: claim}, number("3")
	values[":step"], values[":one"] = text("created"), number("1")
	return update + ", #target = :target, #claim = :claim, #step = :step, #generation = #generation + :one", values
}
