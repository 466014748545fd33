package kmsapi

import "slices"

type signInput struct {
	KeyId            string
	Message          []byte
	MessageType      string
	Signature        []byte
	SigningAlgorithm string
	DryRun           bool
}

type signOutput struct {
	KeyId            string
	Signature        []byte
	SigningAlgorithm string
}

func sign(r *request, in signInput) (any, error) {
	k, m, err := r.signing(in)
	if err != nil {
		return nil, err
	}
	pair, err := as[signer](r, k)
	if err != nil {
		return nil, err
	}
	signature, err := pair.sign(m)
	if err != nil {
		return nil, err
	}
	return signOutput{KeyId: r.arn(k), Signature: signature, SigningAlgorithm: m.algorithm}, r.used(k, r.Operation)
}

type verifyOutput struct {
	KeyId            string
	SignatureValid   bool
	SigningAlgorithm string
}

// verify never answers that a signature is not valid: it is refused then.
func verify(r *request, in signInput) (any, error) {
	if err := requiredBlob("signature", in.Signature); err != nil {
		return nil, err
	}
	k, m, err := r.signing(in)
	if err != nil {
		return nil, err
	}
	pair, err := as[signer](r, k)
	if err != nil {
		return nil, err
	}
	valid, err := pair.verify(m, in.Signature)
	if err != nil {
		return nil, err
	}
	if !valid {
		return nil, refuse("KMSInvalidSignatureException", "")
	}
	return verifyOutput{KeyId: r.arn(k), SignatureValid: true, SigningAlgorithm: m.algorithm}, r.used(k, r.Operation)
}

// signing checks what Sign and Verify have in common, a dry run included:
// that one ends before an RSA pair would have to be made.
func (r *request) signing(in signInput) (*key, message, error) {
	m := message{algorithm: in.SigningAlgorithm, kind: in.MessageType, text: in.Message}
	if m.kind == "" {
		m.kind = raw
	}
	err := first(
		required("keyId", in.KeyId), checkMessage(in.Message), required("signingAlgorithm", m.algorithm),
		oneOf("signingAlgorithm", m.algorithm, signingAlgorithms()...),
		oneOf("messageType", m.kind, raw, digest, externalMu),
	)
	if err != nil {
		return nil, m, err
	}
	k, err := r.forUse(in.KeyId, signVerify)
	if err != nil {
		return nil, m, err
	}
	return k, m, first(fits(k, m.algorithm), dryRun(in.DryRun))
}

// checkMessage requires a message of up to 4096 bytes; an empty one is one.
func checkMessage(text []byte) error {
	if text == nil {
		return requiredBlob("message", nil)
	}
	if len(text) > 4096 {
		return invalid(
			"Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096")
	}
	return nil
}

// signingAlgorithms returns those of all key specs.
func signingAlgorithms() []string {
	var all []string
	for _, name := range specNames() {
		s, _ := specOf(name)
		all = append(all, s.signing...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
