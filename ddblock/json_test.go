package ddblock

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DynamoDB's own JSON, as the console and the aws CLI show it: {"rev": {"N":
// "7"}}. The SDK does not offer it; tests have it so that items in files and in
// the fuzzer's corpus can be read.

type item = map[string]types.AttributeValue

func fromJSON(text []byte) (item, error) {
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	return mapFrom(document)
}

func mapFrom(document map[string]any) (item, error) {
	it := item{}
	for name, v := range document {
		value, err := valueFrom(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		it[name] = value
	}
	return it, nil
}

func valueFrom(v any) (types.AttributeValue, error) {
	tagged, ok := v.(map[string]any)
	if !ok || len(tagged) != 1 {
		return nil, fmt.Errorf("%v is not a value with its type", v)
	}
	for kind, v := range tagged {
		switch v := v.(type) {
		case string:
			switch kind {
			case "S":
				return &types.AttributeValueMemberS{Value: v}, nil
			case "N":
				return &types.AttributeValueMemberN{Value: v}, nil
			case "B":
				b, err := base64.StdEncoding.DecodeString(v)
				return &types.AttributeValueMemberB{Value: b}, err
			}
		case bool:
			switch kind {
			case "BOOL":
				return &types.AttributeValueMemberBOOL{Value: v}, nil
			case "NULL":
				return &types.AttributeValueMemberNULL{Value: v}, nil
			}
		case map[string]any:
			if kind == "M" {
				m, err := mapFrom(v)
				return &types.AttributeValueMemberM{Value: m}, err
			}
		case []any:
			return listFrom(kind, v)
		}
	}
	return nil, fmt.Errorf("%v is of no type that is known here", v)
}

func listFrom(kind string, values []any) (types.AttributeValue, error) {
	if kind == "SS" {
		set := &types.AttributeValueMemberSS{}
		for _, v := range values {
			set.Value = append(set.Value, fmt.Sprint(v))
		}
		return set, nil
	}
	if kind != "L" {
		return nil, fmt.Errorf("a list is not %s", kind)
	}
	list := &types.AttributeValueMemberL{}
	for _, v := range values {
		value, err := valueFrom(v)
		if err != nil {
			return nil, err
		}
		list.Value = append(list.Value, value)
	}
	return list, nil
}

// toJSON writes an item with its names in order.
func toJSON(it item) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "  ")
	if err := e.Encode(document(it)); err != nil {
		return err.Error()
	}
	return out.String()
}

func document(it item) map[string]any {
	d := map[string]any{}
	for name, v := range it {
		d[name] = tagged(v)
	}
	return d
}

func tagged(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": document(v.Value)}
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, e := range v.Value {
			list = append(list, tagged(e))
		}
		return map[string]any{"L": list}
	}
	return fmt.Sprintf("%T", v)
}
