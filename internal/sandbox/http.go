package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// maxBody is the longest request that is read, more than any operation here
// allows.
const maxBody = 16 << 20

// ServeHTTP answers AWS requests on any path, and the sandbox's own below
// /_sandbox/, of clients of this machine alone: see stranger. An answer that a
// fault loses breaks the connection.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.date()) // net/http would give the host's
	if why := stranger(r); why != "" {
		s.refuseStranger(w, r, why)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	out, err := s.call(r.Context(), r.Method, r.Header, body)
	if err != nil || out.lost {
		panic(http.ErrAbortHandler) // net/http's way to break a connection
	}
	for name, values := range out.header {
		w.Header()[name] = values
	}
	w.Header().Set("Date", s.date())
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // a client that went away is not our concern
}

// date returns the Date header, which clients take as AWS's time.
func (s *Sandbox) date() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now().Format(http.TimeFormat)
}

// RoundTripper serves requests in the process: no sockets, no goroutines, so
// that it works inside testing/synctest and on a machine without a network.
// Hosts and schemes are ignored.
//
// Each RoundTrip is one arrival of one request at AWS, and complete when it
// returns. A test that wants a request to be late, to come twice, or to wait
// for another wraps the RoundTripper and forwards when and as often as it
// likes; there is no hook inside the sandbox for that.
func (s *Sandbox) RoundTripper() http.RoundTripper { return roundTripper{s} }

type roundTripper struct{ sandbox *Sandbox }

// RoundTrip answers as a server would. A lost answer is an error that looks
// like a reset connection; an ended context is the context's error.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		_ = r.Body.Close() // RoundTrip must; it has been read
		if err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
		if len(body) > maxBody {
			return nil, fmt.Errorf("request is longer than %d bytes", maxBody)
		}
	}
	out, err := t.sandbox.call(r.Context(), r.Method, r.Header, body)
	if err != nil {
		return nil, err
	}
	if out.lost {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	out.header.Set("Date", t.sandbox.date())
	out.header.Set("Content-Length", strconv.Itoa(len(out.body)))
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", out.status, http.StatusText(out.status)),
		StatusCode: out.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        out.header,
		Body:          io.NopCloser(bytes.NewReader(out.body)),
		ContentLength: int64(len(out.body)),
		Request:       r,
	}, nil
}
