package kmsapi

type encapsulateInput struct {
	EncapsulationAlgorithm     string
	KeyId                      string
	SharedSecretCiphertextBlob []byte
	DryRun                     bool
}

type encapsulateOutput struct {
	EncapsulationAlgorithm     string
	KeyId                      string
	SharedSecret               []byte
	SharedSecretCiphertextBlob []byte
}

// encapsulate makes a fresh secret for the owner of the key.
func encapsulate(r *request, in encapsulateInput) (any, error) {
	k, pair, err := r.encapsulating(in)
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	seed, err := r.random(32)
	if err != nil {
		return nil, err
	}
	ciphertext, secret, err := pair.encapsulate(seed)
	if err != nil {
		return nil, err
	}
	return encapsulateOutput{
		EncapsulationAlgorithm: in.EncapsulationAlgorithm, KeyId: r.arn(k),
		SharedSecret: secret, SharedSecretCiphertextBlob: ciphertext,
	}, r.used(k, r.Operation)
}

type decapsulateOutput struct {
	EncapsulationAlgorithm string
	KeyId                  string
	SharedSecret           []byte
}

func decapsulate(r *request, in encapsulateInput) (any, error) {
	if err := requiredBlob("sharedSecretCiphertextBlob", in.SharedSecretCiphertextBlob); err != nil {
		return nil, err
	}
	k, pair, err := r.encapsulating(in)
	if err != nil {
		return nil, err
	}
	secret, err := pair.decapsulate(in.SharedSecretCiphertextBlob)
	if err := first(err, dryRun(in.DryRun)); err != nil {
		return nil, err
	}
	return decapsulateOutput{
		EncapsulationAlgorithm: in.EncapsulationAlgorithm, KeyId: r.arn(k), SharedSecret: secret,
	}, r.used(k, r.Operation)
}

// encapsulating checks what the two operations have in common.
func (r *request) encapsulating(in encapsulateInput) (*key, encapsulator, error) {
	err := first(
		required("keyId", in.KeyId), required("encapsulationAlgorithm", in.EncapsulationAlgorithm),
		oneOf("encapsulationAlgorithm", in.EncapsulationAlgorithm, "ML_KEM"),
	)
	if err != nil {
		return nil, nil, err
	}
	k, err := r.forUse(in.KeyId, encapsulateDecapsulate)
	if err != nil {
		return nil, nil, err
	}
	pair, err := as[encapsulator](r, k)
	return k, pair, err
}
