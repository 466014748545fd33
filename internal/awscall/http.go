package awscall

import (
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/keyturn/keyturn/internal/roots"
)

// Time-outs of one HTTP exchange. Calls to KMS, DynamoDB and STS take
// milliseconds. An exchange that hangs must end before the lease does, of which at
// least plan.RenewUnder is left when it begins.
const (
	dialTimeout   = 5 * time.Second
	tlsTimeout    = 5 * time.Second
	headerTimeout = 10 * time.Second
	wholeTimeout  = 20 * time.Second
)

// newBuildableClient returns a client with these time-outs. It has the only type to
// which the SDK can add a custom CA bundle (AWS_CA_BUNDLE).
func newBuildableClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(wholeTimeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout = tlsTimeout
			t.ResponseHeaderTimeout = headerTimeout
		}, roots.For)
}

// twoLane sends a request that has Close set over a connection of its own, and
// every other request over pooled ones. Close alone is not enough: net/http then
// does not keep the connection, but still sends the request over an idle one if
// there is one, which may have been cut. A separate transport has no idle ones.
type twoLane struct{ pooled, single aws.HTTPClient }

func newTwoLane(c *awshttp.BuildableClient) twoLane {
	single := c.WithTransportOptions(func(t *http.Transport) {
		// HTTP/2 would share one connection among requests. The copy of the SDK's
		// transport offers it in the handshake, which is undone here.
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		if t.TLSClientConfig != nil {
			t.TLSClientConfig.NextProtos = nil
		}
	})
	return twoLane{pooled: c, single: single}
}

// Do sends a request.
//
// Of its body net/http sees Read and Close alone. smithy-go's has WriteTo, too, which
// returns io.EOF once the body is closed. net/http looks for more of the body after all of
// it was sent, takes that for a failed write and closes the connection, and an answer that
// is being read breaks off.
func (l twoLane) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		again := *r
		again.Body = struct{ io.ReadCloser }{r.Body}
		r = &again
	}
	if r.Close {
		return l.single.Do(r)
	}
	return l.pooled.Do(r)
}
