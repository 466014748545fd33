package awscall

import (
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Time-outs of one HTTP exchange. Calls to KMS, DynamoDB and STS take
// milliseconds; a lease lasts 90 seconds, so that an exchange which hangs must
// be given up well before.
const (
	dialTimeout   = 5 * time.Second
	tlsTimeout    = 5 * time.Second
	headerTimeout = 10 * time.Second
	wholeTimeout  = 20 * time.Second
)

// newBuildableClient has our time-outs. It is of the one type of client that
// the SDK's configuration can give a custom CA bundle (AWS_CA_BUNDLE).
func newBuildableClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(wholeTimeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout = tlsTimeout
			t.ResponseHeaderTimeout = headerTimeout
		})
}

// twoLane sends a request that has Close set over a connection of its own, and
// every other over pooled ones. net/http's own Close is half of that: it does
// not leave the connection behind, but takes an idle one if there is one, and
// an idle connection may have been cut by then. In a lane of their own such
// requests find none.
type twoLane struct{ pooled, single aws.HTTPClient }

func newTwoLane(c *awshttp.BuildableClient) twoLane {
	single := c.WithTransportOptions(func(t *http.Transport) {
		// In HTTP/1 one request is one connection. Copying the SDK's transport
		// has made it offer HTTP/2 in the handshake, which has to be undone.
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		if t.TLSClientConfig != nil {
			t.TLSClientConfig.NextProtos = nil
		}
	})
	return twoLane{pooled: c, single: single}
}

// Do sends a request.
func (l twoLane) Do(r *http.Request) (*http.Response, error) {
	if r.Close {
		return l.single.Do(r)
	}
	return l.pooled.Do(r)
}
