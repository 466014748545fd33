package kms_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
)

// Every page is read, with as many keys on each as KMS gives.
func TestKeysReadsEveryPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.instead = func(operation string, body []byte) *http.Response {
			switch {
			case operation != "ListKeys":
				return nil
			case strings.Contains(string(body), `"Marker":"m"`):
				return reply(200, `{"Keys":[{"KeyId":"3"}],"Truncated":false}`)
			}
			return reply(200, `{"Keys":[{"KeyId":"1"},{"KeyId":"2"}],"Truncated":true,"NextMarker":"m"}`)
		}
		got, err := w.kms.Keys(t.Context())
		if err != nil || !slices.Equal(got, []string{"1", "2", "3"}) {
			t.Errorf("Keys = %q, %v", got, err)
		}
		if first := w.requests("ListKeys")[0]; !strings.Contains(string(first.body),
			fmt.Sprintf(`"Limit":%d`, kms.KeysPage)) {
			t.Errorf("asked with %s", first.body)
		}
	})
}

func TestKeysAndAliases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		named, bare := w.key(&awskms.CreateKeyInput{}, alias, alias+"/v1"), w.key(&awskms.CreateKeyInput{})
		ids, err := w.kms.Keys(t.Context())
		if err != nil || !slices.Contains(ids, named) || !slices.Contains(ids, bare) {
			t.Errorf("Keys = %q, %v", ids, err)
		}
		all, err := w.kms.Aliases(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, a := range all {
			if a.KeyID == named {
				names = append(names, a.Name)
			}
			if a.KeyID == bare {
				t.Errorf("%s names the key without a name", a.Name)
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{alias, alias + "/v1"}) {
			t.Errorf("aliases of the key = %q", names)
		}
	})
}

// What CreateKey tags is what Origin reads.
func TestOriginReadsWhatCreateKeyTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		window := time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC)
		made, _ := w.kms.CreateKey(t.Context(), kms.NewKey{Alias: alias, Version: 7, Claim: "c-7", Window: window,
			Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Tags: map[string]string{"team": "orders"}})
		got, err := w.kms.Origin(t.Context(), made.KeyID)
		if want := (kms.Origin{Alias: alias, Version: "7", Window: "2026-04-01T03:00:00Z", Claim: "c-7"}); err != nil ||
			got != want {
			t.Errorf("Origin = %+v, %v, want %+v", got, err, want)
		}
		for _, id := range []string{w.key(&awskms.CreateKeyInput{}), nobody} {
			if got, err := w.kms.Origin(t.Context(), id); err != nil || got != (kms.Origin{}) {
				t.Errorf("Origin(%s) = %+v, %v, want none", id, got, err)
			}
		}
	})
}

func TestAccountLooksReturnErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{}, alias)
		for operation, do := range map[string]func() error{
			"ListKeys":         func() error { _, err := w.kms.Keys(t.Context()); return err },
			"ListAliases":      func() error { _, err := w.kms.Aliases(t.Context()); return err },
			"ListResourceTags": func() error { _, err := w.kms.Origin(t.Context(), id); return err },
		} {
			w.faults(sandbox.Fault{Operation: operation, Kind: sandbox.Refuse,
				Code: "AccessDeniedException", Message: "not you"})
			if err := do(); err == nil || !strings.Contains(err.Error(), "not you") {
				t.Errorf("%s: err = %v", operation, err)
			}
		}
	})
}
