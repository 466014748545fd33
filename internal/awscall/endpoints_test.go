package awscall_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/awscall"
)

func TestConnectRefusesALocalEndpointBesideAWS(t *testing.T) {
	const local = "http://localhost:4566"
	for _, c := range []struct {
		name    string
		env     []string
		refused string // part of the message; "" if it is fine
		hint    string
	}{
		{"AWS alone", nil, "", ""},
		{"all local", []string{"AWS_ENDPOINT_URL=" + local}, "", ""},
		{"all local, one by one", []string{"AWS_ENDPOINT_URL_KMS=" + local,
			"AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000", "AWS_ENDPOINT_URL_STS=" + local}, "", ""},
		{"KMS local", []string{"AWS_ENDPOINT_URL_KMS=" + local},
			"KMS is called at http://localhost:4566 (AWS_ENDPOINT_URL_KMS), which is local, but DynamoDB at AWS",
			"set AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_STS to the local endpoint too, or unset " +
				"AWS_ENDPOINT_URL_KMS"},
		{"the record local", []string{"AWS_ENDPOINT_URL_DYNAMODB=http://dynamodb-local:8000"},
			"DynamoDB is called at http://dynamodb-local:8000", "unset AWS_ENDPOINT_URL_DYNAMODB"},
		{"STS left out", []string{"AWS_ENDPOINT_URL_KMS=" + local, "AWS_ENDPOINT_URL_DYNAMODB=" + local},
			"but STS at AWS", "set AWS_ENDPOINT_URL_STS"},
		{"all local but one that is named",
			[]string{"AWS_ENDPOINT_URL=" + local, "AWS_ENDPOINT_URL_KMS=https://kms.eu-west-1.amazonaws.com"},
			"but KMS at https://kms.eu-west-1.amazonaws.com (AWS_ENDPOINT_URL_KMS)", "unset AWS_ENDPOINT_URL"},
		{"variables are ignored", []string{"AWS_ENDPOINT_URL_KMS=" + local, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"},
			"", ""},
		{"VPC endpoint", []string{"AWS_ENDPOINT_URL_KMS=https://vpce-0123-abcd.kms.eu-west-1.vpce.amazonaws.com"}, "",
			""},
		{"a company's name for a VPC endpoint", []string{"AWS_ENDPOINT_URL_KMS=https://kms.example.com"}, "", ""},
		{"private address", []string{"AWS_ENDPOINT_URL_KMS=https://10.1.2.3"}, "KMS", ""},
		{"IPv6 loopback", []string{"AWS_ENDPOINT_URL_KMS=https://[::1]:4566"}, "KMS", ""},
		{"IPv4 in IPv6", []string{"AWS_ENDPOINT_URL_KMS=https://[::ffff:127.0.0.1]:4566"}, "KMS", ""},
		{"every interface", []string{"AWS_ENDPOINT_URL_KMS=https://0.0.0.0:4566"}, "KMS", ""},
		{"a container's name", []string{"AWS_ENDPOINT_URL_KMS=https://localstack:4566"}, "KMS", ""},
		{"LocalStack's public name for 127.0.0.1",
			[]string{"AWS_ENDPOINT_URL_KMS=https://localhost.localstack.cloud:4566"}, "KMS", ""},
		{"the container's host", []string{"AWS_ENDPOINT_URL_KMS=https://host.docker.internal:4566"}, "KMS", ""},
		{"without TLS", []string{"AWS_ENDPOINT_URL_KMS=http://kms.example.com"}, "KMS", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			environment(t, append(keys(), c.env...)...)
			_, err := awscall.Connect(t.Context(), options())
			mixed, ok := errors.AsType[*awscall.MixedEndpointsError](err)
			switch {
			case c.refused == "" && err != nil:
				t.Fatalf("refused: %v", err)
			case c.refused == "":
			case !ok:
				t.Fatalf("err = %v, want a MixedEndpointsError", err)
			case !strings.Contains(mixed.Error(), c.refused):
				t.Errorf("message %q does not have %q", mixed.Error(), c.refused)
			case !strings.Contains(mixed.Fault().Hint.Note, c.hint):
				t.Errorf("hint %q does not have %q", mixed.Fault().Hint.Note, c.hint)
			}
		})
	}
}

func TestConnectRefusesALocalEndpointFromAProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	profile := "[default]\nservices = dev\n[services dev]\nkms =\n  endpoint_url = http://localhost:4566\n"
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	environment(t, append(keys(), "AWS_CONFIG_FILE="+file)...)
	_, err := awscall.Connect(t.Context(), options())
	mixed, ok := errors.AsType[*awscall.MixedEndpointsError](err)
	if !ok || !strings.Contains(mixed.Error(), "endpoint_url in the AWS profile") {
		t.Fatalf("err = %v, want a MixedEndpointsError that names the profile", err)
	}
}
