package kmsapi

import "github.com/keyturn/keyturn/internal/sandbox/wire"

// forUse finds the key of a cryptographic operation and sees whether it can be
// used so: first its usage, then its state.
func (r *request) forUse(id, usage string) (*key, error) {
	k, err := r.use(id)
	if err != nil {
		return nil, err
	}
	return k, r.usable(k, usage)
}

// usable refuses a key of another usage, and one that is not enabled as far as
// this call can see.
func (r *request) usable(k *key, usage string) error {
	if k.Usage != usage {
		return r.wrongUsage(k)
	}
	state, _ := k.Status.at(r.ReadAt)
	return notEnabled(r.arn(k), state.State)
}

func (r *request) wrongUsage(k *key) error {
	return refuse("InvalidKeyUsageException", "%s key usage is %s which is not valid for %s.", r.arn(k), k.Usage,
		r.Operation)
}

// fits refuses an algorithm that keys like this one do not have.
func fits(k *key, algorithm string) error {
	for _, a := range k.spec().algorithms(k.Usage) {
		if a == algorithm {
			return nil
		}
	}
	return refuse("InvalidKeyUsageException", "Algorithm %s is incompatible with key spec %s.", algorithm, k.Spec)
}

// dryRun ends a request that was only to be tried: everything that AWS checks
// has been checked, nothing has been done, and the key does not count as used
// (Developer Guide, "Testing your permissions").
func dryRun(wanted bool) error {
	if !wanted {
		return nil
	}
	return &wire.Error{
		Status: 412, Code: "DryRunOperationException",
		Message: "The request would have succeeded, but the DryRun option is set.",
	}
}
