package survey

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// AWS is where the keys and the records of a plan are, for one command.
type AWS struct {
	Plan    *planfile.Plan
	options Options
	// home is of the plan's Region, where the tables are.
	home *awscall.Conn
	// connecting guards regions.
	connecting sync.Mutex
	regions    map[string]*awscall.Conn
	// Looks counts the keys that are looked at.
	Looks Looks
	// begun is set where something was done that an error does not take back.
	begun bool

	// asking has one ask at a time who the caller is; nil until it is known.
	asking sync.Mutex
	caller atomic.Pointer[plan.Caller]
}

// Options say how a command reaches AWS.
type Options struct {
	// Version is keyturn's, and Run the id of the run, for the User-Agent.
	Version, Run string
	// Role is that of `keyturn init --iam` that the command belongs to.
	Role string
	// Policies holds the key policies read from files, by their path in the plan.
	Policies map[string]string
	// Transport, if given, answers in AWS's place.
	Transport http.RoundTripper
	// Host is where a run waits for its turn to change KMS, and before it repeats a
	// write; nil is this machine.
	Host Host
}

// Host is the machine that a command waits on.
type Host = kms.Host

// Connect makes the clients for a plan. Nothing has been asked of AWS then.
func Connect(ctx context.Context, p *planfile.Plan, o Options) (*AWS, error) {
	a := &AWS{Plan: p, options: o, regions: map[string]*awscall.Conn{}}
	var err error
	a.home, err = a.region(ctx, p.Region)
	return a, err
}

// region returns the clients of a Region. The table's Region is the plan's; a
// key may live in another.
func (a *AWS) region(ctx context.Context, name string) (*awscall.Conn, error) {
	a.connecting.Lock()
	defer a.connecting.Unlock()
	if conn := a.regions[name]; conn != nil {
		return conn, nil
	}
	conn, err := awscall.Connect(ctx, awscall.Options{Region: name, Version: a.options.Version,
		RunID: a.options.Run, Transport: a.options.Transport})
	if err != nil {
		return nil, err
	}
	a.regions[name] = conn
	return conn, nil
}

// KMS returns a client for a Region.
func (a *AWS) KMS(ctx context.Context, region string) (*kms.Client, error) {
	conn, err := a.region(ctx, region)
	if err != nil {
		return nil, err
	}
	if a.options.Host == nil {
		return kms.New(conn.KMS), nil
	}
	return kms.NewOn(a.options.Host, conn.KMS), nil
}

// Now returns AWS's time, as far as its answers have told it.
func (a *AWS) Now() time.Time { return a.home.Clock.Now() }

// Skew returns how far this host's clock is ahead of AWS's.
func (a *AWS) Skew() time.Duration { return a.home.Clock.Skew() }

// Caller returns who the credentials belong to. It is asked once for all that a command
// does; an answer that did not come is asked for again.
func (a *AWS) Caller(ctx context.Context) (plan.Caller, error) {
	a.asking.Lock()
	defer a.asking.Unlock()
	if a.caller.Load() == nil {
		known, err := a.home.Caller(ctx)
		if err != nil {
			return plan.Caller{}, err
		}
		a.caller.Store(&known)
	}
	return *a.caller.Load(), nil
}

// Publish publishes a message to a topic of SNS, in the topic's Region.
func (a *AWS) Publish(ctx context.Context, topic, message string, attributes map[string]string) error {
	parts := strings.Split(topic, ":")
	if len(parts) != 6 {
		return fmt.Errorf("%s is not the ARN of a topic", topic)
	}
	conn, err := a.region(ctx, parts[3])
	if err != nil {
		return err
	}
	return conn.Publish(ctx, topic, message, attributes)
}

// Account returns the account of the credentials; "" until AWS has said whose they are. It
// does not wait for that.
func (a *AWS) Account() string {
	if known := a.caller.Load(); known != nil {
		return known.Account
	}
	return ""
}

// Table returns a lock table, which is checked once, by whichever of several runners
// comes first.
func (a *AWS) Table(name string) *Table { return &Table{Table: a.newTable(name)} }

// table returns a lock table that is only read: its events are kept as they are stored.
func (a *AWS) table(name string) *ddblock.Table { return a.newTable(name).Stored() }

func (a *AWS) newTable(name string) *ddblock.Table {
	if a.options.Host == nil {
		return ddblock.New(a.home.DynamoDB, name)
	}
	return ddblock.NewOn(a.options.Host, a.home.DynamoDB, name)
}

// Table is a lock table with one verdict on it.
type Table struct {
	*ddblock.Table
	mu    sync.Mutex
	known *plan.TableSeen
}

// Check returns the verdict on the table.
func (t *Table) Check(ctx context.Context) (plan.TableSeen, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		known, err := t.Table.Check(ctx)
		if err != nil {
			return plan.TableSeen{}, err
		}
		t.known = &known
	}
	return *t.known, nil
}
