package kmsapi

// encryptToPair encrypts to the public half of a key pair.
func (r *request) encryptToPair(k *key, algorithm string, plaintext []byte, try bool) ([]byte, error) {
	return nil, refuse("UnknownOperationException", "")
}

// decryptByPair decrypts with the private half of a key pair.
func (r *request) decryptByPair(in decryptInput) (opened, error) {
	return opened{}, refuse("UnknownOperationException", "")
}
