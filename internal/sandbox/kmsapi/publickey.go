package kmsapi

type publicKeyOutput struct {
	CustomerMasterKeySpec   string
	EncapsulationAlgorithms []string `json:",omitempty"`
	EncryptionAlgorithms    []string `json:",omitempty"`
	KeyAgreementAlgorithms  []string `json:",omitempty"`
	KeyId                   string
	KeySpec                 string
	KeyUsage                string
	PublicKey               []byte
	SigningAlgorithms       []string `json:",omitempty"`
}

// getPublicKey exports the public half, while the key is enabled (Key states).
// It is not among the operations that count as a use of the key, and neither
// is what is done with the public key outside of KMS.
func getPublicKey(r *request, in keyInput) (any, error) {
	k, err := r.use(in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.spec().kind != asymmetric {
		return nil, refuse("UnsupportedOperationException", "%s key spec is %s which is not valid for %s.", r.arn(k),
			k.Spec, r.Operation)
	}
	if err := r.usable(k, k.Usage); err != nil {
		return nil, err
	}
	pair, err := as[publicHalf](r, k)
	if err != nil {
		return nil, err
	}
	public, err := pair.public()
	if err != nil {
		return nil, err
	}
	m := r.metadata(k, r.ReadAt)
	return publicKeyOutput{
		KeyId: m.Arn, KeySpec: m.KeySpec, CustomerMasterKeySpec: m.KeySpec, KeyUsage: m.KeyUsage, PublicKey: public,
		EncapsulationAlgorithms: m.EncapsulationAlgorithms, EncryptionAlgorithms: m.EncryptionAlgorithms,
		KeyAgreementAlgorithms: m.KeyAgreementAlgorithms, SigningAlgorithms: m.SigningAlgorithms,
	}, nil
}
