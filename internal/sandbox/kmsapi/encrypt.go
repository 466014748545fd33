package kmsapi

import "slices"

// plaintextLimit is the most that Encrypt takes, whatever the key.
const plaintextLimit = 4096

type encryptInput struct {
	KeyId               string
	Plaintext           []byte
	EncryptionAlgorithm string
	EncryptionContext   map[string]string
	DryRun              bool
}

type encryptOutput struct {
	CiphertextBlob      []byte
	EncryptionAlgorithm string
	KeyId               string
}

func encrypt(r *request, in encryptInput) (any, error) {
	err := first(required("keyId", in.KeyId), requiredBlob("plaintext", in.Plaintext),
		encryptionAlgorithm(&in.EncryptionAlgorithm))
	if err != nil {
		return nil, err
	}
	if len(in.Plaintext) > plaintextLimit {
		return nil,
			invalid("Value at 'plaintext' failed to satisfy constraint: Member must have length less than "+
				"or equal to %d", plaintextLimit)
	}
	k, err := r.forUse(in.KeyId, encryptDecrypt)
	if err != nil {
		return nil, err
	}
	if err := first(fits(k, in.EncryptionAlgorithm), fitsContext(k, in.EncryptionContext)); err != nil {
		return nil, err
	}
	blob, err := r.encryptUnder(k, in.EncryptionAlgorithm, in.Plaintext, in.EncryptionContext, in.DryRun)
	if err != nil {
		return nil, err
	}
	out := encryptOutput{CiphertextBlob: blob, EncryptionAlgorithm: in.EncryptionAlgorithm, KeyId: r.arn(k)}
	return out, r.used(k, r.Operation)
}

// encryptUnder does the encryption, after the last question whether it is to
// be done at all.
func (r *request) encryptUnder(k *key, algorithm string, plaintext []byte, context map[string]string,
	try bool) ([]byte, error) {
	if k.Spec == symmetricDefault {
		if err := dryRun(try); err != nil {
			return nil, err
		}
		return r.seal(k, plaintext, context)
	}
	return r.encryptToPair(k, algorithm, plaintext, try)
}

// encryptionAlgorithm fills in the default and refuses what is none.
func encryptionAlgorithm(name *string) error {
	if *name == "" {
		*name = symmetricDefault
	}
	return oneOf("encryptionAlgorithm", *name, symmetricDefault, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE")
}

// fitsContext refuses an encryption context where nothing would authenticate
// it (API reference, Encrypt).
func fitsContext(k *key, context map[string]string) error {
	if len(context) > 0 && k.Spec != symmetricDefault {
		return refuse("ValidationException", "EncryptionContext is not supported for key spec %s.", k.Spec)
	}
	return nil
}

type decryptInput struct {
	KeyId               string
	CiphertextBlob      []byte
	EncryptionAlgorithm string
	EncryptionContext   map[string]string
	DryRun              bool
	DryRunModifiers     []string
}

type decryptOutput struct {
	EncryptionAlgorithm string
	KeyId               string
	KeyMaterialId       string `json:",omitempty"`
	Plaintext           []byte
}

func decrypt(r *request, in decryptInput) (any, error) {
	if err := encryptionAlgorithm(&in.EncryptionAlgorithm); err != nil {
		return nil, err
	}
	if slices.Contains(in.DryRunModifiers, "IGNORE_CIPHERTEXT") {
		return nil, r.decryptNothing(in)
	}
	opened, err := r.decryptWith(in)
	if err != nil {
		return nil, err
	}
	return decryptOutput{
		EncryptionAlgorithm: in.EncryptionAlgorithm, KeyId: r.arn(opened.key),
		KeyMaterialId: opened.materialID, Plaintext: opened.plaintext,
	}, r.used(opened.key, r.Operation)
}

// decryptNothing answers a dry run that has no ciphertext, and so must say which
// key it means (API reference, Decrypt, DryRunModifiers).
func (r *request) decryptNothing(in decryptInput) error {
	if !in.DryRun {
		return refuse("ValidationException", "DryRunModifiers requires DryRun.")
	}
	k, err := r.forUse(in.KeyId, encryptDecrypt)
	if err != nil {
		return err
	}
	return first(fits(k, in.EncryptionAlgorithm), dryRun(true))
}

// opened is what came out of a ciphertext and which key it was.
type opened struct {
	key       *key
	plaintext []byte
	// materialID is set for symmetric keys.
	materialID string
}

// decryptWith finds the key and decrypts. A symmetric ciphertext knows its key,
// and a KeyId in the request only guards against another; an asymmetric one
// needs the KeyId.
func (r *request) decryptWith(in decryptInput) (opened, error) {
	if err := requiredBlob("ciphertextBlob", in.CiphertextBlob); err != nil {
		return opened{}, err
	}
	if in.EncryptionAlgorithm != symmetricDefault {
		return r.decryptByPair(in)
	}
	var named *key
	if in.KeyId != "" {
		var err error
		if named, err = r.use(in.KeyId); err != nil {
			return opened{}, err
		}
	}
	c, err := parse(in.CiphertextBlob)
	if err != nil {
		return opened{}, err
	}
	if named != nil && named.ID != c.keyID {
		return opened{}, refuse("IncorrectKeyException",
			"The key ID in the request does not identify a CMK that can perform this operation.")
	}
	k, ok := r.region.keyAt(c.keyID, r.ReadAt)
	if !ok {
		return opened{}, refuse("AccessDeniedException",
			"The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "+
				"you are not allowed to access.")
	}
	r.resource = k.ID
	if err := first(r.authorize(k), r.usable(k, encryptDecrypt)); err != nil {
		return opened{}, err
	}
	plaintext, err := k.open(c, in.EncryptionContext)
	return opened{key: k, plaintext: plaintext, materialID: c.materialID}, first(err, dryRun(in.DryRun))
}
