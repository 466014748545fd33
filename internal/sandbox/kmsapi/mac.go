package kmsapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

type macInput struct {
	KeyId        string
	Mac          []byte
	MacAlgorithm string
	Message      []byte
	DryRun       bool
}

type generateMacOutput struct {
	KeyId        string
	Mac          []byte
	MacAlgorithm string
}

func generateMac(r *request, in macInput) (any, error) {
	k, err := r.macKey(in)
	if err != nil {
		return nil, err
	}
	out := generateMacOutput{KeyId: r.arn(k), Mac: k.mac(in.Message), MacAlgorithm: in.MacAlgorithm}
	return out, r.used(k, r.Operation)
}

type verifyMacOutput struct {
	KeyId        string
	MacAlgorithm string
	MacValid     bool
}

// verifyMac never answers that a MAC is not valid: it is refused then.
func verifyMac(r *request, in macInput) (any, error) {
	if err := requiredBlob("mac", in.Mac); err != nil {
		return nil, err
	}
	k, err := r.macKey(in)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(in.Mac, k.mac(in.Message)) {
		return nil, refuse("KMSInvalidMacException", "")
	}
	return verifyMacOutput{KeyId: r.arn(k), MacAlgorithm: in.MacAlgorithm, MacValid: true}, r.used(k, r.Operation)
}

// macKey checks what GenerateMac and VerifyMac have in common.
func (r *request) macKey(in macInput) (*key, error) {
	err := first(
		required("keyId", in.KeyId), checkMessage(in.Message), required("macAlgorithm", in.MacAlgorithm),
		oneOf("macAlgorithm", in.MacAlgorithm, "HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"),
	)
	if err != nil {
		return nil, err
	}
	k, err := r.forUse(in.KeyId, generateVerifyMac)
	if err != nil {
		return nil, err
	}
	return k, first(fits(k, in.MacAlgorithm), dryRun(in.DryRun))
}

// mac authenticates a message. Each HMAC spec has one algorithm.
func (k *key) mac(text []byte) []byte {
	var h func() hash.Hash
	switch k.Spec {
	case "HMAC_224":
		h = sha256.New224
	case "HMAC_256":
		h = sha256.New
	case "HMAC_384":
		h = sha512.New384
	default:
		h = sha512.New
	}
	m := hmac.New(h, k.material().Secret)
	m.Write(text)
	return m.Sum(nil)
}
