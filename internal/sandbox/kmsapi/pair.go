package kmsapi

import (
	"encoding/asn1"
	"fmt"
	"math/big"
)

// What the pairs of the different key specs can do. A pair implements what its
// spec is good for; the usage of the key has been checked before.
type (
	publicHalf interface {
		// public gives the public half as a DER-encoded SubjectPublicKeyInfo.
		public() ([]byte, error)
	}
	signer interface {
		sign(m message) ([]byte, error)
		verify(m message, signature []byte) (bool, error)
	}
	encrypter interface {
		// limit is the longest plaintext an algorithm can take.
		limit(algorithm string) int
		encrypt(algorithm string, plaintext []byte) ([]byte, error)
		// decrypt answers false for what is no ciphertext of this pair.
		decrypt(algorithm string, ciphertext []byte) ([]byte, bool)
	}
	agreer interface {
		// agree derives the secret shared with the owner of a public key,
		// given as a SubjectPublicKeyInfo.
		agree(peer []byte) ([]byte, error)
	}
	encapsulator interface {
		encapsulate(seed []byte) (ciphertext, secret []byte, err error)
		decapsulate(ciphertext []byte) ([]byte, error)
	}
)

// pair returns the parsed material of an asymmetric key. For RSA it may have to be
// made first, which changes the state.
func (r *request) pair(k *key) (any, error) {
	r.paired = k
	if k.pair != nil {
		return k.pair, nil
	}
	m := &k.Materials[len(k.Materials)-1]
	if len(m.Secret) == 0 {
		secret, err := newRSA(k.Spec)
		if err != nil {
			return nil, err
		}
		m.Secret, k.unsaved = secret, true
	}
	pair, err := parsePair(k.Spec, m.Secret)
	if err != nil {
		return nil, fmt.Errorf("reading the key material of %s: %w", k.ID, err)
	}
	k.pair = pair
	return pair, nil
}

func parsePair(spec string, secret []byte) (any, error) {
	switch spec {
	case "RSA_2048", "RSA_3072", "RSA_4096":
		return parseRSA(secret)
	case "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521":
		return newNIST(spec, secret)
	case "ECC_SECG_P256K1":
		return newSecp256k1(secret), nil
	case ed25519Spec:
		return newEd25519(secret), nil
	case "ML_DSA_44", "ML_DSA_65", "ML_DSA_87":
		return newMLDSA(spec, secret)
	case "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024":
		return newMLKEM(spec, secret)
	case sm2Spec:
		return newSM2(secret)
	}
	return nil, fmt.Errorf("no pair for %s", spec)
}

// as gives a pair in the role that the usage of its key promises.
func as[Role any](r *request, k *key) (Role, error) {
	var none Role
	pair, err := r.pair(k)
	if err != nil {
		return none, err
	}
	role, ok := pair.(Role)
	if !ok {
		return none, fmt.Errorf("a %s key is of no use for %s", k.Spec, r.Operation)
	}
	return role, nil
}

// scalar makes a private scalar from random bytes: between 1 and order-1, as
// long as the order.
func scalar(secret []byte, order *big.Int) []byte {
	d := new(big.Int).SetBytes(secret)
	d.Mod(d, new(big.Int).Sub(order, big.NewInt(1)))
	d.Add(d, big.NewInt(1))
	return d.FillBytes(make([]byte, (order.BitLen()+7)/8))
}

// algorithmIdentifier is an X.509 AlgorithmIdentifier that has nothing, or the
// name of a curve, for parameters.
type algorithmIdentifier struct {
	Algorithm asn1.ObjectIdentifier
	Curve     asn1.ObjectIdentifier `asn1:"optional"`
}

// subjectPublicKeyInfo writes a public key that crypto/x509 does not know.
func subjectPublicKeyInfo(id algorithmIdentifier, public []byte) ([]byte, error) {
	return asn1.Marshal(struct {
		Algorithm algorithmIdentifier
		PublicKey asn1.BitString
	}{id, asn1.BitString{Bytes: public, BitLength: 8 * len(public)}})
}
