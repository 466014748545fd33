package kms_test

import (
	"net/http"
	"testing"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
)

// Every look says so of an answer that has no request id, and names the endpoint.
func TestUnnamed(t *testing.T) {
	w := newWorld(t, 0)
	id := w.key(&awskms.CreateKeyInput{}, alias, alias+"/v1")
	look := func(want string) {
		t.Helper()
		for _, name := range []string{id, alias, "alias/none"} {
			seen, err := w.kms.Describe(t.Context(), name)
			if err != nil || seen.Unnamed != want {
				t.Errorf("%s: %+v, %v", name, seen, err)
			}
		}
		version, err := w.kms.Version(t.Context(), alias, 1)
		if err != nil || version.Unnamed != want {
			t.Errorf("v1: %+v, %v", version, err)
		}
		listed, err := w.kms.Listing(t.Context(), []string{alias, "alias/none"})
		if err != nil || listed[alias].Unnamed != want || listed["alias/none"].Unnamed != want {
			t.Errorf("listed: %+v, %v", listed, err)
		}
	}
	look("")
	w.after = func(response *http.Response) { response.Header.Del("X-Amzn-Requestid") }
	look("http://sandbox.invalid")
	if listed, err := w.kms.Listing(t.Context(), nil); err != nil || len(listed) != 0 {
		t.Errorf("%v, %v", listed, err)
	}
}
