// Package notify calls what a plan names outside AWS: an address that is pinged, or one that is
// told what a run did. It knows nothing of keys. Whether something is told is package plan's to
// decide, and a failure is for the caller to warn of: nothing here may change what a run does.
package notify
