package conformance

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

var createRows = []row{
	{name: "CreateKey", doc: kmsAPI + "CreateKey.html",
		want: "ok Enabled SYMMETRIC_DEFAULT ENCRYPT_DECRYPT AWS_KMS CUSTOMER single-Region", do: func(w *world) string {
			out, err := w.kms.CreateKey(w.ctx, &awskms.CreateKeyInput{})
			if err != nil {
				return said(err)
			}
			m, many := out.KeyMetadata, "single-Region"
			if aws.ToBool(m.MultiRegion) {
				many = "multi-Region"
			}
			return said(nil, m.KeyState, m.KeySpec, m.KeyUsage, m.Origin, m.KeyManager, many)
		}},
	{name: "CreateKey: tags in the call itself", doc: kmsAPI + "CreateKey.html", want: "ok keyturn:claim=c1",
		do: func(w *world) string {
			out, err := w.kms.CreateKey(w.ctx,
				&awskms.CreateKeyInput{Tags: []types.Tag{{TagKey: aws.String("keyturn:claim"),
					TagValue: aws.String("c1")}}})
			if err != nil {
				return said(err)
			}
			tags := must(w.kms.ListResourceTags(w.ctx,
				&awskms.ListResourceTagsInput{KeyId: out.KeyMetadata.KeyId})).Tags
			text := ""
			for _, t := range tags {
				text += fmt.Sprintf("%s=%s", *t.TagKey, *t.TagValue)
			}
			return said(nil, text)
		}},
	{name: "CreateKey: a tag that begins with aws:", doc: kmsAPI + "Tag.html", want: "refused",
		do: func(w *world) string {
			_, err := w.kms.CreateKey(w.ctx, &awskms.CreateKeyInput{Tags: []types.Tag{{TagKey: aws.String("aws:x"),
				TagValue: aws.String("y")}}})
			return refused(err)
		}},
	{name: "CreateKey: a policy that is no JSON", doc: kmsAPI + "CreateKey.html",
		want: "MalformedPolicyDocumentException", do: func(w *world) string {
			_, err := w.kms.CreateKey(w.ctx, &awskms.CreateKeyInput{Policy: aws.String("{")})
			return said(err)
		}},
}

func (w *world) describes(as func(m types.KeyMetadata, a string) string) string {
	id := w.symmetric()
	a := w.alias(id)
	found, err := w.describe(as(must(w.describe(id)), a))
	return said(err, aws.ToString(found.KeyId) == id)
}

var describeRows = []row{
	{name: "DescribeKey: by id", doc: kmsAPI + "DescribeKey.html", want: "ok true", do: func(w *world) string {
		return w.describes(func(m types.KeyMetadata, _ string) string { return aws.ToString(m.KeyId) })
	}},
	{name: "DescribeKey: by ARN", doc: kmsAPI + "DescribeKey.html", want: "ok true", do: func(w *world) string {
		return w.describes(func(m types.KeyMetadata, _ string) string { return aws.ToString(m.Arn) })
	}},
	{name: "DescribeKey: by alias", doc: kmsAPI + "DescribeKey.html", want: "ok true", do: func(w *world) string {
		return w.describes(func(_ types.KeyMetadata, a string) string { return a })
	}},
	{name: "DescribeKey: by the alias's ARN", doc: kmsAPI + "DescribeKey.html", want: "ok true",
		do: func(w *world) string {
			return w.describes(func(m types.KeyMetadata, a string) string {
				return fmt.Sprintf("arn:aws:kms:%s:%s:%s", region, aws.ToString(m.AWSAccountId), a)
			})
		}},
	{name: "DescribeKey: no such key", doc: kmsAPI + "DescribeKey.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.describe(missing)
			return said(err)
		}},
	{name: "DescribeKey: no such alias", doc: kmsAPI + "DescribeKey.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.describe("alias/" + name())
			return said(err)
		}},
}

var stateRows = []row{
	{name: "DisableKey", doc: kmsAPI + "DisableKey.html", want: "ok Disabled", do: func(w *world) string {
		return said(nil, w.state(w.disabled(w.symmetric())))
	}},
	{name: "DisableKey: it is disabled", doc: keyStates, want: "ok Disabled", do: func(w *world) string {
		id := w.disabled(w.symmetric())
		_, err := w.kms.DisableKey(w.ctx, &awskms.DisableKeyInput{KeyId: &id})
		return said(err, w.state(id))
	}},
	{name: "DisableKey: it is pending deletion", doc: keyStates, want: "KMSInvalidStateException",
		do: func(w *world) string {
			id := w.pending(w.symmetric())
			_, err := w.kms.DisableKey(w.ctx, &awskms.DisableKeyInput{KeyId: &id})
			return said(err)
		}},
	{name: "DisableKey: no such key", doc: kmsAPI + "DisableKey.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.kms.DisableKey(w.ctx, &awskms.DisableKeyInput{KeyId: aws.String(missing)})
			return said(err)
		}},
	{name: "EnableKey", doc: kmsAPI + "EnableKey.html", want: "ok Enabled", do: func(w *world) string {
		id := w.disabled(w.symmetric())
		_, err := w.kms.EnableKey(w.ctx, &awskms.EnableKeyInput{KeyId: &id})
		return said(err, w.state(id))
	}},
	{name: "EnableKey: it is enabled", doc: keyStates, want: "ok Enabled", do: func(w *world) string {
		id := w.symmetric()
		_, err := w.kms.EnableKey(w.ctx, &awskms.EnableKeyInput{KeyId: &id})
		return said(err, w.state(id))
	}},
	{name: "EnableKey: it is pending deletion", doc: keyStates, want: "KMSInvalidStateException",
		do: func(w *world) string {
			id := w.pending(w.symmetric())
			_, err := w.kms.EnableKey(w.ctx, &awskms.EnableKeyInput{KeyId: &id})
			return said(err)
		}},
}

// schedule is ScheduleKeyDeletion, and what it says; days 0 names no window.
func (w *world) schedule(id string, days int32) (string, error) {
	in := &awskms.ScheduleKeyDeletionInput{KeyId: &id}
	if days > 0 {
		in.PendingWindowInDays = &days
	}
	before := time.Now()
	out, err := w.kms.ScheduleKeyDeletion(w.ctx, in)
	if err != nil {
		return "", err
	}
	left := aws.ToTime(out.DeletionDate).Sub(before).Hours() / 24
	return fmt.Sprintf("%s in %.0f days", must(w.describe(id)).KeyState, left), nil
}

var deletionRows = []row{
	{name: "ScheduleKeyDeletion: 7 days", doc: kmsAPI + "ScheduleKeyDeletion.html",
		want: "ok PendingDeletion in 7 days", do: func(w *world) string {
			s, err := w.schedule(w.symmetric(), 7)
			return said(err, s)
		}},
	{name: "ScheduleKeyDeletion: 30 days", doc: kmsAPI + "ScheduleKeyDeletion.html",
		want: "ok PendingDeletion in 30 days", do: func(w *world) string {
			s, err := w.schedule(w.symmetric(), 30)
			return said(err, s)
		}},
	{name: "ScheduleKeyDeletion: no window is 30 days", doc: kmsAPI + "ScheduleKeyDeletion.html",
		want: "ok PendingDeletion in 30 days", do: func(w *world) string {
			s, err := w.schedule(w.symmetric(), 0)
			return said(err, s)
		}},
	{name: "ScheduleKeyDeletion: 6 days", doc: kmsAPI + "ScheduleKeyDeletion.html", want: "refused",
		do: func(w *world) string {
			_, err := w.schedule(w.symmetric(), 6)
			return refused(err)
		}},
	{name: "ScheduleKeyDeletion: 31 days", doc: kmsAPI + "ScheduleKeyDeletion.html", want: "refused",
		do: func(w *world) string {
			_, err := w.schedule(w.symmetric(), 31)
			return refused(err)
		}},
	{name: "ScheduleKeyDeletion: of a disabled key", doc: keyStates, want: "ok PendingDeletion in 7 days",
		do: func(w *world) string {
			s, err := w.schedule(w.disabled(w.symmetric()), 7)
			return said(err, s)
		}},
	{name: "ScheduleKeyDeletion: it is pending deletion", doc: keyStates, want: "KMSInvalidStateException",
		do: func(w *world) string {
			_, err := w.schedule(w.pending(w.symmetric()), 7)
			return said(err)
		}},
	{name: "CancelKeyDeletion leaves it disabled", doc: kmsAPI + "CancelKeyDeletion.html", want: "ok Disabled",
		do: func(w *world) string {
			id := w.pending(w.symmetric())
			_, err := w.kms.CancelKeyDeletion(w.ctx, &awskms.CancelKeyDeletionInput{KeyId: &id})
			return said(err, w.state(id))
		}},
	{name: "CancelKeyDeletion: it is not pending", doc: keyStates, want: "KMSInvalidStateException",
		do: func(w *world) string {
			id := w.symmetric()
			_, err := w.kms.CancelKeyDeletion(w.ctx, &awskms.CancelKeyDeletionInput{KeyId: &id})
			return said(err)
		}},
}
