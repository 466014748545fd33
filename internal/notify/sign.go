package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Signature returns the HMAC-SHA256 of a body, as the header of a webhook has it.
func Signature(secret, body string) string {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte(body)) // never fails
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}
