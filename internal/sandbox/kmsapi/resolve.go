package kmsapi

import (
	"strings"
	"time"
)

// The three ways to name a key in a request. A mutation acts on what is there
// now; a read, and a cryptographic operation, on what its lag lets it see.

// target finds the key of a mutation: by key id or key ARN.
func (r *request) target(id string) (*key, error) { return r.find(id, r.Now, false) }

// look finds the key of a read that takes no aliases.
func (r *request) look(id string) (*key, error) { return r.find(id, r.ReadAt, false) }

// use finds the key of a cryptographic operation or of DescribeKey: by key id,
// key ARN, alias name or alias ARN.
func (r *request) use(id string) (*key, error) { return r.find(id, r.ReadAt, true) }

func (r *request) find(name string, t time.Time, byAlias bool) (*key, error) {
	if err := first(required("keyId", name), atMost(2048, "keyId", name)); err != nil {
		return nil, err
	}
	resource := "key/" + name
	if strings.HasPrefix(name, "alias/") {
		resource = name
	}
	if strings.HasPrefix(name, "arn:") {
		var err error
		if resource, err = r.ofARN(name); err != nil {
			return nil, err
		}
	}
	id, isKey := strings.CutPrefix(resource, "key/")
	if !isKey {
		if !byAlias || !strings.HasPrefix(resource, "alias/") {
			return nil, refuse("NotFoundException", "Invalid keyId '%s'", name)
		}
		r.resource = resource
		b, ok := r.region.aliasAt(resource, t)
		if !ok {
			return nil, refuse("NotFoundException", "Alias %s is not found.", r.region.arn(resource))
		}
		id = b.Target
	}
	if !isKeyID(id) {
		return nil, refuse("NotFoundException", "Invalid keyId '%s'", id)
	}
	r.resource = id
	k, ok := r.region.keyAt(id, t)
	if !ok {
		return nil, refuse("NotFoundException", "Key '%s' does not exist", r.region.arn("key/"+id))
	}
	k.catchUp(r.Now)
	return k, r.authorize(k)
}

// ofARN returns the resource an ARN names, if it is in the account and Region of the call.
func (r *request) ofARN(arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "kms" || parts[1] != r.region.partition() {
		return "", refuse("InvalidArnException", "Invalid arn %s", arn)
	}
	if parts[3] != r.Region {
		return "", refuse("NotFoundException", "Invalid arn %s", parts[3])
	}
	if parts[4] != r.Account {
		// There is one account here: no other one has granted anything.
		return "", refuse("AccessDeniedException",
			"User: %s is not authorized to perform: kms:%s on resource: %s because no resource-based policy allows "+
				"the kms:%s action",
			r.Caller, r.Operation, arn, r.Operation)
	}
	return parts[5], nil
}

// isKeyID reports whether a text has the form of a key id: a UUID, or that of a
// multi-Region key.
func isKeyID(id string) bool {
	if digits, multi := strings.CutPrefix(id, "mrk-"); multi {
		return len(digits) == 32 && isHex(digits)
	}
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return false
	}
	return isHex(id[:8]) && isHex(id[9:13]) && isHex(id[14:18]) && isHex(id[19:23]) && isHex(id[24:])
}

func isHex(digits string) bool { return strings.Trim(digits, "0123456789abcdef") == "" }
