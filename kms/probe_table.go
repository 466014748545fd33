package kms

import "github.com/aws/aws-sdk-go-v2/service/kms/types"

// probeOf returns the probe of a spec and usage. If a spec has several algorithms,
// the probe uses one that KMS prefers.
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
func probeOf(spec types.KeySpec, usage types.KeyUsageType) (probe, bool) {
	switch usage {
	case types.KeyUsageTypeEncryptDecrypt:
		if algorithm := encryptionAlgorithm(spec); algorithm != "" {
			return probeEncrypt(algorithm), true
		}
	case types.KeyUsageTypeSignVerify:
		if algorithm := signingAlgorithm(spec); algorithm != "" {
			return probeSign(algorithm), true
		}
	case types.KeyUsageTypeGenerateVerifyMac:
		if algorithm := macAlgorithm(spec); algorithm != "" {
			return probeMAC(algorithm), true
		}
	case types.KeyUsageTypeKeyAgreement:
		if newPeer := peerOf(spec); newPeer != nil {
			return probeAgreement(newPeer), true
		}
	case types.KeyUsageTypeEncapsulateDecapsulate:
		switch spec {
		case types.KeySpecMlKem512, types.KeySpecMlKem768, types.KeySpecMlKem1024:
			return probeEncapsulate(types.EncapsulationAlgorithmSpecMlKem), true
		}
	}
	return nil, false
}

func encryptionAlgorithm(spec types.KeySpec) types.EncryptionAlgorithmSpec {
	switch spec {
	case types.KeySpecSymmetricDefault:
		return types.EncryptionAlgorithmSpecSymmetricDefault
	case types.KeySpecRsa2048, types.KeySpecRsa3072, types.KeySpecRsa4096:
		return types.EncryptionAlgorithmSpecRsaesOaepSha256
	case types.KeySpecSm2:
		return types.EncryptionAlgorithmSpecSm2pke
	}
	return ""
}

func signingAlgorithm(spec types.KeySpec) types.SigningAlgorithmSpec {
	switch spec {
	case types.KeySpecRsa2048, types.KeySpecRsa3072, types.KeySpecRsa4096:
		return types.SigningAlgorithmSpecRsassaPssSha256
	case types.KeySpecEccNistP256, types.KeySpecEccSecgP256k1:
		return types.SigningAlgorithmSpecEcdsaSha256
	case types.KeySpecEccNistP384:
		return types.SigningAlgorithmSpecEcdsaSha384
	case types.KeySpecEccNistP521:
		return types.SigningAlgorithmSpecEcdsaSha512
	case types.KeySpecEccNistEdwards25519:
		return types.SigningAlgorithmSpecEd25519Sha512 // of a whole message, not of a digest
	case types.KeySpecMlDsa44, types.KeySpecMlDsa65, types.KeySpecMlDsa87:
		return types.SigningAlgorithmSpecMlDsaShake256
	case types.KeySpecSm2:
		return types.SigningAlgorithmSpecSm2dsa
	}
	return ""
}

func macAlgorithm(spec types.KeySpec) types.MacAlgorithmSpec {
	switch spec {
	case types.KeySpecHmac224:
		return types.MacAlgorithmSpecHmacSha224
	case types.KeySpecHmac256:
		return types.MacAlgorithmSpecHmacSha256
	case types.KeySpecHmac384:
		return types.MacAlgorithmSpecHmacSha384
	case types.KeySpecHmac512:
		return types.MacAlgorithmSpecHmacSha512
	}
	return ""
}
