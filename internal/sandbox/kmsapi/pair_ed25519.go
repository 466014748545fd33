package kmsapi

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"crypto/x509"
)

type ed25519Pair struct{ private ed25519.PrivateKey }

func newEd25519(seed []byte) ed25519Pair { return ed25519Pair{ed25519.NewKeyFromSeed(seed)} }

func (p ed25519Pair) public() ([]byte, error) { return x509.MarshalPKIXPublicKey(p.private.Public()) }

func (p ed25519Pair) sign(m message) ([]byte, error) {
	text, options, err := p.prepare(m)
	if err != nil {
		return nil, err
	}
	return p.private.Sign(nil, text, options)
}

func (p ed25519Pair) verify(m message, signature []byte) (bool, error) {
	text, options, err := p.prepare(m)
	if err != nil {
		return false, err
	}
	return ed25519.VerifyWithOptions(p.private.Public().(ed25519.PublicKey), text, signature, options) == nil, nil
}

// prepare makes what is signed. The two algorithms take one type of message
// each, and ED25519_PH_SHA_512 hashes the digest it is given once more (API
// reference, Sign, MessageType).
func (p ed25519Pair) prepare(m message) ([]byte, *ed25519.Options, error) {
	switch {
	case m.algorithm == "ED25519_SHA_512" && m.kind == raw:
		return m.text, &ed25519.Options{}, nil
	case m.algorithm == "ED25519_PH_SHA_512" && m.kind == digest:
		if len(m.text) != sha512.Size {
			return nil, nil, errDigest(m.algorithm)
		}
		sum := sha512.Sum512(m.text)
		return sum[:], &ed25519.Options{Hash: crypto.SHA512}, nil
	}
	return nil, nil, errMessageType(m)
}
