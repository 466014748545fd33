package conformance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// pages of one alias each, and what they hold together.
func (w *world) aliasPages(id string) (pages int, names []string, err error) {
	in := &awskms.ListAliasesInput{KeyId: &id, Limit: aws.Int32(1)}
	for pages = 1; pages < 10; pages++ {
		out, err := w.kms.ListAliases(w.ctx, in)
		if err != nil {
			return 0, nil, err
		}
		for _, a := range out.Aliases {
			names = append(names, aws.ToString(a.AliasName))
		}
		if !out.Truncated {
			break
		}
		in.Marker = out.NextMarker
	}
	return pages, names, nil
}

var listRows = []row{
	{name: "ListAliases: of one key, with their dates", doc: kmsAPI + "ListAliases.html", want: "ok both, dated",
		do: func(w *world) string {
			id := w.symmetric()
			want := []string{w.alias(id), w.alias(id)}
			w.alias(w.symmetric())
			out, err := w.kms.ListAliases(w.ctx, &awskms.ListAliasesInput{KeyId: &id})
			if err != nil {
				return code(err)
			}
			var names []string
			dated := true
			for _, a := range out.Aliases {
				names = append(names, aws.ToString(a.AliasName))
				dated = dated && a.CreationDate != nil && a.LastUpdatedDate != nil
			}
			slices.Sort(names)
			slices.Sort(want)
			switch {
			case !slices.Equal(names, want):
				return said(nil, "others")
			case !dated:
				return said(nil, "both, undated")
			}
			return said(nil, "both, dated")
		}},
	{name: "ListAliases: no such key", doc: kmsAPI + "ListAliases.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.kms.ListAliases(w.ctx, &awskms.ListAliasesInput{KeyId: aws.String(missing)})
			return said(err)
		}},
	{name: "ListAliases: in pages of one", doc: kmsAPI + "ListAliases.html", want: "ok all 3, at most 1 at once",
		do: func(w *world) string {
			id := w.symmetric()
			for range 3 {
				w.alias(id)
			}
			pages, names, err := w.aliasPages(id)
			slices.Sort(names)
			switch {
			case err != nil:
				return code(err)
			case len(slices.Compact(names)) != 3:
				return said(nil, "not all 3")
			case pages < 3:
				return said(nil, "all 3, in fewer pages")
			}
			return said(nil, "all 3, at most 1 at once")
		}},
	{name: "ListKeys: in pages of one", doc: kmsAPI + "ListKeys.html", want: "ok 1 and there are more",
		do: func(w *world) string {
			w.symmetric()
			w.symmetric()
			out, err := w.kms.ListKeys(w.ctx, &awskms.ListKeysInput{Limit: aws.Int32(1)})
			if err != nil {
				return code(err)
			}
			more := "and that is all"
			if out.Truncated && out.NextMarker != nil {
				more = "and there are more"
			}
			if len(out.Keys) > 1 {
				return said(nil, "more than was asked for")
			}
			return said(nil, len(out.Keys), more)
		}},
	{name: "GetKeyPolicy: by its name, default", doc: kmsAPI + "GetKeyPolicy.html", want: "ok root may kms:*",
		do: func(w *world) string {
			return w.keyPolicy(aws.String("default"))
		}},
	{name: "GetKeyPolicy: no name is default", doc: kmsAPI + "GetKeyPolicy.html", want: "ok root may kms:*",
		do: func(w *world) string {
			return w.keyPolicy(nil)
		}},
}

// keyPolicy reads the policy of a key that was made without one.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func (w *world) keyPolicy(name *string) string {
	id := w.symmetric()
	out, err := w.kms.GetKeyPolicy(w.ctx, &awskms.GetKeyPolicyInput{KeyId: &id, PolicyName: name})
	if err != nil {
		return code(err)
	}
	text := aws.ToString(out.Policy)
	if json.Valid([]byte(text)) && strings.Contains(text, ":root") && strings.Contains(text, "kms:*") {
		return said(nil, "root may kms:*")
	}
	return said(nil, text)
}

// stale sends a request to KMS that was signed a while ago.
func (w *world) stale(age time.Duration) string {
	body := []byte(`{"Limit": 1}`)
	sum := sha256.Sum256(body)
	r := must(http.NewRequestWithContext(w.ctx, http.MethodPost, w.endpoints["kms"]+"/", bytes.NewReader(body)))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "TrentService.ListKeys")
	credentials := must(w.cfg.Credentials.Retrieve(w.ctx))
	if err := v4.NewSigner().SignHTTP(w.ctx, credentials, r, hex.EncodeToString(sum[:]), "kms", region,
		time.Now().Add(-age)); err != nil {
		panic(unprepared{err})
	}
	resp := must(w.cfg.HTTPClient.Do(r))
	text := must(io.ReadAll(resp.Body))
	_ = resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return "ok"
	}
	var failed struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(text, &failed)
	return failed.Type[strings.LastIndex(failed.Type, "#")+1:]
}

// signatureRows: what the fence stands on.
var signatureRows = []row{
	{name: "a signature of a minute ago", doc: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html",
		want: "ok", do: func(w *world) string { return w.stale(time.Minute) }},
	{name: "a signature of 16 minutes ago", doc: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html",
		want: "InvalidSignatureException",
		do:   func(w *world) string { return w.stale(16 * time.Minute) }},
}

var stsRows = []row{
	{name: "GetCallerIdentity", doc: "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
		want: "ok 12 digits, an ARN in that account", do: func(w *world) string {
			out, err := w.sts.GetCallerIdentity(w.ctx, &sts.GetCallerIdentityInput{})
			if err != nil {
				return code(err)
			}
			account, arn := aws.ToString(out.Account), aws.ToString(out.Arn)
			if len(account) == 12 && strings.HasPrefix(arn, "arn:aws:") && strings.Contains(arn, ":"+account+":") &&
				aws.ToString(out.UserId) != "" {
				return said(nil, "12 digits, an ARN in that account")
			}
			return said(nil, account, arn)
		}},
}
