package kmsapi

import "time"

// enableKey and disableKey are wanted states, not switches: on a key that is
// so already they succeed.
func enableKey(r *request, in keyInput) (any, error)  { return r.setState(in.KeyId, enabled) }
func disableKey(r *request, in keyInput) (any, error) { return r.setState(in.KeyId, disabled) }

func (r *request) setState(id, state string) (any, error) {
	k, err := r.target(id)
	if err != nil {
		return nil, err
	}
	if err := notReady(r.arn(k), k.Status.current().State, pendingDeletion, pendingImport); err != nil {
		return nil, err
	}
	k.Status.set(r.Now, status{State: state})
	return nil, nil
}

type scheduleKeyDeletionInput struct {
	KeyId               string
	PendingWindowInDays *int
}

type scheduleKeyDeletionOutput struct {
	DeletionDate        epoch
	KeyId               string
	KeyState            string
	PendingWindowInDays int
}

// scheduleKeyDeletion begins the wait, at the end of which the key is gone
// with its aliases. Asking again does not prolong it (Key states, note 3).
func scheduleKeyDeletion(r *request, in scheduleKeyDeletionInput) (any, error) {
	days := 30
	if in.PendingWindowInDays != nil {
		days = *in.PendingWindowInDays
	}
	if err := within(7, 30, "pendingWindowInDays", days); err != nil {
		return nil, err
	}
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if err := r.unlessDeleting(k); err != nil {
		return nil, err
	}
	deletion := r.Now.Add(time.Duration(days) * 24 * time.Hour)
	k.Status.set(r.Now, status{State: pendingDeletion, Deletion: deletion})
	return scheduleKeyDeletionOutput{
		DeletionDate: epoch(deletion), KeyId: r.arn(k), KeyState: pendingDeletion, PendingWindowInDays: days,
	}, nil
}

type keyIDOutput struct {
	KeyId string
}

// cancelKeyDeletion keeps the key, and leaves it disabled (API reference,
// CancelKeyDeletion). One without material waits for its import again.
func cancelKeyDeletion(r *request, in keyInput) (any, error) {
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Status.current().State != pendingDeletion {
		return nil, refuse("KMSInvalidStateException", "%s is not pending deletion.", r.arn(k))
	}
	state := disabled
	if k.Origin == "EXTERNAL" {
		state = pendingImport
	}
	k.Status.set(r.Now, status{State: state})
	return keyIDOutput{r.arn(k)}, nil
}
