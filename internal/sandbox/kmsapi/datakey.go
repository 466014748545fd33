package kmsapi

type dataKeyInput struct {
	KeyId             string
	KeySpec           string
	NumberOfBytes     *int
	EncryptionContext map[string]string
	DryRun            bool
}

type dataKeyOutput struct {
	CiphertextBlob []byte
	KeyId          string
	KeyMaterialId  string
	Plaintext      []byte `json:",omitempty"`
}

func generateDataKey(r *request, in dataKeyInput) (any, error) { return r.dataKey(in) }

func generateDataKeyWithoutPlaintext(r *request, in dataKeyInput) (any, error) {
	out, err := r.dataKey(in)
	out.Plaintext = nil
	return out, err
}

// dataKey makes a random key and encrypts it under a symmetric key.
func (r *request) dataKey(in dataKeyInput) (dataKeyOutput, error) {
	var none dataKeyOutput
	size, err := in.size()
	if err != nil {
		return none, err
	}
	k, err := r.forUse(in.KeyId, encryptDecrypt)
	if err != nil {
		return none, err
	}
	if k.Spec != symmetricDefault {
		return none, refuse("InvalidKeyUsageException", "%s key spec is %s which is not valid for %s.", r.arn(k),
			k.Spec, r.Operation)
	}
	if err := dryRun(in.DryRun); err != nil {
		return none, err
	}
	plaintext, err := r.random(size)
	if err != nil {
		return none, err
	}
	blob, err := r.seal(k, plaintext, in.EncryptionContext)
	if err != nil {
		return none, err
	}
	return dataKeyOutput{
		CiphertextBlob: blob, KeyId: r.arn(k), KeyMaterialId: k.material().ID, Plaintext: plaintext,
	}, r.used(k, r.Operation)
}

// size returns the length asked for, in exactly one of two ways.
func (in dataKeyInput) size() (int, error) {
	if err := oneOf("keySpec", in.KeySpec, "AES_256", "AES_128"); err != nil {
		return 0, err
	}
	if (in.KeySpec == "") == (in.NumberOfBytes == nil) {
		return 0, refuse("ValidationException", "Please specify either number of bytes or key spec.")
	}
	switch {
	case in.KeySpec == "AES_256":
		return 32, nil
	case in.KeySpec == "AES_128":
		return 16, nil
	}
	return *in.NumberOfBytes, within(1, 1024, "numberOfBytes", *in.NumberOfBytes)
}
