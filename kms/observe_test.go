package kms_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

const nobody = "1234abcd-12ab-34cd-56ef-1234567890ab"

func TestDescribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Hour)
		made := w.aws.Now()
		id := w.key(&awskms.CreateKeyInput{Description: aws.String("orders")}, alias)
		arn := "arn:aws:kms:eu-west-1:" + sandbox.DefaultAccount + ":key/" + id
		for _, name := range []string{id, arn, alias} {
			got, err := w.kms.Describe(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if off := got.CreatedAt.Sub(made); off.Abs() > time.Second || got.CreatedAt.Location() != time.UTC {
				t.Errorf("CreatedAt = %s, want %s", got.CreatedAt, made)
			}
			got.CreatedAt = time.Time{}
			want := plan.KeySeen{KeyID: id, ARN: arn, State: "Enabled", Spec: "SYMMETRIC_DEFAULT",
				Usage: "ENCRYPT_DECRYPT", Description: "orders"}
			if got != want {
				t.Errorf("Describe(%s) = %+v, want %+v", name, got, want)
			}
		}
		for _, name := range []string{nobody, "alias/nobody"} {
			got, err := w.kms.Describe(t.Context(), name)
			if err != nil || got != (plan.KeySeen{Missing: true}) {
				t.Errorf("Describe(%s) = %+v, %v, want Missing", name, got, err)
			}
		}
	})
}

// moto leaves the usage out of a key that was made without one.
func TestDescribeWithoutAUsage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Hour)
		w.instead = func(string, []byte) *http.Response {
			return reply(http.StatusOK, `{"KeyMetadata": {"KeyId": "`+nobody+
				`", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": null, "KeyState": "Enabled"}}`)
		}
		got, err := w.kms.Describe(t.Context(), nobody)
		if err != nil || got.Usage != "ENCRYPT_DECRYPT" {
			t.Errorf("Describe = %+v, %v", got, err)
		}
	})
}

func TestLooksAreRepeatedByTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.key(&awskms.CreateKeyInput{}, alias)
		w.faults(sandbox.Fault{Operation: "DescribeKey", Ordinal: 1, Kind: sandbox.Refuse, Status: 500,
			Code: "KMSInternalException"},
			sandbox.Fault{Operation: "DescribeKey", Ordinal: 2, Kind: sandbox.Drop})
		if _, err := w.kms.Describe(t.Context(), alias); err != nil {
			t.Error(err)
		}
		if n := len(w.requests("DescribeKey")); n != 3 {
			t.Errorf("asked %d times, want 3", n)
		}
	})
}

func TestLooksReturnErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{}, alias, alias+"/v1")
		look := map[string]func() error{
			"DescribeKey":      func() error { _, err := w.kms.Describe(t.Context(), alias); return err },
			"ListAliases":      func() error { _, err := w.kms.Listing(t.Context(), []string{alias}); return err },
			"ListAliases of":   func() error { _, err := w.kms.Moved(t.Context(), alias, id); return err },
			"ListResourceTags": func() error { _, err := w.kms.Version(t.Context(), alias, 1); return err },
			"GetKeyPolicy": func() error {
				_, err := w.kms.Source(t.Context(), plan.KeySeen{KeyID: id})
				return err
			},
		}
		for name, do := range look {
			operation, _, _ := strings.Cut(name, " ")
			w.faults(sandbox.Fault{Operation: operation, Kind: sandbox.Refuse,
				Code: "AccessDeniedException", Message: "not you"})
			if err := do(); err == nil || !strings.Contains(err.Error(), "not you") {
				t.Errorf("%s: err = %v", name, err)
			}
		}
	})
}

func TestUnsupportedKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		for metadata, want := range map[string]string{
			`"Origin":"AWS_KMS","KeyManager":"CUSTOMER","MultiRegion":false`:           "",
			`"Origin":"AWS_KMS","KeyManager":"CUSTOMER","MultiRegion":true`:            "multi-Region",
			`"Origin":"EXTERNAL","KeyManager":"CUSTOMER","MultiRegion":false`:          "imported",
			`"Origin":"AWS_CLOUDHSM","KeyManager":"CUSTOMER","CustomKeyStoreId":"cks"`: "CloudHSM key store",
			`"Origin":"EXTERNAL_KEY_STORE","KeyManager":"CUSTOMER"`:                    "external key store",
			`"Origin":"AWS_KMS","KeyManager":"AWS"`:                                    "AWS manages",
		} {
			w.instead = func(string, []byte) *http.Response {
				return reply(200, `{"KeyMetadata":{"KeyId":"1",`+metadata+`}}`)
			}
			got, err := w.kms.Describe(t.Context(), alias)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" && got.Unsupported != "" || !strings.Contains(got.Unsupported, want) {
				t.Errorf("%s: Unsupported = %q, want %q in it", metadata, got.Unsupported, want)
			}
		}
	})
}

func TestListingReadsEveryPageOnceForAllAliases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		other := "alias/session-mac"
		var ids []string
		for range 6 {
			ids = append(ids, w.key(&awskms.CreateKeyInput{}))
		}
		name := func(name, key string) {
			in := &awskms.CreateAliasInput{AliasName: &name, TargetKeyId: &key}
			if _, err := w.conn.KMS.CreateAlias(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 210 {
			name(fmt.Sprintf("alias/filler-%03d", i), ids[i%5])
		}
		name(alias, ids[5])
		name(other, ids[4])
		for _, n := range []int{2, 1, 10} {
			name(plan.VersionAlias(alias, int64(n)), ids[5])
		}
		for _, near := range []string{alias + "/v", alias + "/vx", alias + "/v1/v2", alias + "-2", alias + "/current"} {
			name(near, ids[5])
		}
		got, err := w.kms.Listing(t.Context(), []string{alias, other, "alias/nobody"})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 {
			t.Errorf("%d aliases, want 3", len(got))
		}
		l := got[alias]
		if l.Alias == nil || l.Alias.Name != alias || l.Alias.KeyID != ids[5] ||
			!strings.HasSuffix(l.Alias.ARN, ":"+alias) {
			t.Errorf("alias = %+v", l.Alias)
		}
		var versions []string
		for _, v := range l.Versions {
			versions = append(versions, v.Name)
		}
		if want := []string{alias + "/v1", alias + "/v2", alias + "/v10"}; !reflect.DeepEqual(versions, want) {
			t.Errorf("versions = %q, want %q", versions, want)
		}
		if l := got[other]; l.Alias == nil || l.Alias.KeyID != ids[4] || len(l.Versions) != 0 {
			t.Errorf("%s = %+v", other, l)
		}
		if l, ok := got["alias/nobody"]; !ok || l.Alias != nil || len(l.Versions) != 0 {
			t.Errorf("nobody = %+v, %t", l, ok)
		}
		if n := len(w.requests("ListAliases")); n != 3 {
			t.Errorf("%d requests for 220 aliases, want 3 pages of 100", n)
		}
	})
}

func TestMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		from := w.key(&awskms.CreateKeyInput{}, alias)
		to := w.key(&awskms.CreateKeyInput{}, "alias/another")
		created := w.aws.Now()
		time.Sleep(time.Hour)
		if got, err := w.kms.Moved(t.Context(), alias, from); err != nil || got == nil ||
			got.MovedAt.Sub(created).Abs() > time.Second {
			t.Errorf("before any move: %+v, %v, want since the creation at %s", got, err, created)
		}
		if answer := w.kms.Send(t.Context(), w.sign(to)); answer.Verdict != plan.Yes {
			t.Fatalf("%+v", answer)
		}
		moved := w.aws.Now()
		time.Sleep(time.Hour)
		got, err := w.kms.Moved(t.Context(), alias, to)
		if err != nil || got == nil || got.Name != alias || got.KeyID != to ||
			got.MovedAt.Sub(moved).Abs() > time.Second || got.MovedAt.Location() != time.UTC {
			t.Errorf("after a move: %+v, %v, want since %s", got, err, moved)
		}
		for _, id := range []string{from, nobody} {
			if got, err := w.kms.Moved(t.Context(), alias, id); got != nil || err != nil {
				t.Errorf("on %s: %+v, %v, want nothing", id, got, err)
			}
		}
	})
}

func TestMovedOfAnAliasThatKMSHasNoUpdateOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.instead = func(string, []byte) *http.Response {
			return reply(200, `{"Aliases":[{"AliasName":"`+alias+`","TargetKeyId":"1","CreationDate":1767225600}]}`)
		}
		got, err := w.kms.Moved(t.Context(), alias, "1")
		if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); err != nil || got == nil || !got.MovedAt.Equal(want) {
			t.Errorf("Moved = %+v, %v, want since its creation at %s", got, err, want)
		}
	})
}

func TestVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		v1 := w.key(&awskms.CreateKeyInput{}, alias+"/v1")
		v2 := w.key(&awskms.CreateKeyInput{Tags: []types.Tag{tag("keyturn:claim", "c-2"), tag("team", "orders")}},
			alias+"/v2")
		for n, want := range map[int64]struct{ id, claim string }{1: {v1, ""}, 2: {v2, "c-2"}} {
			got, err := w.kms.Version(t.Context(), alias, n)
			if err != nil || got.Version != n || got.KeyID != want.id || got.Claim != want.claim || got.Missing {
				t.Errorf("v%d = %+v, %v, want %+v", n, got, err, want)
			}
		}
		asked := len(w.requests("ListResourceTags"))
		got, err := w.kms.Version(t.Context(), alias, 3)
		if err != nil || !got.Missing || got.Version != 3 {
			t.Errorf("v3 = %+v, %v, want Missing", got, err)
		}
		if len(w.requests("ListResourceTags")) != asked {
			t.Error("asked for the tags of a version that does not exist")
		}
		w.faults(sandbox.Fault{Operation: "ListResourceTags", Kind: sandbox.Refuse, Code: "NotFoundException"})
		if got, err := w.kms.Version(t.Context(), alias, 2); err != nil || !got.Missing || got.KeyID != "" {
			t.Errorf("v2, whose key KMS does not know everywhere yet: %+v, %v, want Missing", got, err)
		}
	})
}

func TestSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		var tags []types.Tag
		want := map[string]string{}
		for i := range 40 { // one page of tags has 50
			name, value := fmt.Sprintf("tag-%02d", i), fmt.Sprint(i)
			tags = append(tags, tag(name, value))
			want[name] = value
		}
		tags = append(tags, tag("keyturn:claim", "c-1"), tag("keyturn:anything", "else"))
		id := w.key(&awskms.CreateKeyInput{Description: aws.String("orders"), Tags: tags}, alias)
		w.instead = func(operation string, body []byte) *http.Response {
			switch {
			case operation == "ListGrants" && strings.Contains(string(body), `"Marker":"m"`):
				return reply(200, `{"Grants":[{},{}],"Truncated":false}`)
			case operation == "ListGrants":
				return reply(200, `{"Grants":[{},{},{}],"Truncated":true,"NextMarker":"m"}`)
			}
			return nil
		}
		key, err := w.kms.Describe(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		asked := len(w.requests("DescribeKey"))
		got, err := w.kms.Source(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if got.Description != "orders" || !strings.Contains(got.Policy, `"Statement"`) ||
			got.Grants != 5 || got.GrantsUnknown != "" {
			t.Errorf("Source = %+v", got)
		}
		if !reflect.DeepEqual(got.Tags, want) {
			t.Errorf("tags = %v", got.Tags)
		}
		if len(w.requests("DescribeKey")) != asked {
			t.Error("described the key a second time")
		}
	})
}

// The count of grants only informs: where it cannot be had, that is said.
func TestSourceWithoutGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		for code, status := range map[string]int{"AccessDeniedException": 400, "ThrottlingException": 400,
			"KMSInternalException": 500, "ServiceUnavailableException": 503, "NotImplemented": 501} {
			w.instead = func(operation string, _ []byte) *http.Response {
				if operation == "ListGrants" {
					return reply(status, `{"__type":"`+code+`","message":"no"}`)
				}
				return nil
			}
			got, err := w.kms.Source(t.Context(), plan.KeySeen{KeyID: id})
			if err != nil || got.Grants != 0 || !strings.Contains(got.GrantsUnknown, "ListGrants") || got.Policy == "" {
				t.Errorf("%s: Source = %+v, %v", code, got, err)
			}
			use, err := w.kms.LastUse(t.Context(), id)
			if err != nil || !strings.Contains(use.Failed, "ListGrants") || use.Quiet(use.TrackedAt.AddDate(9, 0, 0),
				0) {
				t.Errorf("%s: LastUse = %+v, %v", code, use, err)
			}
		}
	})
}
