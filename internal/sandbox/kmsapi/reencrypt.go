package kmsapi

type reEncryptInput struct {
	CiphertextBlob                 []byte
	DestinationEncryptionAlgorithm string
	DestinationEncryptionContext   map[string]string
	DestinationKeyId               string
	SourceEncryptionAlgorithm      string
	SourceEncryptionContext        map[string]string
	SourceKeyId                    string
	DryRun                         bool
}

type reEncryptOutput struct {
	CiphertextBlob                 []byte
	DestinationEncryptionAlgorithm string
	DestinationKeyMaterialId       string `json:",omitempty"`
	KeyId                          string
	SourceEncryptionAlgorithm      string
	SourceKeyId                    string
	SourceKeyMaterialId            string `json:",omitempty"`
}

// reEncrypt moves a ciphertext to another key. It is a use of both keys.
func reEncrypt(r *request, in reEncryptInput) (any, error) {
	err := first(
		required("destinationKeyId", in.DestinationKeyId),
		encryptionAlgorithm(&in.SourceEncryptionAlgorithm), encryptionAlgorithm(&in.DestinationEncryptionAlgorithm),
	)
	if err != nil {
		return nil, err
	}
	from, err := r.decryptWith(decryptInput{
		KeyId: in.SourceKeyId, CiphertextBlob: in.CiphertextBlob,
		EncryptionAlgorithm: in.SourceEncryptionAlgorithm, EncryptionContext: in.SourceEncryptionContext,
	})
	if err != nil {
		return nil, err
	}
	to, err := r.forUse(in.DestinationKeyId, encryptDecrypt)
	if err != nil {
		return nil, err
	}
	if err := first(fits(to, in.DestinationEncryptionAlgorithm),
		fitsContext(to, in.DestinationEncryptionContext)); err != nil {
		return nil, err
	}
	blob, err := r.encryptUnder(to, in.DestinationEncryptionAlgorithm, from.plaintext, in.DestinationEncryptionContext,
		in.DryRun)
	if err != nil {
		return nil, err
	}
	out := reEncryptOutput{
		CiphertextBlob: blob, KeyId: r.arn(to), SourceKeyId: r.arn(from.key),
		SourceEncryptionAlgorithm: in.SourceEncryptionAlgorithm, SourceKeyMaterialId: from.materialID,
		DestinationEncryptionAlgorithm: in.DestinationEncryptionAlgorithm,
	}
	if to.Spec == symmetricDefault {
		out.DestinationKeyMaterialId = to.material().ID
	}
	return out, first(r.used(from.key, r.Operation), r.used(to, r.Operation))
}
