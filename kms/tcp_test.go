package kms_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// tcpKMS answers DescribeKey and UpdateAlias over real connections, which it
// can break.
type tcpKMS struct {
	net.Listener
	cutIdle   bool // breaks a connection after DescribeKey was answered on it
	cutUpdate bool // breaks a connection when UpdateAlias has arrived on it

	running     sync.WaitGroup
	mu          sync.Mutex
	connections []net.Conn
	arrived     []string // "1 DescribeKey": connection and operation
}

func newTCPKMS(t *testing.T) *tcpKMS {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &tcpKMS{Listener: l}
	t.Cleanup(k.stop)
	k.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			k.mu.Lock()
			k.connections = append(k.connections, c)
			n := len(k.connections)
			k.mu.Unlock()
			k.running.Go(func() { k.serve(c.(*net.TCPConn), n) })
		}
	})
	return k
}

// stop ends the server and every connection, idle ones of its clients too.
func (k *tcpKMS) stop() {
	_ = k.Close()
	k.mu.Lock()
	for _, c := range k.connections {
		_ = c.Close()
	}
	k.mu.Unlock()
	k.running.Wait()
}

func (k *tcpKMS) serve(c *net.TCPConn, n int) {
	defer func() { _ = c.Close() }()
	_ = c.SetLinger(0) // closing is a reset
	for reader := bufio.NewReader(c); ; {
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		k.mu.Lock()
		k.arrived = append(k.arrived, fmt.Sprintf("%d %s", n, operation))
		k.mu.Unlock()
		if operation == "UpdateAlias" && k.cutUpdate {
			return
		}
		body := ""
		if operation == "DescribeKey" {
			body = `{"KeyMetadata":{"KeyId":"1"}}`
		}
		_, err = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX-Amzn-RequestId: r-1\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s",
			time.Now().UTC().Format(http.TimeFormat), len(body), body)
		if err != nil || operation == "DescribeKey" && k.cutIdle {
			return
		}
	}
}

func (k *tcpKMS) log() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(k.arrived, ", ")
}

// ours returns the client that keyturn makes for a network.
func (k *tcpKMS) ours(t *testing.T) *awskms.Client {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": "http://" + k.Addr().String(), "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "not-a-secret",
		"AWS_CONFIG_FILE":       none, "AWS_SHARED_CREDENTIALS_FILE": none,
	} {
		t.Setenv(name, value)
	}
	conn, err := awscall.Connect(t.Context(), awscall.Options{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	return conn.KMS
}

// plain returns a client with net/http's own pool of connections.
func (k *tcpKMS) plain(t *testing.T) *awskms.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return awskms.New(awskms.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String("http://" + k.Addr().String()),
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "not-a-secret"}, nil
		}),
	})
}

// describeAndSend reads, so that a connection lies idle, and then sends a
// fenced request.
func describeAndSend(t *testing.T, api *awskms.Client) plan.Answer {
	t.Helper()
	c := kms.New(api)
	if _, err := c.Describe(t.Context(), alias); err != nil {
		t.Fatal(err)
	}
	signed, err := c.SignUpdateAlias(t.Context(), alias, "1")
	if err != nil {
		t.Fatal(err)
	}
	return c.Send(t.Context(), signed)
}

func TestAFencedRequestHasItsOwnConnection(t *testing.T) {
	k := newTCPKMS(t)
	if got := describeAndSend(t, k.ours(t)); got.Verdict != plan.Yes {
		t.Errorf("Send = %+v", got)
	}
	if got, want := k.log(), "1 DescribeKey, 2 UpdateAlias"; got != want {
		t.Errorf("arrived: %s, want %s", got, want)
	}
}

func TestAnIdleConnectionThatWasCutHarmsNoFencedRequest(t *testing.T) {
	for range 20 {
		k := newTCPKMS(t)
		k.cutIdle = true
		if got := describeAndSend(t, k.ours(t)); got.Verdict != plan.Yes {
			t.Fatalf("Send = %+v", got)
		}
		if got, want := k.log(), "1 DescribeKey, 2 UpdateAlias"; got != want {
			t.Fatalf("arrived: %s, want %s", got, want)
		}
	}
}

func TestAResetConnectionIsUnknownAndNotRepeated(t *testing.T) {
	for name, client := range map[string]func(*tcpKMS, *testing.T) *awskms.Client{
		"ours":  (*tcpKMS).ours,
		"plain": (*tcpKMS).plain,
	} {
		t.Run(name, func(t *testing.T) {
			k := newTCPKMS(t)
			k.cutUpdate = true
			if got := describeAndSend(t, client(k, t)); got.Verdict != plan.Unknown || got.Message == "" {
				t.Errorf("Send = %+v", got)
			}
			if got := strings.Count(k.log(), "UpdateAlias"); got != 1 {
				t.Errorf("arrived: %s", k.log())
			}
		})
	}
}
