package wave

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// The time of one call, which is drawn: half of it on the way to AWS.
const (
	shortestCall = 20 * time.Millisecond
	longestCall  = 80 * time.Millisecond
)

// network is the way of one run to AWS.
type network struct {
	host  *host
	rand  *rand.Rand
	aws   http.RoundTripper
	count Count
	// killAt is the call at which the run is killed; 0 is none.
	killAt int
	calls  int
}

// RoundTrip takes a request to AWS and brings the answer.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.calls++
	took := shortestCall + time.Duration(n.rand.Int64N(int64(longestCall-shortestCall)))
	killed := n.calls == n.killAt
	if killed && n.rand.IntN(2) == 0 { // before the request leaves
		n.host.dead = true
	}
	n.host.live()
	n.host.clock.sleep(took / 2) // a request that has left arrives, whoever dies
	response, err := n.aws.RoundTrip(r)
	if err != nil {
		return nil, err
	}

	n.count.add(operationOf(r), response)
	if killed {
		n.host.dead = true
	}
	n.host.sleep(took - took/2)
	return response, nil
}
