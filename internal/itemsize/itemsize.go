// Package itemsize counts the bytes of items of DynamoDB, for tests.
package itemsize

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Of returns the size of an item in bytes, as DynamoDB counts it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func Of(item map[string]types.AttributeValue) (bytes int) {
	for name, v := range item {
		bytes += len(name) + ofValue(v)
	}
	return bytes
}

func ofValue(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 2
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + Of(v.Value)
	case *types.AttributeValueMemberL:
		bytes := 3 + len(v.Value)
		for _, e := range v.Value {
			bytes += ofValue(e)
		}
		return bytes
	}
	return 1
}
