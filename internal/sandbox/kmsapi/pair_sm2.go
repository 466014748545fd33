package kmsapi

import (
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/emmansun/gmsm/ecdh"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// sm2Pair is a pair on China's curve: it encrypts, signs or agrees.
type sm2Pair struct {
	private *sm2.PrivateKey
	ecdh    *ecdh.PrivateKey
}

func newSM2(secret []byte) (sm2Pair, error) {
	d := scalar(secret, sm2.P256().Params().N)
	agreeing, err := ecdh.P256().NewPrivateKey(d)
	if err != nil {
		return sm2Pair{}, fmt.Errorf("making an SM2 pair: %w", err)
	}
	point := agreeing.PublicKey().Bytes() // 4, X, Y
	private := &sm2.PrivateKey{PrivateKey: ecdsa.PrivateKey{
		PublicKey: ecdsa.PublicKey{
			Curve: sm2.P256(), X: new(big.Int).SetBytes(point[1:33]), Y: new(big.Int).SetBytes(point[33:]),
		},
		D: new(big.Int).SetBytes(d),
	}}
	return sm2Pair{private: private, ecdh: agreeing}, nil
}

func (p sm2Pair) public() ([]byte, error) { return smx509.MarshalPKIXPublicKey(&p.private.PublicKey) }

// sign hashes a raw message with SM3 and the distinguishing id that is usual
// (Developer Guide, "Offline verification with SM2 key pairs").
func (p sm2Pair) sign(m message) ([]byte, error) {
	switch m.kind {
	case raw:
		return sm2.SignASN1(rand.Reader, p.private, m.text, sm2.NewSM2SignerOption(true, nil))
	case digest:
		if len(m.text) != 32 {
			return nil, errDigest(m.algorithm)
		}
		return sm2.SignASN1(rand.Reader, p.private, m.text, nil)
	}
	return nil, errMessageType(m)
}

func (p sm2Pair) verify(m message, signature []byte) (bool, error) {
	switch m.kind {
	case raw:
		return sm2.VerifyASN1WithSM2(&p.private.PublicKey, nil, m.text, signature), nil
	case digest:
		if len(m.text) != 32 {
			return false, errDigest(m.algorithm)
		}
		return sm2.VerifyASN1(&p.private.PublicKey, m.text, signature), nil
	}
	return false, errMessageType(m)
}

// limit is from the API reference, Encrypt.
func (p sm2Pair) limit(string) int { return 1024 }

func (p sm2Pair) encrypt(_ string, plaintext []byte) ([]byte, error) {
	return sm2.EncryptASN1(rand.Reader, &p.private.PublicKey, plaintext)
}

func (p sm2Pair) decrypt(_ string, ciphertext []byte) ([]byte, bool) {
	plaintext, err := sm2.Decrypt(p.private, ciphertext)
	return plaintext, err == nil
}

func (p sm2Pair) agree(peer []byte) ([]byte, error) {
	parsed, err := smx509.ParsePKIXPublicKey(peer)
	if err != nil {
		return nil, errPeer()
	}
	other, ok := parsed.(*ecdsa.PublicKey)
	if !ok || !sm2.IsSM2PublicKey(other) {
		return nil, errPeer()
	}
	public, err := sm2.PublicKeyToECDH(other)
	if err != nil {
		return nil, errPeer()
	}
	return p.ecdh.ECDH(public)
}
