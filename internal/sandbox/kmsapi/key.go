package kmsapi

import "time"

// The states of a key.
const (
	enabled         = "Enabled"
	disabled        = "Disabled"
	pendingDeletion = "PendingDeletion"
	pendingImport   = "PendingImport"
)

// key is one KMS key. It has what cannot change and what can, and the
// latter has a history, because reads may see it late.
type key struct {
	ID          string    `json:"id"`
	Spec        string    `json:"spec"`
	Usage       string    `json:"usage"`
	Origin      string    `json:"origin"`
	MultiRegion bool      `json:"multi_region,omitempty"`
	Created     time.Time `json:"created"`

	Status      history[status]   `json:"status"`
	Description history[string]   `json:"description"`
	Policy      history[string]   `json:"policy"`
	Tags        history[[]tag]    `json:"tags"`
	Grants      history[[]grant]  `json:"grants,omitempty"`
	Rotation    history[rotation] `json:"rotation,omitempty"`
	LastUse     history[lastUse]  `json:"last_use,omitempty"`

	// Materials are oldest first; the last one encrypts, each one decrypts.
	Materials []material `json:"materials,omitempty"`

	// pair is the parsed material of an asymmetric key; see pair.go.
	pair any
	// unsaved is set from when an RSA pair is made until a call succeeds that
	// has used it, and so has the state saved. A pair made by a call that was
	// then refused has not been seen by anybody yet.
	unsaved bool
}

// status is the state of a key and, while it waits for its deletion, when that
// comes and what the state becomes if it is cancelled.
type status struct {
	State    string    `json:"state"`
	Deletion time.Time `json:"deletion,omitzero"`
}

// existed reports whether the key was there at t.
func (k *key) existed(t time.Time) bool {
	s, ok := k.Status.at(t) // none before its creation
	return ok && (s.State != pendingDeletion || t.Before(s.Deletion))
}

// trim forgets what no read as of old, or later, can see.
func (k *key) trim(old time.Time) {
	k.Status.trim(old)
	k.Description.trim(old)
	k.Policy.trim(old)
	k.Tags.trim(old)
	k.Grants.trim(old)
	k.Rotation.trim(old)
	k.LastUse.trim(old)
}

// spec returns what a key like this can do.
func (k *key) spec() spec {
	s, _ := specOf(k.Spec)
	return s
}

// notEnabled returns why a key in a state cannot be used for cryptography or have
// its rotation changed (Key states, notes 1, 3 and 5). For a key pending
// deletion AWS lists two answers, DisabledException and this one.
func notEnabled(arn, state string) error {
	switch state {
	case disabled:
		return refuse("DisabledException", "%s is disabled.", arn)
	case enabled:
		return nil
	}
	return notReady(arn, state, pendingDeletion, pendingImport)
}

// notReady refuses an operation on a key in one of the states given.
func notReady(arn, state string, bad ...string) error {
	for _, s := range bad {
		if s != state {
			continue
		}
		if s == pendingImport {
			return refuse("KMSInvalidStateException", "%s is pending import.", arn)
		}
		return refuse("KMSInvalidStateException", "%s is pending deletion.", arn)
	}
	return nil
}

// unlessDeleting refuses a mutation of a key that is pending deletion.
func (r *request) unlessDeleting(k *key) error {
	return notReady(r.arn(k), k.Status.current().State, pendingDeletion)
}

// arn returns the key ARN.
func (r *request) arn(k *key) string { return r.region.arn("key/" + k.ID) }
