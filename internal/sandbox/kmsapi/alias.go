package kmsapi

import (
	"strings"
	"time"
)

// aliasesPerKey is the quota "Aliases per KMS key".
const aliasesPerKey = 50

// alias is a name that stands for a key, with its recent past.
type alias struct {
	Name    string           `json:"name"`
	History history[binding] `json:"history"`
}

// binding is what an alias says: which key it names, and since when. Without a
// target the alias is deleted.
type binding struct {
	Target  string    `json:"target"`
	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

type aliasInput struct {
	AliasName   string
	TargetKeyId string
}

// createAlias claims a name: of several callers exactly one succeeds.
func createAlias(r *request, in aliasInput) (any, error) {
	if err := first(r.aliasName(in.AliasName), required("targetKeyId", in.TargetKeyId)); err != nil {
		return nil, err
	}
	if _, ok := r.region.aliasAt(in.AliasName, r.Now); ok {
		return nil, refuse("AlreadyExistsException", "An alias with the name %s already exists",
			r.region.arn(in.AliasName))
	}
	k, err := r.aliasTarget(in)
	if err != nil {
		return nil, err
	}
	r.bind(in.AliasName, binding{Target: k.ID, Created: r.Now, Updated: r.Now})
	return nil, nil
}

// updateAlias moves a name to another key. Nothing in the request says where
// it was thought to be: the last one to write wins. Moving it onto a disabled
// key succeeds, and so does moving it between keys of different sizes or
// curves; only type and usage must be the same (API reference, UpdateAlias).
func updateAlias(r *request, in aliasInput) (any, error) {
	if err := first(r.aliasName(in.AliasName), required("targetKeyId", in.TargetKeyId)); err != nil {
		return nil, err
	}
	b, ok := r.region.aliasAt(in.AliasName, r.Now)
	if !ok {
		return nil, r.noAlias(in.AliasName)
	}
	k, err := r.aliasTarget(in)
	if err != nil {
		return nil, err
	}
	was := r.region.keys[b.Target]
	if was.spec().kind != k.spec().kind || was.Usage != k.Usage {
		// The operation's modelled errors have none for this.
		return nil, refuse("ValidationException",
			"Alias %s cannot be associated with %s: its current key is %s for %s, the new one %s for %s. Both must "+
				"be of the same type and have the same key usage.",
			r.region.arn(in.AliasName), r.arn(k), was.spec().kind, was.Usage, k.spec().kind, k.Usage)
	}
	r.bind(in.AliasName, binding{Target: k.ID, Created: b.Created, Updated: r.Now})
	return nil, nil
}

type deleteAliasInput struct {
	AliasName string
}

// deleteAlias removes the name, never the key.
func deleteAlias(r *request, in deleteAliasInput) (any, error) {
	if err := r.aliasName(in.AliasName); err != nil {
		return nil, err
	}
	if _, ok := r.region.aliasAt(in.AliasName, r.Now); !ok {
		return nil, r.noAlias(in.AliasName)
	}
	r.bind(in.AliasName, binding{})
	return nil, nil
}

// aliasTarget finds the key that an alias is to name, by id or ARN only, and
// sees whether it may have one (more).
func (r *request) aliasTarget(in aliasInput) (*key, error) {
	k, err := r.target(in.TargetKeyId)
	r.resource = in.AliasName
	if err != nil {
		return nil, err
	}
	if err := r.unlessDeleting(k); err != nil {
		return nil, err
	}
	others := 0
	for name := range r.region.targets[k.ID] {
		if b, ok := r.region.aliasAt(name, r.Now); ok && b.Target == k.ID && name != in.AliasName {
			others++
		}
	}
	if others >= aliasesPerKey {
		return nil, refuse("LimitExceededException", "%s has %d aliases; the quota is %d.", r.arn(k), others,
			aliasesPerKey)
	}
	return k, nil
}

// bind makes an alias say something new.
func (r *request) bind(name string, b binding) {
	a := r.region.aliases[name]
	if a == nil {
		a = &alias{Name: name}
		a.History.set(r.Now, b)
		r.region.addAlias(a)
		return
	}
	a.History.set(r.Now, b)
	r.region.index(b.Target, name)
}

func (r *request) noAlias(name string) error {
	return refuse("NotFoundException", "Alias %s is not found.", r.region.arn(name))
}

// aliasName refuses what cannot be the name of a customer's alias, and notes
// what the call is about. (A colon passes the model of the API and is refused
// only by the service, hence another message for it.)
func (r *request) aliasName(name string) error {
	if err := first(required("aliasName", name), atMost(256, "aliasName", name)); err != nil {
		return err
	}
	r.resource = name
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-"
	bare, prefixed := strings.CutPrefix(name, "alias/")
	switch {
	case strings.Trim(name, letters+":") != "":
		return invalid("Value '%s' at 'aliasName' failed to satisfy constraint: Member must satisfy regular "+
			"expression pattern: ^[a-zA-Z0-9:/_-]+$", name)
	case !prefixed:
		return refuse("ValidationException",
			`Alias must start with the prefix "alias/". Please see `+
				`https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`)
	case bare == "":
		return refuse("InvalidAliasNameException", "%s is not a valid alias name", name)
	case strings.Contains(name, ":"):
		return refuse("ValidationException", "%s contains invalid characters for an alias", name)
	case strings.HasPrefix(name, "alias/aws/"):
		// Reserved for AWS managed keys. AWS answers as if permission were
		// lacking, without a word.
		return refuse("NotAuthorizedException", "")
	}
	return nil
}
