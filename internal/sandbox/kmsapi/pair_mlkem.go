package kmsapi

import (
	"encoding/asn1"
	"fmt"

	"github.com/cloudflare/circl/kem"
	"github.com/cloudflare/circl/kem/mlkem/mlkem1024"
	"github.com/cloudflare/circl/kem/mlkem/mlkem512"
	"github.com/cloudflare/circl/kem/mlkem/mlkem768"
)

// mlkemPair is a lattice pair for shared secrets, FIPS 203.
type mlkemPair struct {
	scheme  kem.Scheme
	private kem.PrivateKey
	outward kem.PublicKey
	oid     asn1.ObjectIdentifier
}

func newMLKEM(spec string, seed []byte) (mlkemPair, error) {
	p := mlkemPair{scheme: mlkem512.Scheme()}
	arc := 1
	switch spec {
	case "ML_KEM_768":
		p.scheme, arc = mlkem768.Scheme(), 2
	case "ML_KEM_1024":
		p.scheme, arc = mlkem1024.Scheme(), 3
	}
	if len(seed) != p.scheme.SeedSize() {
		return mlkemPair{}, fmt.Errorf("the seed has %d bytes", len(seed))
	}
	p.oid = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 4, arc}
	p.outward, p.private = p.scheme.DeriveKeyPair(seed)
	return p, nil
}

func (p mlkemPair) public() ([]byte, error) {
	b, err := p.outward.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return subjectPublicKeyInfo(algorithmIdentifier{Algorithm: p.oid}, b)
}

func (p mlkemPair) encapsulate(seed []byte) (ciphertext, secret []byte, err error) {
	return p.scheme.EncapsulateDeterministically(p.outward, seed)
}

// decapsulate gives some secret for every ciphertext of the right length: a
// wrong one shows only in that the two sides disagree (FIPS 203).
func (p mlkemPair) decapsulate(ciphertext []byte) ([]byte, error) {
	if len(ciphertext) != p.scheme.CiphertextSize() {
		return nil, errCiphertext()
	}
	return p.scheme.Decapsulate(p.private, ciphertext)
}
