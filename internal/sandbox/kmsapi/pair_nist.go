package kmsapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
)

// nistPair is a pair on one of NIST's curves; it signs or agrees.
type nistPair struct{ *ecdsa.PrivateKey }

func newNIST(spec string, secret []byte) (nistPair, error) {
	curve := elliptic.P256()
	switch spec {
	case "ECC_NIST_P384":
		curve = elliptic.P384()
	case "ECC_NIST_P521":
		curve = elliptic.P521()
	}
	private, err := ecdsa.ParseRawPrivateKey(curve, scalar(secret, curve.Params().N))
	return nistPair{private}, err
}

func (p nistPair) public() ([]byte, error) { return x509.MarshalPKIXPublicKey(&p.PublicKey) }

func (p nistPair) sign(m message) ([]byte, error) {
	_, digest, err := m.digest()
	if err != nil {
		return nil, err
	}
	return ecdsa.SignASN1(rand.Reader, p.PrivateKey, digest)
}

func (p nistPair) verify(m message, signature []byte) (bool, error) {
	_, digest, err := m.digest()
	if err != nil {
		return false, err
	}
	return ecdsa.VerifyASN1(&p.PublicKey, digest, signature), nil
}

func (p nistPair) agree(peer []byte) ([]byte, error) {
	private, err := p.ECDH()
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(peer)
	if err != nil {
		return nil, errPeer()
	}
	other, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, errPeer()
	}
	public, err := other.ECDH()
	if err != nil {
		return nil, errPeer()
	}
	secret, err := private.ECDH(public)
	if err != nil { // another curve
		return nil, errPeer()
	}
	return secret, nil
}
