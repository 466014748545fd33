package main

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// place is a row of docs/aws.md: where keyturn runs, and what it then calls.
type place struct {
	env []string
	// files are those in its home, by path.
	files map[string]string
	// server answers on loopback, as the agent or metadata service of the place does; its
	// URL is @ in env and files.
	server func(t *testing.T) http.HandlerFunc
	// hosts are those that the proxy is asked for.
	hosts []string
	// token reports that the credentials are a role's, with a session token. Otherwise
	// they are those of the environment.
	token bool
}

const (
	roleKey    = "ASIAROLEEXAMPLE"
	roleSecret = "not-a-secret"
	roleToken  = "session-token-of-the-role"
)

// inEnvironment are the credentials of a user.
var inEnvironment = []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret"}

// inProfile selects a profile of the configuration in the home.
var inProfile = []string{"AWS_PROFILE=night"}

// plain are AWS's hosts for a user's credentials, as keyturn calls them by default.
var plain = []string{"dynamodb.eu-west-1.amazonaws.com", "kms.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"}

// ofAccount are those for a role's credentials, of which the SDK knows the account.
var ofAccount = []string{"111122223333.ddb.eu-west-1.amazonaws.com", "kms.eu-west-1.amazonaws.com",
	"sts.eu-west-1.amazonaws.com"}

var places = map[string]place{
	"HTTPS_PROXY": {env: inEnvironment, hosts: plain},
	"FIPS endpoints": {env: append([]string{"AWS_USE_FIPS_ENDPOINT=true"}, inEnvironment...),
		hosts: []string{"dynamodb-fips.eu-west-1.amazonaws.com", "kms-fips.eu-west-1.amazonaws.com",
			"sts-fips.eu-west-1.amazonaws.com"}},
	"dual-stack endpoints": {env: append([]string{"AWS_USE_DUALSTACK_ENDPOINT=true"}, inEnvironment...),
		hosts: []string{"dynamodb.eu-west-1.api.aws", "kms.eu-west-1.api.aws", "sts.eu-west-1.api.aws"}},
	"FIPS and dual-stack": {env: append([]string{"AWS_USE_FIPS_ENDPOINT=true", "AWS_USE_DUALSTACK_ENDPOINT=true"},
		inEnvironment...), hosts: []string{
		"dynamodb-fips.eu-west-1.api.aws", "kms-fips.eu-west-1.api.aws", "sts-fips.eu-west-1.api.aws"}},
	"IMDSv2": {env: []string{"AWS_EC2_METADATA_SERVICE_ENDPOINT=@"}, server: metadata, hosts: plain, token: true},
	"EKS Pod Identity": {env: []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=@/v1/credentials",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=HOME/token"}, files: map[string]string{"token": "token-of-the-pod"},
		server: agent, hosts: ofAccount, token: true},
	"ECS task role": {env: []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=@/v1/credentials",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN=token-of-the-pod"}, server: agent, hosts: ofAccount, token: true},
	"IRSA": {env: []string{"AWS_ROLE_ARN=arn:aws:iam::111122223333:role/keyturn",
		"AWS_WEB_IDENTITY_TOKEN_FILE=HOME/token"}, files: map[string]string{"token": "token-of-the-pod"},
		hosts: ofAccount, token: true},
	"SSO profile": {env: inProfile, files: map[string]string{".aws/config": "[profile night]\nsso_session = work\n" +
		"sso_account_id = 111122223333\nsso_role_name = keyturn\n[sso-session work]\nsso_region = eu-central-1\n" +
		"sso_start_url = https://example.awsapps.com/start\n", ssoCache("work"): ssoLogin()},
		hosts: append([]string{"portal.sso.eu-central-1.amazonaws.com"}, ofAccount...), token: true},
	"role of a profile": {env: inProfile, files: map[string]string{".aws/config": "[profile night]\n" +
		"role_arn = arn:aws:iam::111122223333:role/keyturn\nsource_profile = base\n[profile base]\n" +
		"aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = not-a-secret\n"}, hosts: ofAccount, token: true},
}

// Each row of docs/aws.md that says it is tested is: a run with those settings rotates
// a key, by the hosts and the credentials that the row names. AWS is behind a proxy,
// under its own names, with certificates of an authority that only AWS_CA_BUNDLE knows.
func TestPlaces(t *testing.T) {
	for name, p := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := startAWS(t)
			home := t.TempDir()
			url := ""
			if p.server != nil {
				local := httptest.NewServer(p.server(t))
				t.Cleanup(local.Close)
				url = local.URL
			}
			fill := strings.NewReplacer("@", url, "HOME/", home+"/")
			for path, text := range p.files {
				file := filepath.Join(home, path)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			run := exec.Command("keyturn", "run", "--plan", "testdata/plans/quickstart.yaml", "--key", "orders-data")
			run.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GORACE=" + atOnce, "KEYTURN_POOL=pool-1",
				"HTTPS_PROXY=" + aws.proxy, "AWS_CA_BUNDLE=" + aws.bundle}
			for _, kv := range p.env {
				run.Env = append(run.Env, fill.Replace(kv))
			}
			out, err := run.CombinedOutput()
			if err != nil || strings.Count(string(out), "rotated v1 to v2") != 1 {
				t.Fatalf("%v\n%s", err, out)
			}
			aws.mu.Lock()
			defer aws.mu.Unlock()
			want := slices.Sorted(slices.Values(p.hosts))
			if got := slices.Sorted(maps.Keys(aws.hosts)); !slices.Equal(got, want) {
				t.Errorf("called %v, want %v", got, want)
			}
			callers := []string{"AKIDEXAMPLE"}
			if p.token {
				callers = []string{roleKey + " " + roleToken}
			}
			if got := slices.Sorted(maps.Keys(aws.callers)); !slices.Equal(got, callers) {
				t.Errorf("signed by %v, want %v", got, callers)
			}
		})
	}
}

// Every row of the table in docs/aws.md whose last column is this test has its case here,
// with the hosts that the row names, and no case is without a row.
func TestPlacesPage(t *testing.T) {
	page, err := os.ReadFile("docs/aws.md")
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]place{}
	for name, p := range places {
		left[strings.ReplaceAll(name, " ", "_")] = p // as `go test -run` names it
	}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		if len(cells) != 4 || !strings.Contains(cells[3], "`TestPlaces/") {
			continue
		}
		name, _, _ := strings.Cut(cells[3][strings.Index(cells[3], "/")+1:], "`")
		p, ok := left[name]
		if !ok {
			t.Errorf("there is no TestPlaces/%s, or it has two rows", name)
			continue
		}
		delete(left, name)
		for _, host := range p.hosts {
			host = strings.NewReplacer("eu-west-1", "REGION", "eu-central-1", "REGION",
				"111122223333", "ACCOUNT").Replace(host)
			if !strings.Contains(cells[2], "`"+host+"`") {
				t.Errorf("%s: the row does not name %s", name, host)
			}
		}
		for _, kv := range p.env {
			if name, _, _ := strings.Cut(kv, "="); !strings.Contains(cells[1], name) {
				t.Errorf("%s: the row does not name %s", cells[0], name)
			}
		}
	}
	for name := range left {
		t.Errorf("docs/aws.md has no row for %q", name)
	}
}

// roleCredentials are what agents and metadata services answer.
func roleCredentials() string {
	text, _ := json.Marshal(map[string]string{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": roleKey,
		"SecretAccessKey": roleSecret, "Token": roleToken, "AccountId": "111122223333",
		"Expiration": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	return string(text)
}

// metadata is an instance's metadata service that refuses version 1.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
func metadata(t *testing.T) http.HandlerFunc {
	const session = "session-of-the-instance"
	return func(w http.ResponseWriter, r *http.Request) {
		const roles = "/latest/meta-data/iam/security-credentials/"
		switch {
		case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" &&
			r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != "":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
			_, _ = fmt.Fprint(w, session)
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != session:
			t.Errorf("%s %s without a session", r.Method, r.URL)
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == roles:
			_, _ = fmt.Fprint(w, "keyturn")
		case r.URL.Path == roles+"keyturn":
			_, _ = fmt.Fprint(w, roleCredentials())
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// agent is that of a container, which wants the pod's token.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
func agent(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/credentials" || r.Header.Get("Authorization") != "token-of-the-pod" {
			t.Errorf("%s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprint(w, roleCredentials())
	}
}

// ssoCache is where `aws sso login` leaves what ssoLogin returns.
func ssoCache(session string) string {
	sum := sha1.Sum([]byte(session))
	return filepath.Join(".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
}

func ssoLogin() string {
	return `{"accessToken": "token-of-the-login", "expiresAt": "` +
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + `"}`
}
