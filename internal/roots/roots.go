// Package roots holds the roots of TLS that this program trusts where the system has none, as
// in the image. It knows nothing of who is called.
package roots

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// ensure has TLS trust the roots inside this program where the system has none. They are
// read once a request needs them: most runs need none of them.
var ensure = sync.OnceFunc(func() {
	system, err := x509.SystemCertPool()
	if err == nil && !system.Equal(x509.NewCertPool()) {
		return
	}
	x509.SetFallbackRoots(bundled())
})

// bundled returns the roots inside this program.
func bundled() *x509.CertPool {
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // without it, what it has signed is not trusted
		}
		if root.Constraint == nil {
			pool.AddCert(cert)
		} else {
			pool.AddCertWithConstraint(cert, root.Constraint)
		}
	}
	return pool
}

// For has a transport ensure the roots before it connects. It does so where the transport
// asks for its proxy, which is before each request.
func For(t *http.Transport) {
	proxy := t.Proxy
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme == "https" {
			ensure()
		}
		if proxy == nil {
			return nil, nil
		}
		return proxy(r)
	}
}
