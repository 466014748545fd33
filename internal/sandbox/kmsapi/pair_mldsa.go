package kmsapi

import (
	"encoding/asn1"
	"fmt"

	circl "github.com/cloudflare/circl/sign"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
)

// mldsaPair is a lattice pair for signatures, FIPS 204.
type mldsaPair struct {
	scheme  circl.Scheme
	private circl.PrivateKey
	outward circl.PublicKey
	oid     asn1.ObjectIdentifier
}

func newMLDSA(spec string, seed []byte) (mldsaPair, error) {
	p := mldsaPair{scheme: mldsa44.Scheme()}
	arc := 17
	switch spec {
	case "ML_DSA_65":
		p.scheme, arc = mldsa65.Scheme(), 18
	case "ML_DSA_87":
		p.scheme, arc = mldsa87.Scheme(), 19
	}
	if len(seed) != p.scheme.SeedSize() {
		return mldsaPair{}, fmt.Errorf("the seed has %d bytes", len(seed))
	}
	p.oid = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, arc}
	p.outward, p.private = p.scheme.DeriveKey(seed)
	return p, nil
}

func (p mldsaPair) public() ([]byte, error) {
	b, err := p.outward.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return subjectPublicKeyInfo(algorithmIdentifier{Algorithm: p.oid}, b)
}

func (p mldsaPair) sign(m message) ([]byte, error) {
	if err := p.check(m); err != nil {
		return nil, err
	}
	return p.scheme.Sign(p.private, m.text, nil), nil
}

func (p mldsaPair) verify(m message, signature []byte) (bool, error) {
	if err := p.check(m); err != nil {
		return false, err
	}
	return p.scheme.Verify(p.outward, m.text, signature, nil), nil
}

// check refuses digests, as AWS does, and EXTERNAL_MU, which AWS has but the
// library cannot do.
func (p mldsaPair) check(m message) error {
	switch m.kind {
	case raw:
		return nil
	case externalMu:
		return refuse("UnsupportedOperationException", "The embedded KMS cannot do MessageType EXTERNAL_MU.")
	}
	return errMessageType(m)
}
