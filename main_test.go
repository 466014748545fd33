package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/keyturn/keyturn/internal/sandbox"
)

var update = flag.Bool("update", false, "rewrite the golden parts of scripts")

// atOnce lets a process that was built with the race detector end without
// waiting a second for more races.
const atOnce = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"keyturn": main})
}

// leakChecked are tests that fail by a goroutine which outlives them.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestScripts runs testdata/script: each is a session at a terminal without a
// terminal, each keyturn in it a process of its own, on an embedded AWS in the
// script's own folder.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			env.Setenv("STATE", filepath.Join(env.WorkDir, ".state", "keyturn", "sandbox.json"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, ".home"))
			env.Setenv("KEYTURN_POOL", "pool-1")
			env.Setenv("TERM", "dumb")
			root, err := os.Getwd()
			if err != nil {
				return err
			}
			env.Setenv("ROOT", root)
			env.Values["waiter"] = &waiter{} // each script has its own
			env.Setenv("GORACE", atOnce)
			// No real credentials, and nobody to ask for any.
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"kms": kmsCommand, "exits": exitsCommand, "screen": screenCommand, "recreate-table": recreateTable,
			"stranger": strangerCommand, "trail-form": trailForm,
			"serve": serveCommand, "killed-run": killedRun, "waiting": waiting, "waited": waited,
		},
	})
}

// kms changes the sandbox behind keyturn's back, as a person or Terraform would:
//
//	kms create-key [SPEC USAGE]   sets $KEY
//	kms create-alias ALIAS KEY
//	kms update-alias ALIAS KEY
//	kms delete-alias ALIAS
//	kms create-grant KEY
//	kms describe ALIAS            sets $KEY and $KEYSTATE
func kmsCommand(ts *testscript.TestScript, neg bool, args []string) {
	box, err := sandbox.Open(ts.Getenv("STATE"), sandbox.Options{})
	ts.Check(err)
	region := ts.Getenv("REGION")
	api := awskms.NewFromConfig(box.AWSConfig(region, "TERRAFORM"))
	ctx := context.Background()
	if len(args) == 0 {
		ts.Fatalf("kms: no command")
	}
	verb, args := args[0], append(args[1:], "", "")
	switch verb {
	case "create-key":
		var out *awskms.CreateKeyOutput
		if out, err = api.CreateKey(ctx, &awskms.CreateKeyInput{KeySpec: types.KeySpec(args[0]),
			KeyUsage: types.KeyUsageType(args[1])}); err == nil {
			ts.Setenv("KEY", *out.KeyMetadata.KeyId)
		}
	case "create-alias":
		_, err = api.CreateAlias(ctx, &awskms.CreateAliasInput{AliasName: &args[0], TargetKeyId: &args[1]})
	case "update-alias":
		_, err = api.UpdateAlias(ctx, &awskms.UpdateAliasInput{AliasName: &args[0], TargetKeyId: &args[1]})
	case "delete-alias":
		_, err = api.DeleteAlias(ctx, &awskms.DeleteAliasInput{AliasName: &args[0]})
	case "create-grant":
		_, err = api.CreateGrant(ctx, &awskms.CreateGrantInput{KeyId: &args[0],
			GranteePrincipal: aws.String("arn:aws:iam::111122223333:role/reader"),
			Operations:       []types.GrantOperation{types.GrantOperationDecrypt}})
	case "describe":
		var out *awskms.DescribeKeyOutput
		if out, err = api.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &args[0]}); err == nil {
			ts.Setenv("KEY", *out.KeyMetadata.KeyId)
			ts.Setenv("KEYSTATE", string(out.KeyMetadata.KeyState))
		}
	default:
		ts.Fatalf("kms %s is none", verb)
	}
	if (err != nil) != neg {
		ts.Fatalf("kms %s: %v", verb, err)
	}
}

// serve serves the script's AWS with the switches in a file, in place of any before, to
// commands without --sandbox.
func serveCommand(ts *testscript.TestScript, _ bool, args []string) {
	var with sandbox.Switches
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &with))
	box, err := sandbox.Open(ts.Getenv("STATE"), sandbox.Options{Switches: with})
	ts.Check(err)
	server := httptest.NewServer(box)
	ts.Defer(server.Close)
	for _, v := range sandbox.Env(strings.TrimPrefix(server.URL, "http://"), "") {
		name, value, _ := strings.Cut(v, "=")
		ts.Setenv(name, value)
	}
}

// recreate-table replaces the lock table by a new one with the same items, as
// a restore from a backup does.
func recreateTable(ts *testscript.TestScript, _ bool, args []string) {
	box, err := sandbox.Open(ts.Getenv("STATE"), sandbox.Options{})
	ts.Check(err)
	api, ctx, table := awsddb.NewFromConfig(box.AWSConfig("", "ADMIN")), context.Background(), aws.String("keyturn")
	items, err := api.Scan(ctx, &awsddb.ScanInput{TableName: table})
	ts.Check(err)
	was, err := api.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: table})
	ts.Check(err)
	_, err = api.UpdateTable(ctx, &awsddb.UpdateTableInput{TableName: table,
		DeletionProtectionEnabled: aws.Bool(false)})
	ts.Check(err)
	_, err = api.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: table})
	ts.Check(err)
	_, err = api.CreateTable(ctx, &awsddb.CreateTableInput{TableName: table, KeySchema: was.Table.KeySchema,
		AttributeDefinitions: was.Table.AttributeDefinitions, BillingMode: "PAY_PER_REQUEST"})
	ts.Check(err)
	for _, item := range items.Items {
		_, err = api.PutItem(ctx, &awsddb.PutItemInput{TableName: table, Item: item})
		ts.Check(err)
	}
}

// exits runs keyturn and checks its exit code: exits 64 run --nonsense
func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, args := args[0], args[1:]
	err := ts.Exec("keyturn", args...)
	got := "0"
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("keyturn %s: exit %s, want %s\n%s%s", strings.Join(args, " "), got, want, ts.ReadFile("stdout"),
			ts.ReadFile("stderr"))
	}
}

// screen writes what the last command printed, stdout and then stderr, to the
// file "screen", with all that differs from one run to the next blotted out.
// With "dates" these are blotted out too: the script runs on the host's.
func screenCommand(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	if slices.Contains(args, "dates") {
		text = regexp.MustCompile(`\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?`).ReplaceAllString(text, "DATE")
	}
	for _, blot := range []struct{ what, with string }{
		{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "KEYID"},
		{`--state \S+ `, "--state FILE "},
		{`\b[0-9a-f]{8}(…| \(not ours\))`, "KEY$1"},
		{`\b[0-9a-f]{16}…`, "HASH…"},
		{`(\d{4}-\d\d-\d\d) \d\d:\d\d(:\d\d)?`, "$1 HH:MM"},
		{`\b\d\d:\d\d:\d\d\b`, "HH:MM:SS"},
		{`(run )[0-9a-f]{8}`, "${1}RUN"},
		{`\(in \d+m\d\ds\)`, "(in MmSSs)"},
		{` +\n`, "\n"},
	} {
		text = regexp.MustCompile(blot.what).ReplaceAllString(text, blot.with)
	}
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(text), 0o600))
}
