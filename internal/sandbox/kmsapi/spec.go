package kmsapi

// The usages of keys.
const (
	encryptDecrypt         = "ENCRYPT_DECRYPT"
	signVerify             = "SIGN_VERIFY"
	generateVerifyMac      = "GENERATE_VERIFY_MAC"
	keyAgreement           = "KEY_AGREEMENT"
	encapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE"
)

// The key specs that the code calls by name.
const (
	symmetricDefault = "SYMMETRIC_DEFAULT"
	ed25519Spec      = "ECC_NIST_EDWARDS25519"
	sm2Spec          = "SM2"
)

// The types of keys between which an alias cannot be moved.
const (
	symmetric  = "symmetric"
	asymmetric = "asymmetric"
	hmacType   = "HMAC"
)

// spec is what AWS's page "Key spec reference" says about one key spec.
type spec struct {
	name string
	// kind is symmetric, asymmetric or hmacType.
	kind   string
	usages []string
	// The algorithms by the usage they belong to.
	encryption, signing, mac, agreement, encapsulation []string
	// china says that the spec exists only in China.
	china    bool
	notChina bool
}

// algorithms returns those of a key with this spec that is used in this way.
func (s spec) algorithms(usage string) []string {
	switch usage {
	case encryptDecrypt:
		return s.encryption
	case signVerify:
		return s.signing
	case generateVerifyMac:
		return s.mac
	case keyAgreement:
		return s.agreement
	case encapsulateDecapsulate:
		return s.encapsulation
	}
	return nil
}

// specNames returns all key specs of CreateKey.
func specNames() []string {
	return []string{
		symmetricDefault,
		"RSA_2048", "RSA_3072", "RSA_4096",
		"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", ed25519Spec,
		"HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512",
		"ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024",
		sm2Spec,
	}
}

// specOf finds a key spec by its name.
func specOf(name string) (spec, bool) {
	s := spec{name: name, kind: asymmetric}
	switch name {
	case symmetricDefault:
		s.kind, s.usages, s.encryption = symmetric, []string{encryptDecrypt}, []string{symmetricDefault}
	case "RSA_2048", "RSA_3072", "RSA_4096":
		s.usages = []string{encryptDecrypt, signVerify}
		s.encryption = []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
		s.signing = []string{
			"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
			"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
		}
	case "ECC_NIST_P256":
		s.nistCurve("ECDSA_SHA_256")
	case "ECC_NIST_P384":
		s.nistCurve("ECDSA_SHA_384")
	case "ECC_NIST_P521":
		s.nistCurve("ECDSA_SHA_512")
	case "ECC_SECG_P256K1":
		s.usages, s.signing = []string{signVerify}, []string{"ECDSA_SHA_256"}
	case ed25519Spec:
		s.usages, s.signing = []string{signVerify}, []string{"ED25519_SHA_512", "ED25519_PH_SHA_512"}
	case "ML_DSA_44", "ML_DSA_65", "ML_DSA_87":
		s.usages, s.signing = []string{signVerify}, []string{"ML_DSA_SHAKE_256"}
	case "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024":
		s.usages, s.encapsulation, s.notChina = []string{encapsulateDecapsulate}, []string{"ML_KEM"}, true
	case sm2Spec:
		s.usages, s.china = []string{encryptDecrypt, signVerify, keyAgreement}, true
		s.encryption, s.signing, s.agreement = []string{"SM2PKE"}, []string{"SM2DSA"}, []string{"ECDH"}
	case "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512":
		s.kind, s.usages = hmacType, []string{generateVerifyMac}
		s.mac = []string{"HMAC_SHA_" + name[len("HMAC_"):]}
	default:
		return spec{}, false
	}
	return s, true
}

func (s *spec) nistCurve(signing string) {
	s.usages = []string{signVerify, keyAgreement}
	s.signing, s.agreement = []string{signing}, []string{"ECDH"}
}
