package roots

import (
	"crypto/x509"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// Where the system has no roots, the first request over TLS brings those inside this program.
// The pool of the system is read once in a process, so each case is one.
func TestRootsWhereTheSystemHasNone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only there can the system's roots be taken away by the environment")
	}
	if scheme := os.Getenv("KEYTURN_TEST_SCHEME"); scheme != "" {
		client := new(http.Transport)
		For(client)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://127.0.0.1:1/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = client.Proxy(r); err != nil {
			t.Fatal(err)
		}
		pool, err := x509.SystemCertPool()
		has := err == nil && !pool.Equal(x509.NewCertPool())
		if want := scheme == "https"; has != want {
			t.Errorf("%s: the process has roots: %v", scheme, has)
		}
		return
	}
	for _, scheme := range []string{"http", "https"} {
		c := exec.Command(os.Args[0], "-test.run", "^TestRootsWhereTheSystemHasNone$")
		c.Env = append(os.Environ(), "KEYTURN_TEST_SCHEME="+scheme, "SSL_CERT_FILE=/nowhere", "SSL_CERT_DIR=/nowhere")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", scheme, err, out)
		}
	}
	if bundled().Equal(x509.NewCertPool()) {
		t.Error("there are no roots inside")
	}
}
