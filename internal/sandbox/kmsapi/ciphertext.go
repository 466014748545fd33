package kmsapi

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// A symmetric ciphertext says itself which key and which of its materials made
// it, so that Decrypt needs no key id:
//
//	1 byte    format, 1
//	1 byte    length of the key id
//	          key id
//	32 bytes  id of the key material
//	12 bytes  nonce
//	          AES-256-GCM ciphertext and tag
//
// Everything before the nonce, and the encryption context, is authenticated.
const (
	ciphertextFormat = 1
	materialIDSize   = 32
	nonceSize        = 12
)

// ciphertext is a symmetric ciphertext taken apart.
type ciphertext struct {
	keyID      string
	materialID string
	// header names key and material.
	header []byte
	nonce  []byte
	sealed []byte
}

// parse takes a ciphertext apart; anything else is InvalidCiphertextException,
// which AWS sends without a message.
func parse(blob []byte) (ciphertext, error) {
	if len(blob) < 2 || blob[0] != ciphertextFormat {
		return ciphertext{}, errCiphertext()
	}
	header := 2 + int(blob[1]) + materialIDSize
	if len(blob) < header+nonceSize {
		return ciphertext{}, errCiphertext()
	}
	idEnd := header - materialIDSize
	return ciphertext{
		keyID: string(blob[2:idEnd]), materialID: hex.EncodeToString(blob[idEnd:header]),
		header: blob[:header], nonce: blob[header : header+nonceSize], sealed: blob[header+nonceSize:],
	}, nil
}

func errCiphertext() error { return refuse("InvalidCiphertextException", "") }

// seal encrypts under the current material of a symmetric key.
func (r *request) seal(k *key, plaintext []byte, context map[string]string) ([]byte, error) {
	m := k.material()
	id, err := hex.DecodeString(m.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the id of the key material: %w", err)
	}
	blob := append([]byte{ciphertextFormat, byte(len(k.ID))}, k.ID...)
	blob = append(blob, id...)
	nonce, err := r.random(nonceSize)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(m.Secret)
	if err != nil {
		return nil, err
	}
	authenticated := append(slices.Clone(blob), encode(context)...)
	return aead.Seal(append(blob, nonce...), nonce, plaintext, authenticated), nil
}

// open decrypts with the material that made a ciphertext, old or current.
func (k *key) open(c ciphertext, context map[string]string) ([]byte, error) {
	i := slices.IndexFunc(k.Materials, func(m material) bool { return m.ID == c.materialID })
	if i < 0 {
		return nil, errCiphertext()
	}
	aead, err := newAEAD(k.Materials[i].Secret)
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, c.nonce, c.sealed, append(slices.Clone(c.header), encode(context)...))
	if err != nil {
		return nil, errCiphertext()
	}
	return plaintext, nil
}

func newAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("using the key material: %w", err)
	}
	return cipher.NewGCM(block)
}

// encode writes an encryption context so that no two of them look alike. The
// order of the pairs does not matter (Developer Guide, "Encryption context").
func encode(context map[string]string) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(context)) {
		for _, text := range []string{name, context[name]} {
			b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(text))))
			b.WriteString(text)
		}
	}
	return b.Bytes()
}
