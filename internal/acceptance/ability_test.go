package acceptance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
)

// ability is something of AWS's that not every backend has.
type ability string

// The abilities, each with how AWS documents it.
const (
	// One of many conditional writes at the same instant succeeds.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html
	oneWinner ability = "one winner"
	// An update happens entirely or not at all, also as others read it.
	// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
	wholeUpdates ability = "whole updates"
	// A table has an id of its own, and a recreated one another.
	// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
	tableID ability = "TableId"
	// A request whose signature is old is refused.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
	signatureAge ability = "signature age"
	// Whether a table is backed up, and protected, can be asked.
	// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
	// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
	backups            ability = "backups"
	deletionProtection ability = "deletion protection"
	// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
	lastUsage ability = "GetKeyLastUsage"
	// https://docs.aws.amazon.com/kms/latest/developerguide/mldsa.html
	mlDSA ability = "ML-DSA"
	// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
	keyAgreement ability = "KEY_AGREEMENT"
)

// finding is whether a backend has an ability, and by what that was seen.
type finding struct {
	Ability ability `json:"ability"`
	Has     bool    `json:"has"`
	Seen    string  `json:"seen"`
}

// abilities asks a backend. What it makes for that stays in it.
func abilities(t *testing.T, b backend) []finding {
	t.Helper()
	w := emptyWorld(t, b)
	found := []finding{w.askOneWinner(), w.askWholeUpdates()}
	found = append(found, w.askTable()...)
	return append(found, w.askSignatureAge(), w.askLastUsage(), w.askMLDSA(), w.askKeyAgreement())
}

// askOneWinner lets many writers claim one item at the same instant, over and
// over. A backend that looks first and then writes, with no lock around both,
// has two winners sooner or later.
func (w *world) askOneWinner() finding {
	const rounds, writers = 20, 32
	won := 0
	for round := range rounds {
		item := map[string]ddbtypes.AttributeValue{
			"key":  &ddbtypes.AttributeValueMemberS{Value: fmt.Sprintf("round %d", round)},
			"item": &ddbtypes.AttributeValueMemberS{Value: "probe"}}
		winners := w.race(writers, func() error {
			_, err := w.conn.DynamoDB.PutItem(w.t.Context(), &awsddb.PutItemInput{TableName: &w.table, Item: item,
				ConditionExpression:      aws.String("attribute_not_exists(#k)"),
				ExpressionAttributeNames: map[string]string{"#k": "key"}})
			return err
		})
		if winners != 1 {
			return finding{oneWinner, false,
				fmt.Sprintf("of %d conditional PutItem at once %d succeeded, in round %d", writers, winners, round+1)}
		}
		won++
	}
	return finding{oneWinner, true, fmt.Sprintf("%d conditional PutItem at once, %d rounds: one succeeded each time",
		writers, won)}
}

// race starts writers at once and counts those that won. Any error but a failed
// condition is the test's.
func (w *world) race(writers int, write func() error) (winners int) {
	var wait sync.WaitGroup
	var mu sync.Mutex
	begin := make(chan struct{})
	for range writers {
		wait.Go(func() {
			<-begin
			err := write()
			var failed *ddbtypes.ConditionalCheckFailedException
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				winners++
			case !errors.As(err, &failed):
				w.t.Errorf("a conditional write: %v", err)
			}
		})
	}
	close(begin)
	wait.Wait()
	return winners
}

// askWholeUpdates reads an item over and over while it is updated. An update
// gives many attributes one value, so a reader that sees two has seen half of
// one.
func (w *world) askWholeUpdates() finding {
	const updates, readers, attributes = 200, 8, 60
	ctx, key := w.t.Context(), map[string]ddbtypes.AttributeValue{
		"key": &ddbtypes.AttributeValueMemberS{Value: "whole"}, "item": &ddbtypes.AttributeValueMemberS{Value: "probe"}}
	var set []string
	for i := range attributes {
		set = append(set, fmt.Sprintf("a%d = :v", i))
	}
	update := func(n int) error {
		values := map[string]ddbtypes.AttributeValue{":v": &ddbtypes.AttributeValueMemberN{Value: fmt.Sprint(n)}}
		_, err := w.conn.DynamoDB.UpdateItem(ctx, &awsddb.UpdateItemInput{TableName: &w.table, Key: key,
			UpdateExpression:          aws.String("SET " + strings.Join(set, ", ")),
			ExpressionAttributeValues: values})
		return err
	}
	if err := update(0); err != nil {
		w.t.Fatal(err)
	}
	var wait sync.WaitGroup
	var over atomic.Bool
	var halves, reads atomic.Int64
	for range readers {
		wait.Go(func() {
			for !over.Load() && w.t.Context().Err() == nil {
				out, err := w.conn.DynamoDB.GetItem(ctx,
					&awsddb.GetItemInput{TableName: &w.table, Key: key, ConsistentRead: aws.Bool(true)})
				if err != nil {
					w.t.Errorf("a read beside an update: %v", err)
					return
				}
				reads.Add(1)
				seen := map[string]bool{}
				for i := range attributes {
					if n, ok := out.Item[fmt.Sprintf("a%d", i)].(*ddbtypes.AttributeValueMemberN); ok {
						seen[n.Value] = true
					}
				}
				if len(seen) != 1 {
					halves.Add(1)
				}
			}
		})
	}
	for n := 1; n <= updates && halves.Load() == 0; n++ {
		if err := update(n); err != nil {
			w.t.Errorf("an update beside reads: %v", err)
			break
		}
	}
	over.Store(true)
	wait.Wait()
	if halves.Load() > 0 {
		return finding{wholeUpdates, false, "a GetItem beside an UpdateItem answered with half of the update"}
	}
	return finding{wholeUpdates, true, fmt.Sprintf("%d GetItem beside %d UpdateItem: none saw half of one",
		reads.Load(), updates)}
}

// askTable asks about the table that `init --table` made, with protection.
func (w *world) askTable() []finding {
	out, err := w.conn.DynamoDB.DescribeTable(w.t.Context(), &awsddb.DescribeTableInput{TableName: &w.table})
	if err != nil {
		w.t.Fatal(err)
	}
	says := func(yes bool, what string) string {
		if yes {
			return "DescribeTable answers with " + what
		}
		return "DescribeTable answers without " + what
	}
	id, protected := aws.ToString(out.Table.TableId) != "", aws.ToBool(out.Table.DeletionProtectionEnabled)
	_, err = w.conn.DynamoDB.DescribeContinuousBackups(w.t.Context(),
		&awsddb.DescribeContinuousBackupsInput{TableName: &w.table})
	return []finding{{tableID, id, says(id, "a TableId")},
		{deletionProtection, protected, says(protected, "deletion protection on")},
		{backups, err == nil, answerOf("DescribeContinuousBackups", err)}}
}

// askSignatureAge sends a request that was signed half an hour ago.
func (w *world) askSignatureAge() finding {
	const body = "{}"
	ctx := w.t.Context()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://backend.invalid/", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "TrentService.ListKeys")
	hash := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: "ADMIN", SecretAccessKey: "not-a-secret"}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), "kms", region,
		time.Now().Add(-30*time.Minute)); err != nil {
		w.t.Fatal(err)
	}
	response, err := w.cloud.transport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = response.Body.Close()
	seen := fmt.Sprintf("ListKeys signed 30 minutes before: %d", response.StatusCode)
	return finding{signatureAge, response.StatusCode == http.StatusBadRequest ||
		response.StatusCode == http.StatusForbidden, seen}
}

func (w *world) askLastUsage() finding {
	key, err := w.conn.KMS.CreateKey(w.t.Context(), symmetric)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.conn.KMS.GetKeyLastUsage(w.t.Context(), &awskms.GetKeyLastUsageInput{KeyId: key.KeyMetadata.KeyId},
		onlyOnce)
	return finding{lastUsage, err == nil, answerOf("GetKeyLastUsage", err)}
}

func (w *world) askMLDSA() finding {
	_, err := w.conn.KMS.CreateKey(w.t.Context(),
		&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecMlDsa44, KeyUsage: kmstypes.KeyUsageTypeSignVerify})
	return finding{mlDSA, err == nil, answerOf("CreateKey ML_DSA_44", err)}
}

// askKeyAgreement agrees on a secret with the key itself.
func (w *world) askKeyAgreement() finding {
	key, err := w.conn.KMS.CreateKey(w.t.Context(),
		&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecEccNistP256, KeyUsage: kmstypes.KeyUsageTypeKeyAgreement})
	if err != nil {
		return finding{keyAgreement, false, answerOf("CreateKey KEY_AGREEMENT", err)}
	}
	public, err := w.conn.KMS.GetPublicKey(w.t.Context(), &awskms.GetPublicKeyInput{KeyId: key.KeyMetadata.KeyId})
	if err != nil {
		return finding{keyAgreement, false, answerOf("GetPublicKey", err)}
	}
	_, err = w.conn.KMS.DeriveSharedSecret(w.t.Context(), &awskms.DeriveSharedSecretInput{KeyId: key.KeyMetadata.KeyId,
		KeyAgreementAlgorithm: kmstypes.KeyAgreementAlgorithmSpecEcdh, PublicKey: public.PublicKey}, onlyOnce)
	return finding{keyAgreement, err == nil, answerOf("DeriveSharedSecret", err)}
}

// onlyOnce keeps the SDK from asking again what was answered with 500.
func onlyOnce(o *awskms.Options) { o.Retryer = aws.NopRetryer{} }

// answerOf returns the answer to a call in one line.
func answerOf(call string, err error) string {
	if err == nil {
		return call + ": 200"
	}
	a := awscall.Classify(err)
	said := a.Code
	if said == "" {
		said = "an answer that is none of AWS's"
	}
	text, _, _ := strings.Cut(a.Message, "\n")
	if said == a.Code && text != "" {
		said += ": " + text
	}
	if len(said) > 120 {
		said = said[:117] + "..."
	}
	return call + ": " + said
}

// lacks returns the first of the abilities needed that was not found.
func lacks(found []finding, needed []ability) (finding, bool) {
	for _, f := range found {
		if !f.Has && slices.Contains(needed, f.Ability) {
			return f, true
		}
	}
	return finding{}, false
}
