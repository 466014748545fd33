package kmsapi

import (
	"crypto"
	"strings"
)

// The types of messages.
const (
	raw        = "RAW"
	digest     = "DIGEST"
	externalMu = "EXTERNAL_MU"
)

// message is the input of Sign and Verify.
type message struct {
	algorithm string
	// kind is raw, digest or externalMu.
	kind string
	text []byte
}

// digest hashes the message for an algorithm of RSA or ECDSA, unless it has
// been hashed already.
func (m message) digest() (crypto.Hash, []byte, error) {
	h := crypto.SHA256
	switch {
	case strings.HasSuffix(m.algorithm, "_SHA_384"):
		h = crypto.SHA384
	case strings.HasSuffix(m.algorithm, "_SHA_512"):
		h = crypto.SHA512
	}
	switch m.kind {
	case raw:
		sum := h.New()
		sum.Write(m.text)
		return h, sum.Sum(nil), nil
	case digest:
		if len(m.text) != h.Size() {
			return 0, nil, errDigest(m.algorithm)
		}
		return h, m.text, nil
	}
	return 0, nil, errMessageType(m)
}

func errDigest(algorithm string) error {
	return refuse("ValidationException", "Digest is invalid length for algorithm %s.", algorithm)
}

func errMessageType(m message) error {
	return refuse("ValidationException", "MessageType %s is not valid for algorithm %s.", m.kind, m.algorithm)
}

func errPeer() error {
	return refuse("ValidationException", "The public key is not valid, or not on the curve of the KMS key.")
}
