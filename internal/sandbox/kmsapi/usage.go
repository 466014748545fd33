package kmsapi

import "time"

// lastUse is the last successful cryptographic operation with a key.
type lastUse struct {
	At        time.Time `json:"at"`
	Operation string    `json:"operation"`
	EventID   string    `json:"event_id"`
	RequestID string    `json:"request_id"`
}

// used notes that a key was used. Within a minute only the first and the last
// use are kept for lagging reads: a busy key would have thousands of versions
// in the horizon, and AWS itself shows uses up to an hour late.
func (r *request) used(k *key, operation string) error {
	event, err := r.uuid()
	if err != nil {
		return err
	}
	id, err := r.uuid()
	if err != nil {
		return err
	}
	if n := len(k.LastUse); n > 1 && r.Now.Sub(k.LastUse[n-2].At) < time.Minute {
		k.LastUse = k.LastUse[:n-1]
	}
	k.LastUse.set(r.Now, lastUse{At: r.Now, Operation: operation, EventID: event, RequestID: id})
	return nil
}

type lastUsageOutput struct {
	KeyCreationDate   epoch
	KeyId             string
	KeyLastUsage      usageData
	TrackingStartDate epoch
}

type usageData struct {
	CloudTrailEventId string `json:",omitempty"`
	KmsRequestId      string `json:",omitempty"`
	Operation         string `json:",omitempty"`
	Timestamp         *epoch `json:",omitempty"`
}

// getKeyLastUsage returns when a key was last used, in any state of the key; for
// one that was not used since tracking began KeyLastUsage is an empty object
// (API reference, GetKeyLastUsage). A read that shows uses as late as AWS may
// is a call whose ReadAt is up to an hour before Now.
func getKeyLastUsage(r *request, in keyInput) (any, error) {
	k, err := r.look(in.KeyId)
	if err != nil {
		return nil, err
	}
	// KMS began to record uses on that day; of older keys it knows nothing
	// from before.
	tracking := time.Date(2026, time.April, 23, 0, 0, 0, 0, time.UTC)
	if k.Created.After(tracking) {
		tracking = k.Created
	}
	out := lastUsageOutput{KeyCreationDate: epoch(k.Created), KeyId: k.ID, TrackingStartDate: epoch(tracking)}
	if use, ok := k.LastUse.at(r.ReadAt); ok && !use.At.Before(tracking) {
		out.KeyLastUsage = usageData{
			CloudTrailEventId: use.EventID, KmsRequestId: use.RequestID,
			Operation: use.Operation, Timestamp: since(use.At),
		}
	}
	return out, nil
}
