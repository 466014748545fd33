package ddbapi

import "github.com/keyturn/keyturn/internal/sandbox/wire"

type ttlDescription struct {
	TimeToLiveStatus string
	AttributeName    string `json:",omitempty"`
}

func (s *Service) describeTimeToLive(c wire.Call, in tableInput) (wire.Answer, error) {
	t, err := s.control(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	d := ttlDescription{"DISABLED", ""}
	if t.TTLAttribute != "" {
		d = ttlDescription{"ENABLED", t.TTLAttribute}
	}
	return wire.Answer{Body: map[string]any{"TimeToLiveDescription": d}, Resource: t.place.name}, nil
}

type updateTimeToLiveInput struct {
	TableName               string
	TimeToLiveSpecification *ttlSpecification
}

type ttlSpecification struct {
	AttributeName string
	Enabled       *bool
}

// updateTimeToLive only notes the setting; items do not expire. It takes
// effect at once, where AWS is ENABLING for up to an hour.
func (s *Service) updateTimeToLive(c wire.Call, in updateTimeToLiveInput) (wire.Answer, error) {
	t, err := s.control(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	spec := in.TimeToLiveSpecification
	if err := required("TimeToLiveSpecification",
		spec != nil && spec.Enabled != nil && spec.AttributeName != ""); err != nil {
		return wire.Answer{}, err
	}
	switch on := t.TTLAttribute != ""; {
	case on && *spec.Enabled:
		return wire.Answer{}, invalid("TimeToLive is already enabled")
	case !on && !*spec.Enabled:
		return wire.Answer{}, invalid("TimeToLive is already disabled")
	case on && spec.AttributeName != t.TTLAttribute:
		return wire.Answer{}, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s",
			t.TTLAttribute)
	}
	t.TTLAttribute = ""
	if *spec.Enabled {
		t.TTLAttribute = spec.AttributeName
	}
	return wire.Answer{Body: map[string]any{"TimeToLiveSpecification": spec}, Resource: t.place.name,
		Mutated: true}, nil
}
