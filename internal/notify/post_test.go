package notify

import (
	"crypto/x509"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// A first call to an address trusts the roots inside this program where the system has none,
// as in the image. The pool of the system is read once in a process, so this is one.
func TestPostWhereTheSystemHasNoRoots(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only there can the system's roots be taken away by the environment")
	}
	if os.Getenv("KEYTURN_TEST_POST") != "" {
		client, done := Client{}.client()
		defer done()
		if _, err := client.Get("https://127.0.0.1:1/"); err == nil { //nolint:bodyclose // nobody answers there
			t.Error("somebody answers")
		}
		if pool, err := x509.SystemCertPool(); err != nil || pool.Equal(x509.NewCertPool()) {
			t.Errorf("there are no roots: %v", err)
		}
		return
	}
	c := exec.Command(os.Args[0], "-test.run", "^TestPostWhereTheSystemHasNoRoots$")
	c.Env = append(os.Environ(), "KEYTURN_TEST_POST=1", "HTTPS_PROXY=", "SSL_CERT_FILE=/nowhere",
		"SSL_CERT_DIR=/nowhere")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
