package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// A served sandbox takes any credentials, so whoever reaches it may do anything.
// It listens on loopback, but a browser on this machine reaches loopback for any
// web page, and under a DNS name that the page's owner points there the page may
// read the answers, too (DNS rebinding). What a page cannot choose is the Host,
// Origin and Sec-Fetch-Site that its browser sends. So only requests to a loopback
// name with the port of the socket are answered, and none of another site's.

// stranger returns why a request is not from a client of this machine; "" if it is.
func stranger(r *http.Request) string {
	port := ""
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		port = strconv.Itoa(local.Port)
	}
	if !isOwn(r.Host, port) {
		return fmt.Sprintf("Host %q is not the sandbox's own. It answers localhost, 127.0.0.1 and [::1]%s only; "+
			"a forwarded port, a proxy and a DNS name have another Host", r.Host, withPort(port))
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Scheme != "http" || !isOwn(u.Host, port) {
			return fmt.Sprintf("Origin %q is another site's: a web page has sent this", origin)
		}
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "none", "same-origin": // no browser, a person's own doing, the sandbox itself
	default:
		return fmt.Sprintf("Sec-Fetch-Site %q: a web page of another site has sent this", site)
	}
	return ""
}

// isOwn reports whether a host is a loopback name with a port. An address counts
// only as it is written in full: of 0.0.0.0, 127.1 or 2130706433 it is not clear what
// a client makes. Where the port is not known, any will do: there is no socket then.
func isOwn(host, port string) bool {
	name, given, err := net.SplitHostPort(host)
	if err != nil { // none is given: 80
		name, given = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), "80"
	}
	if port != "" && given != port {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Zone() == "" && ip.IsLoopback()
}

func withPort(port string) string {
	if port == "" {
		return ""
	}
	return " with port " + port
}

// refuseStranger answers a stranger: 403, in the words of the service it asked for.
func (s *Sandbox) refuseStranger(w http.ResponseWriter, r *http.Request, why string) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		complain(w, http.StatusForbidden, fmt.Errorf("%s", why))
		return
	}
	asked, _ := route(r.Method, r.Header, nil)
	refusal := wire.Errorf("ForeignHostException", "%s", why)
	refusal.Status = http.StatusForbidden
	status, body := asked.refuse(refusal, "")
	w.Header().Set("Content-Type", asked.contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away is not our concern
}
