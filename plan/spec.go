package plan

import (
	"slices"
	"strings"
)

// The usages of a KMS key, as KMS spells them.
const (
	encryptDecrypt         = "ENCRYPT_DECRYPT"
	signVerify             = "SIGN_VERIFY"
	generateVerifyMac      = "GENERATE_VERIFY_MAC"
	keyAgreement           = "KEY_AGREEMENT"
	encapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE"
)

// UsageNames returns the usages that a key can have.
func UsageNames() []string {
	return []string{encryptDecrypt, signVerify, generateVerifyMac, keyAgreement, encapsulateDecapsulate}
}

// keySpec is a spec and the usages that a key of it can have.
type keySpec struct {
	name   string
	usages []string
}

// keySpecs follows the parameters KeySpec and KeyUsage of
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
func keySpecs() []keySpec {
	return []keySpec{
		{"SYMMETRIC_DEFAULT", []string{encryptDecrypt}},
		{"HMAC_224", []string{generateVerifyMac}},
		{"HMAC_256", []string{generateVerifyMac}},
		{"HMAC_384", []string{generateVerifyMac}},
		{"HMAC_512", []string{generateVerifyMac}},
		{"RSA_2048", []string{encryptDecrypt, signVerify}},
		{"RSA_3072", []string{encryptDecrypt, signVerify}},
		{"RSA_4096", []string{encryptDecrypt, signVerify}},
		{"ECC_NIST_P256", []string{signVerify, keyAgreement}},
		{"ECC_NIST_P384", []string{signVerify, keyAgreement}},
		{"ECC_NIST_P521", []string{signVerify, keyAgreement}},
		{"ECC_NIST_EDWARDS25519", []string{signVerify}},
		{"ECC_SECG_P256K1", []string{signVerify}},
		{"ML_DSA_44", []string{signVerify}},
		{"ML_DSA_65", []string{signVerify}},
		{"ML_DSA_87", []string{signVerify}},
		{"ML_KEM_512", []string{encapsulateDecapsulate}},
		{"ML_KEM_768", []string{encapsulateDecapsulate}},
		{"ML_KEM_1024", []string{encapsulateDecapsulate}},
		{"SM2", []string{encryptDecrypt, signVerify, keyAgreement}},
	}
}

// SpecNames returns the specs that a key can have.
func SpecNames() []string {
	var out []string
	for _, s := range keySpecs() {
		out = append(out, s.name)
	}
	return out
}

// UsagesOf returns the usages that a key of a spec can have. "" is the active version's
// spec, which a plan does not know: all usages.
func UsagesOf(spec string) []string {
	for _, s := range keySpecs() {
		if s.name == spec {
			return s.usages
		}
	}
	return UsageNames()
}

// Usages returns the usages that the plan allows for its key.
func (p Policy) Usages() []string {
	if p.Usage != "" {
		return []string{p.Usage}
	}
	return UsagesOf(p.Spec)
}

// MayEncrypt reports whether a key of this spec and usage may be one that encrypts and
// decrypts; "" is whatever the active version has.
func MayEncrypt(spec, usage string) bool {
	if usage != "" {
		return usage == encryptDecrypt
	}
	return slices.Contains(UsagesOf(spec), encryptDecrypt)
}

// SpecAbsent describes why a Region has no keys of a spec; "" if it may have them.
func SpecAbsent(spec, region string) string {
	china := strings.HasPrefix(region, "cn-")
	switch {
	case spec == "SM2" && !china:
		return "only China Regions have it"
	case strings.HasPrefix(spec, "ML_KEM_") && china:
		return "China Regions do not have it"
	}
	return ""
}
