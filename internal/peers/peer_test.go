//go:build unix

package peers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/ddblock"
)

const (
	region = "eu-west-1"
	name   = "orders-data"
	alias  = "alias/" + name
)

// peer is one way to rotate a key.
type peer struct {
	name string
	// needs is a file without which it cannot run.
	needs string
	// cron is the command that cron starts, person what a person types who wants one
	// more rotation.
	cron, person []string
	// setUp makes the tables, and leaves the key due.
	setUp func(w *world)
	// knows returns the ids of the keys that are written down, but for the live one.
	knows func(w *world) []string
	// fenced reports that a person has to wait until a signed move has expired.
	fenced bool
}

var (
	// top is absolute: a program that is found by a relative PATH may change its folder.
	top, _ = filepath.Abs(filepath.Join("..", ".."))
	jars   = filepath.Join(top, ".backends", "lock")
)

func script() peer {
	command := filepath.Join(top, "scripts", "peers", "rotate.sh")
	return peer{name: "script", needs: filepath.Join(top, ".tools", "awscli", "bin", "aws"),
		cron: []string{command, name}, person: []string{command, name, "again"},
		setUp: (*world).setUpStatus, knows: (*world).previous}
}

func lock() peer {
	// As a careful team starts a short program: the compiler that starts fast, and one
	// thread for the garbage.
	java := []string{"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
		filepath.Join(jars, "classes") + ":" + filepath.Join(jars, "lib", "*"), "Rotate", name}
	return peer{name: "lock", needs: filepath.Join(jars, "classes", "Rotate.class"),
		cron: java, person: append(java[:len(java):len(java)], "again"),
		setUp: func(w *world) { w.setUpStatus(); w.createTable("locks") }, knows: (*world).previous}
}

func keyturn() peer {
	return peer{name: "keyturn", needs: binary, fenced: true, cron: []string{binary, "run"},
		person: []string{binary, "rotate", name, "--again", "--reason", "incident 7", "--confirm", name},
		setUp: func(w *world) {
			plan := "region: " + region + "\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n  - alias: " + alias + "\n"
			if err := os.WriteFile(w.plan, []byte(plan), 0o600); err != nil {
				w.t.Fatal(err)
			}
			w.must(binary, "init", "--table")
			w.must(binary, "run")
		},
		knows: (*world).versions}
}

// createTable makes a table whose items have one key.
func (w *world) createTable(table string) {
	_, err := w.dynamodb.CreateTable(w.t.Context(), &awsddb.CreateTableInput{TableName: &table,
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("key"), AttributeType: "S"}}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// setUpStatus writes what the script knows: that the last rotation is long ago.
func (w *world) setUpStatus() {
	w.createTable("rotations")
	_, err := w.dynamodb.PutItem(w.t.Context(), &awsddb.PutItemInput{TableName: aws.String("rotations"),
		Item: map[string]types.AttributeValue{"key": &types.AttributeValueMemberS{Value: name},
			"rotated": &types.AttributeValueMemberN{Value: "1700000000"}}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// previous returns the key that the script's status names.
func (w *world) previous() []string {
	out, err := w.dynamodb.GetItem(w.t.Context(), &awsddb.GetItemInput{TableName: aws.String("rotations"),
		Key: map[string]types.AttributeValue{"key": &types.AttributeValueMemberS{Value: name}}})
	if err != nil {
		w.t.Fatal(err)
	}
	if id, ok := out.Item["previous"].(*types.AttributeValueMemberS); ok {
		return []string{id.Value}
	}
	return nil
}

// versions returns the keys of keyturn's record.
func (w *world) versions() (ids []string) {
	key := region + "/" + alias
	records, err := ddblock.New(w.dynamodb, "keyturn").Read(w.t.Context(), []string{key})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range records[key].Versions {
		ids = append(ids, v.KeyID)
	}
	return ids
}

func (p peer) installed(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(p.needs); err != nil {
		t.Skipf("%s is not there; scripts/peers.sh installs it", p.needs)
	}
}
