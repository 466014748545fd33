package kmsapi

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // RSAES_OAEP_SHA_1 is one of KMS's algorithms
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// newRSA makes a pair as PKCS #8. It does not draw on the service's
// randomness: the standard library makes RSA pairs from the system's only.
func newRSA(spec string) ([]byte, error) {
	bits, err := strconv.Atoi(strings.TrimPrefix(spec, "RSA_"))
	if err != nil {
		return nil, fmt.Errorf("%s has no material", spec)
	}
	pair, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("making an RSA pair: %w", err)
	}
	return x509.MarshalPKCS8PrivateKey(pair)
}

type rsaPair struct{ *rsa.PrivateKey }

func parseRSA(pkcs8 []byte) (rsaPair, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return rsaPair{}, err
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return rsaPair{}, errors.New("not an RSA pair")
	}
	return rsaPair{private}, nil
}

func (p rsaPair) public() ([]byte, error) { return x509.MarshalPKIXPublicKey(&p.PublicKey) }

// pss returns the options of RSASSA-PSS in KMS: the salt is as long as the hash.
func pss(h crypto.Hash) *rsa.PSSOptions {
	return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
}

func (p rsaPair) sign(m message) ([]byte, error) {
	h, digest, err := m.digest()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(m.algorithm, "RSASSA_PSS_") {
		return rsa.SignPSS(rand.Reader, p.PrivateKey, h, digest, pss(h))
	}
	return rsa.SignPKCS1v15(nil, p.PrivateKey, h, digest)
}

func (p rsaPair) verify(m message, signature []byte) (bool, error) {
	h, digest, err := m.digest()
	if err != nil {
		return false, err
	}
	if strings.HasPrefix(m.algorithm, "RSASSA_PSS_") {
		return rsa.VerifyPSS(&p.PublicKey, h, digest, signature, pss(h)) == nil, nil
	}
	return rsa.VerifyPKCS1v15(&p.PublicKey, h, digest, signature) == nil, nil
}

// oaep returns the hash of an OAEP algorithm.
func oaep(algorithm string) hash.Hash {
	if algorithm == "RSAES_OAEP_SHA_1" {
		return sha1.New()
	}
	return sha256.New()
}

func (p rsaPair) limit(algorithm string) int { return p.Size() - 2*oaep(algorithm).Size() - 2 }

func (p rsaPair) encrypt(algorithm string, plaintext []byte) ([]byte, error) {
	return rsa.EncryptOAEP(oaep(algorithm), rand.Reader, &p.PublicKey, plaintext, nil)
}

func (p rsaPair) decrypt(algorithm string, ciphertext []byte) ([]byte, bool) {
	plaintext, err := rsa.DecryptOAEP(oaep(algorithm), nil, p.PrivateKey, ciphertext, nil)
	return plaintext, err == nil
}
