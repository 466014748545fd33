package kmsapi

type deriveSharedSecretInput struct {
	KeyAgreementAlgorithm string
	KeyId                 string
	PublicKey             []byte
	DryRun                bool
}

type deriveSharedSecretOutput struct {
	KeyAgreementAlgorithm string
	KeyId                 string
	KeyOrigin             string
	SharedSecret          []byte
}

// deriveSharedSecret returns the raw ECDH secret; deriving keys from it is left
// to the caller.
func deriveSharedSecret(r *request, in deriveSharedSecretInput) (any, error) {
	err := first(
		required("keyId", in.KeyId), required("keyAgreementAlgorithm", in.KeyAgreementAlgorithm),
		oneOf("keyAgreementAlgorithm", in.KeyAgreementAlgorithm, "ECDH"), requiredBlob("publicKey", in.PublicKey),
	)
	if err != nil {
		return nil, err
	}
	k, err := r.forUse(in.KeyId, keyAgreement)
	if err != nil {
		return nil, err
	}
	pair, err := as[agreer](r, k)
	if err != nil {
		return nil, err
	}
	secret, err := pair.agree(in.PublicKey)
	if err := first(err, dryRun(in.DryRun)); err != nil {
		return nil, err
	}
	return deriveSharedSecretOutput{
		KeyAgreementAlgorithm: in.KeyAgreementAlgorithm, KeyId: r.arn(k), KeyOrigin: k.Origin, SharedSecret: secret,
	}, r.used(k, r.Operation)
}
