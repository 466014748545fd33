package conformance

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func (w *world) createAlias(a, id string) error {
	_, err := w.kms.CreateAlias(w.ctx, &awskms.CreateAliasInput{AliasName: &a, TargetKeyId: &id})
	return err
}

// aliasRows: CreateAlias succeeds once, and UpdateAlias takes no condition
// beyond these.
var aliasRows = []row{
	{name: "CreateAlias", doc: kmsAPI + "CreateAlias.html", want: "ok named", do: func(w *world) string {
		id, a := w.symmetric(), "alias/"+name()+"/v1"
		if err := w.createAlias(a, id); err != nil {
			return said(err)
		}
		if aws.ToString(must(w.describe(a)).KeyId) == id {
			return "ok named"
		}
		return "ok, and it names another"
	}},
	{name: "CreateAlias: the name exists, for another key", doc: kmsAPI + "CreateAlias.html",
		want: "AlreadyExistsException", do: func(w *world) string {
			return said(w.createAlias(w.alias(w.symmetric()), w.symmetric()))
		}},
	{name: "CreateAlias: the name exists, for the same key", doc: kmsAPI + "CreateAlias.html",
		want: "AlreadyExistsException", do: func(w *world) string {
			id := w.symmetric()
			return said(w.createAlias(w.alias(id), id))
		}},
	{name: "CreateAlias: alias/aws/ is reserved", doc: kmsAPI + "CreateAlias.html", want: "refused",
		do: func(w *world) string {
			return refused(w.createAlias("alias/aws/"+name(), w.symmetric()))
		}},
	{name: "CreateAlias: without alias/", doc: kmsAPI + "CreateAlias.html", want: "refused", do: func(w *world) string {
		return refused(w.createAlias(name(), w.symmetric()))
	}},
	{name: "CreateAlias: a character that is not allowed", doc: kmsAPI + "CreateAlias.html", want: "refused",
		do: func(w *world) string {
			return refused(w.createAlias("alias/"+name()+"!", w.symmetric()))
		}},
	{name: "CreateAlias: no such key", doc: kmsAPI + "CreateAlias.html", want: "NotFoundException",
		do: func(w *world) string {
			return said(w.createAlias("alias/"+name(), missing))
		}},
	{name: "CreateAlias: the key is disabled", doc: keyStates, want: "ok", do: func(w *world) string {
		return said(w.createAlias("alias/"+name(), w.disabled(w.symmetric())))
	}},
	{name: "CreateAlias: the key is pending deletion", doc: keyStates, want: "KMSInvalidStateException",
		do: func(w *world) string {
			return said(w.createAlias("alias/"+name(), w.pending(w.symmetric())))
		}},

	{name: "UpdateAlias", doc: kmsAPI + "UpdateAlias.html", want: "ok moved", do: func(w *world) string {
		at, err := w.move(w.alias(w.symmetric()), w.symmetric())
		return said(err, at)
	}},
	{name: "UpdateAlias: to the key it names already", doc: kmsAPI + "UpdateAlias.html", want: "ok moved",
		do: func(w *world) string {
			id := w.symmetric()
			at, err := w.move(w.alias(id), id)
			return said(err, at)
		}},
	{name: "UpdateAlias: P-256 to P-384, of one usage", doc: kmsAPI + "UpdateAlias.html", want: "ok moved",
		do: func(w *world) string {
			at, err := w.move(w.alias(w.p256()), w.key(types.KeySpecEccNistP384, types.KeyUsageTypeSignVerify))
			return said(err, at)
		}},
	{name: "UpdateAlias: target of another type", doc: kmsAPI + "UpdateAlias.html", want: "refused",
		do: func(w *world) string {
			_, err := w.move(w.alias(w.symmetric()), w.hmac())
			return refused(err)
		}},
	{name: "UpdateAlias: target of another usage", doc: kmsAPI + "UpdateAlias.html", want: "refused",
		do: func(w *world) string {
			_, err := w.move(w.alias(w.p256()), w.key(types.KeySpecEccNistP256, types.KeyUsageTypeKeyAgreement))
			return refused(err)
		}},
	{name: "UpdateAlias: the target is disabled", doc: keyStates, want: "ok moved", do: func(w *world) string {
		at, err := w.move(w.alias(w.symmetric()), w.disabled(w.symmetric()))
		return said(err, at)
	}},
	{name: "UpdateAlias: the target is pending deletion", doc: keyStates, want: "KMSInvalidStateException",
		do: func(w *world) string {
			_, err := w.move(w.alias(w.symmetric()), w.pending(w.symmetric()))
			return said(err)
		}},
	{name: "UpdateAlias: the key it leaves is pending deletion", doc: keyStates, want: "ok moved",
		do: func(w *world) string {
			old := w.symmetric()
			a := w.alias(old)
			w.pending(old)
			at, err := w.move(a, w.symmetric())
			return said(err, at)
		}},
	{name: "UpdateAlias: no such alias", doc: kmsAPI + "UpdateAlias.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.move("alias/"+name(), w.symmetric())
			return said(err)
		}},
	{name: "UpdateAlias: no such key", doc: kmsAPI + "UpdateAlias.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.move(w.alias(w.symmetric()), missing)
			return said(err)
		}},
	{name: "an alias goes with its key",
		doc: "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html", want: "NotFoundException",
		clock: true,
		do: func(w *world) string {
			id := w.symmetric()
			a := w.alias(id)
			w.pending(id)
			w.advance(8 * 24 * time.Hour)
			_, err := w.describe(a)
			return said(err)
		}},
}
