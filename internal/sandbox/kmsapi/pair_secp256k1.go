package kmsapi

import (
	"encoding/asn1"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// secp256k1Pair is a pair on the curve that the standard library does not have.
type secp256k1Pair struct{ private *secp256k1.PrivateKey }

func newSecp256k1(secret []byte) secp256k1Pair {
	return secp256k1Pair{secp256k1.PrivKeyFromBytes(scalar(secret, secp256k1.Params().N))}
}

func (p secp256k1Pair) public() ([]byte, error) {
	id := algorithmIdentifier{
		Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, // id-ecPublicKey
		Curve:     asn1.ObjectIdentifier{1, 3, 132, 0, 10},       // secp256k1
	}
	return subjectPublicKeyInfo(id, p.private.PubKey().SerializeUncompressed())
}

func (p secp256k1Pair) sign(m message) ([]byte, error) {
	_, digest, err := m.digest()
	if err != nil {
		return nil, err
	}
	return ecdsa.Sign(p.private, digest).Serialize(), nil
}

func (p secp256k1Pair) verify(m message, signature []byte) (bool, error) {
	_, digest, err := m.digest()
	if err != nil {
		return false, err
	}
	parsed, err := ecdsa.ParseDERSignature(signature)
	return err == nil && parsed.Verify(digest, p.private.PubKey()), nil
}
