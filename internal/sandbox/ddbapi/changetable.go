package ddbapi

import (
	"encoding/json"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

func (s *Service) deleteTable(c wire.Call, in tableInput) (wire.Answer, error) {
	t, err := s.control(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	if t.DeletionProtection {
		return wire.Answer{}, invalid("Resource cannot be deleted as it is currently protected against deletion. " +
			"Disable deletion protection first.")
	}
	delete(s.tables, t.place)
	d := t.describe()
	d.TableStatus = "DELETING"
	return wire.Answer{Body: map[string]any{"TableDescription": d}, Resource: t.place.name, Mutated: true}, nil
}

// updateTableInput has the changes that are supported, and the others so that
// they can be refused.
type updateTableInput struct {
	TableName                 string
	BillingMode               string
	ProvisionedThroughput     *throughput
	TableClass                string
	DeletionProtectionEnabled *bool

	AttributeDefinitions        *json.RawMessage
	GlobalSecondaryIndexUpdates *json.RawMessage
	ReplicaUpdates              []replicaUpdate
	StreamSpecification         *json.RawMessage
	SSESpecification            *json.RawMessage
	MultiRegionConsistency      *json.RawMessage
	OnDemandThroughput          *json.RawMessage
	WarmThroughput              *json.RawMessage
}

func (s *Service) updateTable(c wire.Call, in updateTableInput) (wire.Answer, error) {
	t, err := s.control(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	for _, m := range []*json.RawMessage{in.AttributeDefinitions, in.GlobalSecondaryIndexUpdates,
		in.StreamSpecification, in.SSESpecification, in.MultiRegionConsistency, in.OnDemandThroughput,
		in.WarmThroughput} {
		if m != nil {
			return wire.Answer{}, invalid("The sandbox can change BillingMode, ProvisionedThroughput, TableClass " +
				"and DeletionProtectionEnabled of a table, and create replicas, nothing else")
		}
	}
	if in.BillingMode == "" && in.ProvisionedThroughput == nil && in.TableClass == "" &&
		in.DeletionProtectionEnabled == nil && len(in.ReplicaUpdates) == 0 {
		return wire.Answer{}, invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	if err := oneOf("BillingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST"); err != nil {
		return wire.Answer{}, err
	}
	if err := oneOf("TableClass", in.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS"); err != nil {
		return wire.Answer{}, err
	}
	if in.BillingMode != "" || in.ProvisionedThroughput != nil {
		mode := in.BillingMode
		if mode == "" {
			mode = t.BillingMode
		}
		if err := t.bill(mode, in.ProvisionedThroughput); err != nil {
			return wire.Answer{}, err
		}
	}
	if in.TableClass != "" {
		t.TableClass = in.TableClass
	}
	if in.DeletionProtectionEnabled != nil {
		t.DeletionProtection = *in.DeletionProtectionEnabled
	}
	for _, u := range in.ReplicaUpdates {
		if err := t.replicate(u); err != nil {
			return wire.Answer{}, err
		}
	}
	d := t.describe()
	d.TableStatus = "UPDATING"
	return wire.Answer{Body: map[string]any{"TableDescription": d}, Resource: t.place.name, Mutated: true}, nil
}
