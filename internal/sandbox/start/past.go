package start

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// past is an embedded AWS on a host whose clock shows another time.
type past struct {
	box *sandbox.Sandbox
	// now is the time of the host.
	now time.Time
}

func (w *past) connect(ctx context.Context, region string) (*awscall.Conn, error) {
	return awscall.Connect(ctx, awscall.Options{Region: region, Transport: w, Version: "first-start"})
}

// RoundTrip dates a request by the host's clock, as a client on that host would
// have. The SDK signs by this process's, and would find out only by being
// refused, with a pause of a second after each time. The sandbox reads the
// date of a signature, in the header and in the scope, and verifies nothing.
func (w *past) RoundTrip(r *http.Request) (*http.Response, error) {
	const date, day = "X-Amz-Date", len("20060102")
	signed, now := r.Header.Get(date), w.now.UTC().Format("20060102T150405Z")
	r = r.Clone(r.Context())
	r.Header.Set(date, now)
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "/"+signed[:day]+"/",
		"/"+now[:day]+"/", 1))
	return w.box.RoundTripper().RoundTrip(r)
}
