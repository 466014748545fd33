package ddbapi

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type createTableInput struct {
	TableName             string
	KeySchema             []keyElement
	AttributeDefinitions  []attributeDefinition
	BillingMode           string
	ProvisionedThroughput *throughput
	TableClass            string
	SSESpecification      *struct {
		Enabled        bool
		KMSMasterKeyId string
	}
	DeletionProtectionEnabled bool
	Tags                      []tag

	GlobalSecondaryIndexes []any
	LocalSecondaryIndexes  []any
	StreamSpecification    *struct{ StreamEnabled bool }
}

type keyElement struct{ AttributeName, KeyType string }

type attributeDefinition struct {
	AttributeName string
	AttributeType attr.Type
}

func (s *Service) createTable(c wire.Call, in createTableInput) (wire.Answer, error) {
	p, err := s.locate(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := in.supported(); err != nil {
		return wire.Answer{}, err
	}
	keys, err := readSchema(in.KeySchema, in.AttributeDefinitions)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := oneOf("BillingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST"); err != nil {
		return wire.Answer{}, err
	}
	if err := oneOf("TableClass", in.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS"); err != nil {
		return wire.Answer{}, err
	}
	t := &table{
		place: p, schema: keys, items: newItems(),
		Created: c.Now, TableClass: in.TableClass, DeletionProtection: in.DeletionProtectionEnabled,
	}
	if err := t.bill(in.BillingMode, in.ProvisionedThroughput); err != nil {
		return wire.Answer{}, err
	}
	if sse := in.SSESpecification; sse != nil {
		t.SSE, t.SSEKey = sse.Enabled, sse.KMSMasterKeyId
	}
	if err := t.tag(in.Tags); err != nil {
		return wire.Answer{}, err
	}
	if s.tables[p] != nil {
		return wire.Answer{}, wire.Errorf("ResourceInUseException", "Table already exists: %s", p.name)
	}
	if t.ID, err = newID(s.Rand); err != nil {
		return wire.Answer{}, err
	}
	s.tables[p] = t
	d := t.describe()
	d.TableStatus = "CREATING"
	return wire.Answer{Body: map[string]any{"TableDescription": d}, Resource: p.name, Mutated: true}, nil
}

// supported refuses what would make a table this service cannot be.
func (in createTableInput) supported() error {
	switch {
	case len(in.GlobalSecondaryIndexes)+len(in.LocalSecondaryIndexes) > 0:
		return invalid("The sandbox does not support secondary indexes")
	case in.StreamSpecification != nil && in.StreamSpecification.StreamEnabled:
		return invalid("The sandbox does not support streams")
	}
	return nil
}

// bill sets the billing mode; AWS takes none as PROVISIONED.
func (t *table) bill(mode string, provisioned *throughput) error {
	if mode == "" {
		mode = "PROVISIONED"
	}
	given := provisioned != nil && provisioned.ReadCapacityUnits > 0 && provisioned.WriteCapacityUnits > 0
	switch {
	case mode == "PROVISIONED" && !given:
		return invalidValues(
			"ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	case mode == "PAY_PER_REQUEST" && provisioned != nil:
		return invalidValues(
			"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	}
	t.BillingMode, t.Throughput = mode, provisioned
	return nil
}

// readSchema wants one hash key, perhaps one range key after it, and exactly
// their definitions.
func readSchema(elements []keyElement, definitions []attributeDefinition) (schema, error) {
	if err := required("KeySchema", len(elements) > 0); err != nil {
		return schema{}, err
	}
	if err := required("AttributeDefinitions", len(definitions) > 0); err != nil {
		return schema{}, err
	}
	if len(elements) > 2 {
		return schema{}, invalid("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: " +
			"Member must have length less than or equal to 2")
	}
	types := map[string]attr.Type{}
	var defined, keyed []string
	for _, d := range definitions {
		if !d.AttributeType.Scalar() {
			return schema{}, invalid("1 validation error detected: Value '%s' at "+
				"'attributeDefinitions.member.attributeType' failed to satisfy constraint: Member must satisfy enum "+
				"value set: [B, N, S]", d.AttributeType)
		}
		types[d.AttributeName] = d.AttributeType
		defined = append(defined, d.AttributeName)
	}
	var s schema
	for i, e := range elements {
		if want := []string{"HASH", "RANGE"}[i]; e.KeyType != want {
			return schema{}, invalid("Invalid KeySchema: The %s KeySchemaElement is not a %s key type",
				[]string{"first", "second"}[i], want)
		}
		if slices.Contains(keyed, e.AttributeName) {
			return schema{}, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
		keyed = append(keyed, e.AttributeName)
		a := keyAttribute{e.AttributeName, types[e.AttributeName]}
		if a.typ == "" {
			return schema{}, invalidValues("Some index key attributes are not defined in AttributeDefinitions. "+
				"Keys: [%s], AttributeDefinitions: [%s]",
				e.AttributeName, strings.Join(defined, ", "))
		}
		if i == 0 {
			s.hash = a
		} else {
			s.rng = a
		}
	}
	if len(types) != len(keyed) {
		return schema{}, invalidValues("Number of attributes in KeySchema does not exactly match number of " +
			"attributes defined in AttributeDefinitions")
	}
	return s, nil
}

// newID returns a random UUID.
func newID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("making a table id: %w", err)
	}
	return wire.UUID(b), nil
}
