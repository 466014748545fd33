// Command plain is what keyturn is measured against: a program that makes the reads of
// a run with nothing due with the SDK alone, and does nothing with the answers. It has
// clients for the two services that keyturn works with.
//
//	plain REGION TABLE FILE
//
// FILE has the partition key of one record a line.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: plain REGION TABLE FILE")
	}
	table := args[1]
	keys, err := lines(args[2])
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(args[0]))
	if err != nil {
		return err
	}
	_ = kms.NewFromConfig(cfg)
	client := dynamodb.NewFromConfig(cfg)
	found := 0
	for batch := range slices.Chunk(keys, 100) {
		asked := make([]map[string]types.AttributeValue, len(batch))
		for i, key := range batch {
			asked[i] = map[string]types.AttributeValue{
				"key":  &types.AttributeValueMemberS{Value: key},
				"item": &types.AttributeValueMemberS{Value: "record"},
			}
		}
		out, err := client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{table: {Keys: asked, ConsistentRead: aws.Bool(true)}},
		})
		if err != nil {
			return err
		}
		found += len(out.Responses[table])
	}
	if found != len(keys) {
		return fmt.Errorf("%d keys have a record, of %d", found, len(keys))
	}
	return nil
}

func lines(name string) (all []string, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	for s := bufio.NewScanner(file); s.Scan(); {
		all = append(all, s.Text())
	}
	return all, nil
}
