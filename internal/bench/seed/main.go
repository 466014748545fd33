// Command seed copies the record of one key to many others, so that a measure can read
// many records without having made them one by one.
//
//	seed REGION TABLE ALIAS [FILE]
//
// FILE has the partition key of one record a line, REGION/ALIAS. Each gets a copy of
// the record of ALIAS. Without FILE it makes a KMS key with that alias.
package main

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: seed REGION TABLE ALIAS [FILE]")
	}
	region, table, alias := args[0], args[1], args[2]
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return err
	}
	if len(args) == 3 {
		return makeKey(ctx, kms.NewFromConfig(cfg), alias)
	}
	return copyRecord(ctx, dynamodb.NewFromConfig(cfg), table, region+"/"+alias, args[3])
}

// makeKey makes a key with an alias.
func makeKey(ctx context.Context, client *kms.Client, alias string) error {
	out, err := client.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return err
	}
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: out.KeyMetadata.KeyId})
	return err
}

// copyRecord copies the record of a key to each of those that a file names.
func copyRecord(ctx context.Context, client *dynamodb.Client, table, from, file string) error {
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"key": text(from), "item": text("record")}})
	if err != nil {
		return err
	}
	arn, ok := out.Item["alias_arn"].(*types.AttributeValueMemberS)
	if !ok {
		return fmt.Errorf("%s has no record", from)
	}
	names, err := os.Open(file)
	if err != nil {
		return err
	}
	defer names.Close() //nolint:errcheck // it was only read
	var batch []types.WriteRequest
	write := func() error {
		if len(batch) == 0 {
			return nil
		}
		out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: batch}})
		if err == nil && len(out.UnprocessedItems) > 0 {
			err = fmt.Errorf("the table is throttled")
		}
		batch = nil
		return err
	}
	for s := bufio.NewScanner(names); s.Scan(); {
		_, alias, _ := strings.Cut(s.Text(), "/")
		item := maps.Clone(out.Item)
		item["key"] = text(s.Text())
		item["alias_arn"] = text(arn.Value[:strings.Index(arn.Value, ":alias/")+1] + alias)
		batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		if len(batch) == 25 {
			if err := write(); err != nil {
				return err
			}
		}
	}
	return write()
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
