package awscall

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyturn/keyturn/plan"
)

// Endpoint is where a service is called.
type Endpoint struct {
	// Service is its name, "KMS".
	Service string
	// URL is "" for AWS's own endpoint.
	URL string
	// From is what set the URL, such as "AWS_ENDPOINT_URL_KMS".
	From string
}

// EndpointError means that an endpoint is not a URL that can be called.
type EndpointError struct{ Endpoint }

func (e *EndpointError) Error() string {
	return fmt.Sprintf("%s is %q, which is not a URL with a host (%s is called there)", e.From, ShownURL(e.URL),
		e.Service)
}

// Fault returns what an endpoint looks like.
func (e *EndpointError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeBadEndpoint, Exit: plan.ExitUsage,
		Hint: plan.Hint{Note: fmt.Sprintf("set %s to a URL like http://localhost:4566, or unset it", e.From)}}
}

// MixedEndpointsError means that some services are called on this machine or its
// network, and others at AWS. The record of a sandbox must never control real
// keys, nor the record of production a sandbox's.
type MixedEndpointsError struct {
	Local  []Endpoint
	Remote []Endpoint
}

func (e *MixedEndpointsError) Error() string {
	local, remote := e.Local[0], e.Remote[0]
	at := "at AWS"
	if remote.URL != "" {
		at = fmt.Sprintf("at %s (%s)", ShownURL(remote.URL), remote.From)
	}
	return fmt.Sprintf("%s is called at %s (%s), which is local, but %s %s", local.Service, ShownURL(local.URL),
		local.From, remote.Service, at)
}

// Fault returns the variables to set or unset.
func (e *MixedEndpointsError) Fault() plan.Fault {
	var set, unset []string
	for _, r := range e.Remote {
		set = append(set, variable(r.Service))
	}
	for _, l := range e.Local {
		unset = append(unset, l.From)
	}
	return plan.Fault{Code: plan.CodeMixedEndpoints, Exit: plan.ExitUsage,
		Hint: plan.Hint{Note: fmt.Sprintf("set %s to the local endpoint too, or unset %s", strings.Join(set, " and "),
			strings.Join(unset, " and "))}}
}

// checkEndpoints refuses endpoints that cannot be called, because the SDK would try
// for seconds, and local endpoints together with AWS's. A client's base endpoint
// is what the SDK made of variables and profiles; a client without one calls AWS.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (c *Conn) checkEndpoints() error {
	var mixed MixedEndpointsError
	for _, s := range c.bases() {
		e := Endpoint{Service: s.service}
		if s.base != nil && *s.base != "" {
			e.URL, e.From = *s.base, source(s.service)
			if !callable(e.URL) {
				return &EndpointError{e}
			}
		}
		mixed.add(e)
	}
	return mixed.refusal()
}

// base is the base endpoint of a service's client.
type base struct {
	service string
	base    *string
}

func (c *Conn) bases() []base {
	return []base{{"KMS", c.KMS.Options().BaseEndpoint}, {"DynamoDB", c.DynamoDB.Options().BaseEndpoint},
		{"STS", c.STS.Options().BaseEndpoint}}
}

// sameSide refuses one more endpoint that is local where those of the clients are not, or
// the other way round.
func (c *Conn) sameSide(more Endpoint) error {
	var mixed MixedEndpointsError
	for _, s := range c.bases() {
		e := Endpoint{Service: s.service, URL: aws.ToString(s.base)}
		if e.URL != "" {
			e.From = source(s.service)
		}
		mixed.add(e)
	}
	mixed.add(more)
	return mixed.refusal()
}

func (e *MixedEndpointsError) add(at Endpoint) {
	if isLocal(at.URL) {
		e.Local = append(e.Local, at)
	} else {
		e.Remote = append(e.Remote, at)
	}
}

// refusal returns the error if there are both.
func (e *MixedEndpointsError) refusal() error {
	if len(e.Local) == 0 || len(e.Remote) == 0 {
		return nil
	}
	return e
}

// callable reports whether an endpoint is a URL with a host.
func callable(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// variable returns the service's own variable.
func variable(service string) string { return "AWS_ENDPOINT_URL_" + strings.ToUpper(service) }

// source returns what set a service's endpoint, in the SDK's order of preference.
func source(service string) string {
	for _, name := range []string{variable(service), "AWS_ENDPOINT_URL"} {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return "endpoint_url in the AWS profile"
}

// isLocal reports whether an endpoint is an emulator's. AWS's endpoints and VPC
// endpoints use https and public names; an emulator has no TLS, or a local name or
// address.
func isLocal(endpoint string) bool {
	if endpoint == "" {
		return false
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return false // refused as no URL
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return u.Scheme == "http" || addr.IsLoopback() || addr.IsPrivate() ||
			addr.IsLinkLocalUnicast() || addr.IsUnspecified()
	}
	if u.Scheme == "http" || !strings.Contains(host, ".") {
		return true
	}
	for _, suffix := range []string{".localhost", ".local", ".docker.internal", ".localhost.localstack.cloud"} {
		if strings.HasSuffix("."+host, suffix) {
			return true
		}
	}
	return false
}
