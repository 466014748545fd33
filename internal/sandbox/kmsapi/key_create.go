package kmsapi

import (
	"slices"
	"strings"
)

type createKeyInput struct {
	BypassPolicyLockoutSafetyCheck bool
	CustomKeyStoreId               string
	CustomerMasterKeySpec          string
	Description                    string
	KeySpec                        string
	KeyUsage                       string
	MultiRegion                    bool
	Origin                         string
	Policy                         *string
	Tags                           []tag
	XksKeyId                       string
}

type keyOutput struct {
	KeyMetadata *metadata
}

// notMadeYet stands for the id of a key whose policy is judged before it is made.
const notMadeYet = "00000000-0000-0000-0000-000000000000"

// createKey makes a key. There is no token that would make it idempotent:
// every success is another key.
func createKey(r *request, in createKeyInput) (any, error) {
	if err := r.forbidWaiver("*", in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	s, err := in.spec(r)
	if err != nil {
		return nil, err
	}
	k := &key{Spec: s.name, Usage: in.KeyUsage, Origin: in.Origin, MultiRegion: in.MultiRegion, Created: r.Now}
	if err := k.decideUsage(s); err != nil {
		return nil, err
	}
	state, err := in.state(s)
	if err != nil {
		return nil, err
	}
	if k.Origin == "" {
		k.Origin = "AWS_KMS"
	}
	if err := atMost(8192, "description", in.Description); err != nil {
		return nil, err
	}
	policy := defaultPolicy(r.region.partition(), r.Account)
	if in.Policy != nil {
		policy = *in.Policy
		if err := r.checkPolicy(policy, r.region.arn("key/"+notMadeYet),
			in.BypassPolicyLockoutSafetyCheck); err != nil {
			return nil, err
		}
	}
	tags, err := withTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if k.ID, err = r.newKeyID(in.MultiRegion); err != nil {
		return nil, err
	}
	if state == enabled {
		if err := r.addMaterial(k); err != nil {
			return nil, err
		}
	}
	k.Status.set(r.Now, status{State: state})
	k.Description.set(r.Now, in.Description)
	k.Policy.set(r.Now, policy)
	k.Tags.set(r.Now, tags)
	r.region.addKey(k)
	r.resource = k.ID
	return keyOutput{r.metadata(k, r.Now)}, nil
}

// spec finds what kind of key is asked for.
func (in createKeyInput) spec(r *request) (spec, error) {
	if in.KeySpec != "" && in.CustomerMasterKeySpec != "" {
		return spec{}, refuse("ValidationException",
			"You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is "+
				"deprecated.")
	}
	name := in.KeySpec + in.CustomerMasterKeySpec
	if name == "" {
		name = symmetricDefault
	}
	if err := oneOf("keySpec", name, specNames()...); err != nil {
		return spec{}, err
	}
	s, _ := specOf(name)
	// SM2 is for China, ML-KEM for everywhere else (API reference, CreateKey).
	inChina := r.region.partition() == "aws-cn"
	if s.china && !inChina || s.notChina && inChina {
		return spec{}, refuse("UnsupportedOperationException", "KeySpec %s is not supported in this Region.", name)
	}
	return s, nil
}

// decideUsage settles what the key is for. Only a symmetric encryption key may
// leave that open (API reference, CreateKey).
func (k *key) decideUsage(s spec) error {
	err := oneOf("keyUsage", k.Usage, encryptDecrypt, signVerify, generateVerifyMac, keyAgreement,
		encapsulateDecapsulate)
	switch {
	case err != nil:
		return err
	case k.Usage == "" && s.kind == symmetric:
		k.Usage = encryptDecrypt
	case k.Usage == "":
		return refuse("ValidationException",
			"You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case !slices.Contains(s.usages, k.Usage):
		return refuse("ValidationException", "KeyUsage %s is not compatible with KeySpec %s", k.Usage, s.name)
	}
	return nil
}

// state returns the one the key begins in: without material it waits for an import.
// There are no custom key stores here, so none can be found.
func (in createKeyInput) state(s spec) (string, error) {
	if err := oneOf("origin", in.Origin, "AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"); err != nil {
		return "", err
	}
	custom := in.Origin == "AWS_CLOUDHSM" || in.Origin == "EXTERNAL_KEY_STORE"
	switch {
	case in.CustomKeyStoreId != "" && (s.kind != symmetric || in.MultiRegion):
		return "", refuse("UnsupportedOperationException",
			"A custom key store holds single-Region symmetric encryption keys only.")
	case in.CustomKeyStoreId != "":
		return "", refuse("CustomKeyStoreNotFoundException", "Custom key store %s not found.", in.CustomKeyStoreId)
	case custom:
		return "", refuse("ValidationException", "Origin %s requires a CustomKeyStoreId.", in.Origin)
	case in.XksKeyId != "":
		return "", refuse("ValidationException", "XksKeyId is valid only with Origin EXTERNAL_KEY_STORE.")
	case in.Origin == "EXTERNAL":
		return pendingImport, nil
	}
	return enabled, nil
}

func (r *request) newKeyID(multiRegion bool) (string, error) {
	id, err := r.uuid()
	if multiRegion {
		id = "mrk-" + strings.ReplaceAll(id, "-", "")
	}
	return id, err
}
