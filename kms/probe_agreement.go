package kms

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	sm2ecdh "github.com/emmansun/gmsm/ecdh"
)

// peer is the other side of a key agreement, made for one probe.
type peer struct {
	// public is the point, uncompressed.
	public []byte
	// secret returns what the peer and the owner of a public point both know.
	secret func(public []byte) ([]byte, error)
}

// peerOf returns a function that makes peers on the curve of a spec; nil if KMS
// supports no key agreement on it, as for ECC_SECG_P256K1.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
func peerOf(spec types.KeySpec) func() (peer, error) {
	switch spec {
	case types.KeySpecEccNistP256:
		return nistPeer(ecdh.P256())
	case types.KeySpecEccNistP384:
		return nistPeer(ecdh.P384())
	case types.KeySpecEccNistP521:
		return nistPeer(ecdh.P521())
	case types.KeySpecSm2:
		return sm2Peer
	}
	return nil
}

func nistPeer(curve ecdh.Curve) func() (peer, error) {
	return func() (peer, error) {
		private, err := curve.GenerateKey(rand.Reader)
		if err != nil {
			return peer{}, err
		}
		return peer{private.PublicKey().Bytes(), func(public []byte) ([]byte, error) {
			other, err := curve.NewPublicKey(public)
			if err != nil {
				return nil, err
			}
			return private.ECDH(other)
		}}, nil
	}
}

// sm2Peer is nistPeer for the curve that Go's library does not have. SM2 keys
// exist in China Regions only.
func sm2Peer() (peer, error) {
	curve := sm2ecdh.P256()
	private, err := curve.GenerateKey(rand.Reader)
	if err != nil {
		return peer{}, err
	}
	return peer{private.PublicKey().Bytes(), func(public []byte) ([]byte, error) {
		other, err := curve.NewPublicKey(public)
		if err != nil {
			return nil, err
		}
		return private.ECDH(other)
	}}, nil
}

// subjectPublicKeyInfo is KMS's form of public keys (RFC 5280, section 4.1).
type subjectPublicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	PublicKey asn1.BitString
}

// probeAgreement derives a secret in KMS with a peer of its own, whose public key
// is the KMS key's with another point in it, and computes the same secret itself.
func probeAgreement(newPeer func() (peer, error)) probe {
	return func(ctx context.Context, api *awskms.Client, keyID string) error {
		key, err := api.GetPublicKey(ctx, &awskms.GetPublicKeyInput{KeyId: &keyID})
		if err != nil {
			return err
		}
		var info subjectPublicKeyInfo
		if _, err := asn1.Unmarshal(key.PublicKey, &info); err != nil {
			return &wrongResult{fmt.Sprintf("the public key cannot be read: %v", err)}
		}
		p, err := newPeer()
		if err != nil {
			return fmt.Errorf("make a peer: %w", err)
		}
		want, err := p.secret(info.PublicKey.RightAlign())
		if err != nil {
			return &wrongResult{fmt.Sprintf("the public key is not on the curve: %v", err)}
		}
		info.PublicKey = asn1.BitString{Bytes: p.public, BitLength: 8 * len(p.public)}
		public, err := asn1.Marshal(info)
		if err != nil {
			return fmt.Errorf("write the peer's public key: %w", err)
		}
		got, err := api.DeriveSharedSecret(ctx, &awskms.DeriveSharedSecretInput{KeyId: &keyID, PublicKey: public,
			KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh})
		if err != nil {
			return err
		}
		if !bytes.Equal(got.SharedSecret, want) {
			return &wrongResult{"the two sides do not agree on a secret"}
		}
		return nil
	}
}
