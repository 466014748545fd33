package ddbapi

import (
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// tableDescription is a table as answers show it.
type tableDescription struct {
	TableName                 string
	TableArn                  string
	TableId                   string
	TableStatus               string
	CreationDateTime          epoch
	KeySchema                 []keyElement
	AttributeDefinitions      []attributeDefinition
	ItemCount                 int
	TableSizeBytes            int
	ProvisionedThroughput     throughputDescription
	BillingModeSummary        *billingModeSummary `json:",omitempty"`
	DeletionProtectionEnabled bool
	TableClassSummary         *tableClassSummary `json:",omitempty"`
	SSEDescription            *sseDescription    `json:",omitempty"`
	GlobalTableVersion        string             `json:",omitempty"`
	MultiRegionConsistency    string             `json:",omitempty"`
	Replicas                  []replica          `json:",omitempty"`
}

type (
	throughputDescription struct {
		NumberOfDecreasesToday, ReadCapacityUnits, WriteCapacityUnits int
	}
	billingModeSummary struct {
		BillingMode                       string
		LastUpdateToPayPerRequestDateTime epoch
	}
	tableClassSummary struct{ TableClass string }
	sseDescription    struct {
		Status          string
		SSEType         string
		KMSMasterKeyArn string `json:",omitempty"`
	}
	replica struct{ RegionName, ReplicaStatus string }
)

// epoch is a time as this protocol writes it: seconds since 1970.
type epoch float64

func toEpoch(t time.Time) epoch { return epoch(float64(t.UnixMilli()) / 1000) }

func (t *table) describe() tableDescription {
	d := tableDescription{
		TableName: t.place.name, TableArn: t.place.arn(), TableId: t.ID, TableStatus: "ACTIVE",
		CreationDateTime: toEpoch(t.Created), ItemCount: t.items.count, TableSizeBytes: t.items.bytes,
		DeletionProtectionEnabled: t.DeletionProtection,
	}
	for i, a := range t.schema.attributes() {
		d.KeySchema = append(d.KeySchema, keyElement{a.name, []string{"HASH", "RANGE"}[i]})
		d.AttributeDefinitions = append(d.AttributeDefinitions, attributeDefinition{a.name, a.typ})
	}
	if t.Throughput != nil {
		d.ProvisionedThroughput.ReadCapacityUnits = t.Throughput.ReadCapacityUnits
		d.ProvisionedThroughput.WriteCapacityUnits = t.Throughput.WriteCapacityUnits
	}
	// A table that has always been PROVISIONED has no summary at AWS.
	if t.BillingMode == "PAY_PER_REQUEST" {
		d.BillingModeSummary = &billingModeSummary{t.BillingMode, toEpoch(t.Created)}
	}
	if t.TableClass != "" {
		d.TableClassSummary = &tableClassSummary{t.TableClass}
	}
	if t.SSE {
		d.SSEDescription = &sseDescription{"ENABLED", "KMS", t.SSEKey}
	}
	if g := t.Global; g != nil {
		d.GlobalTableVersion, d.MultiRegionConsistency = g.Version, g.Consistency
		for _, r := range g.Replicas {
			d.Replicas = append(d.Replicas, replica{r, "ACTIVE"})
		}
	}
	return d
}

// tableInput is the request of operations that want only a table.
type tableInput struct{ TableName string }

func (s *Service) describeTable(c wire.Call, in tableInput) (wire.Answer, error) {
	t, err := s.control(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Answer{Body: map[string]any{"Table": t.describe()}, Resource: t.place.name}, nil
}

type listTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int
}

type listTablesOutput struct {
	TableNames             []string
	LastEvaluatedTableName string `json:",omitempty"`
}

// maxListed is the number of tables in one answer of ListTables.
const maxListed = 100

func (s *Service) listTables(c wire.Call, in listTablesInput) (wire.Answer, error) {
	limit := maxListed
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > maxListed {
		return wire.Answer{}, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy "+
			"constraint: Member must have value between 1 and %d", limit, maxListed)
	}
	out := listTablesOutput{TableNames: []string{}}
	for p := range s.tables {
		if p.account == c.Account && p.region == c.Region && strings.Compare(p.name, in.ExclusiveStartTableName) > 0 {
			out.TableNames = append(out.TableNames, p.name)
		}
	}
	slices.Sort(out.TableNames)
	if len(out.TableNames) > limit {
		out.TableNames = out.TableNames[:limit]
		out.LastEvaluatedTableName = out.TableNames[limit-1]
	}
	return wire.Answer{Body: out}, nil
}
