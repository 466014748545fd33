package kmsapi

import (
	"fmt"
	"iter"
)

// The kinds of rotation.
const (
	automatic = "AUTOMATIC"
	onDemand  = "ON_DEMAND"
)

type rotationStatusOutput struct {
	KeyId                string
	KeyRotationEnabled   bool
	NextRotationDate     *epoch `json:",omitempty"`
	RotationPeriodInDays int    `json:",omitempty"`
}

// getKeyRotationStatus answers false for keys that cannot rotate, and for any
// key while it is pending deletion (API reference, GetKeyRotationStatus).
func getKeyRotationStatus(r *request, in keyInput) (any, error) {
	k, err := r.look(in.KeyId)
	if err != nil {
		return nil, err
	}
	out := rotationStatusOutput{KeyId: k.ID}
	state, _ := k.Status.at(r.ReadAt)
	if schedule, ok := k.Rotation.at(r.ReadAt); ok && schedule.Enabled && state.State != pendingDeletion {
		out.KeyRotationEnabled, out.RotationPeriodInDays = true, schedule.Days
		out.NextRotationDate = since(schedule.Next)
	}
	return out, nil
}

type listKeyRotationsInput struct {
	KeyId              string
	IncludeKeyMaterial string
	page
}

type rotationEntry struct {
	KeyId            string
	KeyMaterialId    string
	KeyMaterialState string
	RotationDate     *epoch `json:",omitempty"`
	RotationType     string `json:",omitempty"`
}

type listKeyRotationsOutput struct {
	Rotations []rotationEntry
	pageOutput
}

// listKeyRotations lists the materials that rotations brought, oldest first,
// and with ALL_KEY_MATERIAL the first one too.
func listKeyRotations(r *request, in listKeyRotationsInput) (any, error) {
	if err := oneOf("includeKeyMaterial", in.IncludeKeyMaterial, "ALL_KEY_MATERIAL", "ROTATIONS_ONLY"); err != nil {
		return nil, err
	}
	k, err := r.look(in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.spec().kind != symmetric {
		return nil, refuse("UnsupportedOperationException",
			"You cannot perform this operation on a non-symmetric key or a key with non-ENCRYPT_DECRYPT key usage.")
	}
	entries, more, err := turn(r, in.page, 100, 1000, func(after string) iter.Seq2[string, rotationEntry] {
		return func(yield func(string, rotationEntry) bool) {
			for i, m := range k.Materials {
				initial := m.Rotation == ""
				if m.Since.After(r.ReadAt) || initial && in.IncludeKeyMaterial != "ALL_KEY_MATERIAL" {
					continue
				}
				entry := rotationEntry{KeyId: k.ID, KeyMaterialId: m.ID, KeyMaterialState: "NON_CURRENT",
					RotationType: m.Rotation}
				if i == len(k.Materials)-1 {
					entry.KeyMaterialState = "CURRENT"
				}
				if !initial {
					entry.RotationDate = since(m.Since)
				}
				if at := fmt.Sprintf("%06d", i); at > after && !yield(at, entry) {
					return
				}
			}
		}
	})
	return listKeyRotationsOutput{entries, more}, err
}
