package kmsapi

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// material is what a key's cryptography works with.
type material struct {
	// ID is what KMS calls the key material by: 64 hexadecimal digits. Only
	// symmetric encryption keys, which can rotate, show it.
	ID string `json:"id"`
	// Secret is the key itself for AES and HMAC, the seed or the scalar for
	// key pairs, and for RSA, once it has been made, the pair as PKCS #8.
	Secret []byte `json:"secret,omitempty"`
	// Since and Rotation say which rotation brought it; the first has none.
	Since    time.Time `json:"since"`
	Rotation string    `json:"rotation,omitempty"`
}

// addMaterial gives a key new material, which is current from then on. An RSA
// pair is left to be made when it is first needed, because that takes long and
// most keys of a simulation are never used.
func (r *request) addMaterial(k *key) error {
	m := material{Since: r.Now}
	if n := secretSize(k.Spec); n > 0 {
		var err error
		if m.Secret, err = r.random(n); err != nil {
			return err
		}
	}
	sum := sha256.Sum256(append([]byte(k.ID+" "+r.Now.String()), m.Secret...))
	m.ID = hex.EncodeToString(sum[:])
	k.Materials = append(k.Materials, m)
	return nil
}

// material returns the current one; a key that waits for an import has none.
func (k *key) material() material {
	if len(k.Materials) == 0 {
		return material{}
	}
	return k.Materials[len(k.Materials)-1]
}

// secretSize returns how many random bytes make a key of a spec: AES-256; HMAC
// keys as long as their hash (Developer Guide, "Key spec reference"); seeds.
// Scalars get eight bytes more than the order, so that reducing them is as
// good as uniform.
func secretSize(name string) int {
	switch name {
	case symmetricDefault, "HMAC_256", ed25519Spec, "ML_DSA_44", "ML_DSA_65", "ML_DSA_87":
		return 32
	case "HMAC_224":
		return 28
	case "HMAC_384":
		return 48
	case "HMAC_512", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024":
		return 64
	case "ECC_NIST_P256", "ECC_SECG_P256K1", sm2Spec:
		return 32 + 8
	case "ECC_NIST_P384":
		return 48 + 8
	case "ECC_NIST_P521":
		return 66 + 8
	}
	return 0
}
