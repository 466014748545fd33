package kmsapi

import "time"

// metadata is KeyMetadata, what DescribeKey returns about a key.
type metadata struct {
	AWSAccountId             string
	Arn                      string
	CreationDate             epoch
	CurrentKeyMaterialId     string `json:",omitempty"`
	CustomerMasterKeySpec    string
	DeletionDate             *epoch `json:",omitempty"`
	Description              string
	Enabled                  bool
	EncapsulationAlgorithms  []string `json:",omitempty"`
	EncryptionAlgorithms     []string `json:",omitempty"`
	KeyAgreementAlgorithms   []string `json:",omitempty"`
	KeyId                    string
	KeyManager               string
	KeySpec                  string
	KeyState                 string
	KeyUsage                 string
	MacAlgorithms            []string `json:",omitempty"`
	MultiRegion              bool
	MultiRegionConfiguration *multiRegion `json:",omitempty"`
	Origin                   string
	SigningAlgorithms        []string `json:",omitempty"`
}

type multiRegion struct {
	MultiRegionKeyType string
	PrimaryKey         place
	ReplicaKeys        []place
}

type place struct {
	Arn    string
	Region string
}

// metadata describes a key as it was at t.
func (r *request) metadata(k *key, t time.Time) *metadata {
	state, _ := k.Status.at(t)
	description, _ := k.Description.at(t)
	m := &metadata{
		AWSAccountId: r.Account, Arn: r.arn(k), KeyId: k.ID, KeyManager: "CUSTOMER",
		CreationDate: epoch(k.Created), Description: description, Origin: k.Origin,
		KeyState: state.State, Enabled: state.State == enabled, DeletionDate: since(state.Deletion),
		KeySpec: k.Spec, CustomerMasterKeySpec: k.Spec, KeyUsage: k.Usage, MultiRegion: k.MultiRegion,
	}
	algorithms := k.spec().algorithms(k.Usage)
	switch k.Usage {
	case encryptDecrypt:
		m.EncryptionAlgorithms = algorithms
	case signVerify:
		m.SigningAlgorithms = algorithms
	case generateVerifyMac:
		m.MacAlgorithms = algorithms
	case keyAgreement:
		m.KeyAgreementAlgorithms = algorithms
	case encapsulateDecapsulate:
		m.EncapsulationAlgorithms = algorithms
	}
	if k.Spec == symmetricDefault {
		m.CurrentKeyMaterialId = k.material().ID
	}
	if k.MultiRegion {
		m.MultiRegionConfiguration = &multiRegion{
			MultiRegionKeyType: "PRIMARY",
			PrimaryKey:         place{Arn: m.Arn, Region: r.Region},
			ReplicaKeys:        []place{},
		}
	}
	return m
}

type keyInput struct {
	KeyId string
}

func describeKey(r *request, in keyInput) (any, error) {
	k, err := r.use(in.KeyId)
	if err != nil {
		return nil, err
	}
	return keyOutput{r.metadata(k, r.ReadAt)}, nil
}

type updateKeyDescriptionInput struct {
	KeyId       string
	Description *string
}

func updateKeyDescription(r *request, in updateKeyDescriptionInput) (any, error) {
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if in.Description == nil {
		return nil, required("description", "")
	}
	if err := first(atMost(8192, "description", *in.Description), r.unlessDeleting(k)); err != nil {
		return nil, err
	}
	k.Description.set(r.Now, *in.Description)
	return nil, nil
}
