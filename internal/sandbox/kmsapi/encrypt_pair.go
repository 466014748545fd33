package kmsapi

// encryptToPair encrypts to the public half of a key pair.
func (r *request) encryptToPair(k *key, algorithm string, plaintext []byte, try bool) ([]byte, error) {
	pair, err := as[encrypter](r, k)
	if err != nil {
		return nil, err
	}
	if limit := pair.limit(algorithm); len(plaintext) > limit {
		return nil, refuse("ValidationException",
			"Algorithm %s and key spec %s cannot encrypt data larger than %d bytes.", algorithm, k.Spec, limit)
	}
	if err := dryRun(try); err != nil {
		return nil, err
	}
	return pair.encrypt(algorithm, plaintext)
}

// decryptByPair decrypts with the private half of a key pair. Nothing in an
// asymmetric ciphertext says which one that is (API reference, Decrypt).
func (r *request) decryptByPair(in decryptInput) (opened, error) {
	k, err := r.forUse(in.KeyId, encryptDecrypt)
	if err != nil {
		return opened{}, err
	}
	if err := first(fits(k, in.EncryptionAlgorithm), fitsContext(k, in.EncryptionContext)); err != nil {
		return opened{}, err
	}
	pair, err := as[encrypter](r, k)
	if err != nil {
		return opened{}, err
	}
	plaintext, ok := pair.decrypt(in.EncryptionAlgorithm, in.CiphertextBlob)
	if !ok {
		return opened{}, errCiphertext()
	}
	return opened{key: k, plaintext: plaintext}, dryRun(in.DryRun)
}
