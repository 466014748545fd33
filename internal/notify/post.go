package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/keyturn/keyturn/internal/roots"
)

// Client posts to addresses over HTTPS.
type Client struct {
	// Transport answers in place of the network, in tests; nil is the network.
	Transport http.RoundTripper
	// Release is that of keyturn, for the User-Agent.
	Release string
}

// Post posts a body, twice if the first one fails. It follows no redirect: a signed body is
// for the address that the plan names. Errors name the host alone, for the rest of an address
// may be a secret.
func (c Client) Post(ctx context.Context, address string, header http.Header, body string) error {
	to, err := url.Parse(address)
	if err != nil || to.Host == "" {
		return errors.New("the address is not one of HTTPS")
	}
	client, done := c.client()
	defer done()
	err = Twice(ctx, func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			return errors.New("the address is not one of HTTPS")
		}
		for name, values := range header {
			r.Header[name] = values
		}
		r.Header.Set("User-Agent", strings.TrimSuffix("keyturn/"+c.Release, "/"))
		return answered(client.Do(r))
	})
	if err != nil {
		return fmt.Errorf("%s: %w", to.Host, err)
	}
	return nil
}

// client returns a client with connections of its own, and what closes them.
func (c Client) client() (*http.Client, func()) {
	transport, done := c.Transport, func() {}
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // net/http says so
		roots.For(own)
		transport, done = own, own.CloseIdleConnections
	}
	return &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, done
}

// answered returns an error if there is no answer, or another one than 2xx.
func answered(r *http.Response, err error) error {
	if err != nil {
		if of, ok := errors.AsType[*url.Error](err); ok { // its text has the address
			err = of.Err
		}
		if of, ok := errors.AsType[*net.OpError](err); ok && of.Op == "dial" { // nothing was sent
			return err
		}
		return &UnclearError{err}
	}
	defer r.Body.Close()                                       //nolint:errcheck // it was only read
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 64<<10)) // so that the connection can be used again
	if r.StatusCode < 200 || r.StatusCode >= 300 {
		return fmt.Errorf("answered %d", r.StatusCode)
	}
	return nil
}
