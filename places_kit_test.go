package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/sandbox/start"
	"github.com/keyturn/keyturn/plan/planfile"
)

// behindProxy is the embedded AWS under the names of AWS's own hosts, which only a proxy
// on loopback leads to.
type behindProxy struct {
	proxy, bundle string
	box           *sandbox.Sandbox

	mu sync.Mutex
	// hosts are those that the proxy was asked for.
	hosts map[string]bool
	// callers are the access keys by which requests to KMS, DynamoDB and STS were signed,
	// each with its session token if it has one.
	callers map[string]bool
}

func startAWS(t *testing.T) *behindProxy {
	t.Helper()
	p, err := planfile.Parse("quickstart.yaml", quickstart)
	if err != nil {
		t.Fatal(err)
	}
	b := &behindProxy{hosts: map[string]bool{}, callers: map[string]bool{}}
	if b.box, err = start.Open(t.Context(), filepath.Join(t.TempDir(), "sandbox.json"), p); err != nil {
		t.Fatal(err)
	}
	authority := newAuthority(t)
	b.bundle = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(b.bundle, authority.pem(), 0o600); err != nil {
		t.Fatal(err)
	}
	far := httptest.NewUnstartedServer(b)
	far.TLS = &tls.Config{GetCertificate: authority.certificate}
	far.StartTLS()
	t.Cleanup(far.Close)
	proxy := httptest.NewServer(b.tunnel(far.Listener.Addr().String()))
	t.Cleanup(proxy.Close)
	b.proxy = proxy.URL
	return b
}

// tunnel is a proxy whose every tunnel leads to one address.
func (b *behindProxy) tunnel(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, port, err := net.SplitHostPort(r.Host)
		if r.Method != http.MethodConnect || err != nil || port != "443" {
			http.Error(w, "this proxy makes tunnels to port 443", http.StatusBadRequest)
			return
		}
		b.mu.Lock()
		b.hosts[host] = true
		b.mu.Unlock()
		out, err := net.Dial("tcp", to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = out.Close()
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(out, in)
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
		_ = in.Close()
	}
}

// ServeHTTP answers for AWS: what the embedded AWS lacks, itself.
func (b *behindProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("Date", b.box.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("X-Amzn-Requestid", "r-1")
	expires := time.Now().Add(time.Hour).UTC()
	if strings.HasPrefix(r.Host, "portal.sso.") {
		if r.Header.Get("X-Amz-Sso_bearer_token") != "token-of-the-login" ||
			r.URL.Query().Get("account_id") != "111122223333" || r.URL.Query().Get("role_name") != "keyturn" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"roleCredentials": map[string]any{"accessKeyId": roleKey,
			"secretAccessKey": roleSecret, "sessionToken": roleToken, "expiration": expires.UnixMilli()}})
		return
	}
	for _, action := range []string{"AssumeRoleWithWebIdentity", "AssumeRole"} {
		if !strings.Contains(string(body), "Action="+action+"&") {
			continue
		}
		if action == "AssumeRoleWithWebIdentity" &&
			!strings.Contains(string(body), "WebIdentityToken=token-of-the-pod") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult>`+
			`<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/keyturn/1</Arn></AssumedRoleUser>`+
			`<Credentials>`+
			`<AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken>`+
			`<Expiration>%s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`, action,
			roleKey, roleSecret, roleToken, expires.Format(time.RFC3339))
		return
	}
	b.note(r)
	again := r.Clone(r.Context())
	again.Body, again.RequestURI = io.NopCloser(strings.NewReader(string(body))), ""
	again.URL.Scheme, again.URL.Host = "https", r.Host
	response, err := b.box.RoundTripper().RoundTrip(again)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = response.Body.Close() }()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

// note remembers who signed a request.
func (b *behindProxy) note(r *http.Request) {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	caller, _, _ := strings.Cut(credential, "/")
	if token := r.Header.Get("X-Amz-Security-Token"); token != "" {
		caller += " " + token
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callers[caller] = true
}

// authority signs a certificate for any host.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// certificate makes one for the name that a client asks for.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	form := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{hello.ServerName},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, form, a.cert, a.key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}, nil
}
