package awscall

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/keyturn/keyturn/plan"
)

// Options are the options of [Connect].
type Options struct {
	// Region is the plan's. AWS_REGION and a profile's region do not count:
	// cron has no environment to rely on.
	Region string
	// Version of keyturn and id of the run, for the User-Agent, by which
	// CloudTrail tells one run from another.
	Version string
	RunID   string

	// Transport, if given, answers every request: the embedded AWS in the
	// process, or a test. Then neither the environment nor any profile or
	// metadata service is looked at. Nil is the network.
	Transport http.RoundTripper
	// AccessKeyID names the caller to the embedded AWS. Only with Transport.
	AccessKeyID string
	// Time, if given, replaces this process's own.
	Time Time
}

// Conn holds the clients of one run. All of them set one Clock.
type Conn struct {
	KMS      *awskms.Client
	DynamoDB *awsddb.Client
	STS      *sts.Client
	Clock    *Clock

	// cfg is what the clients were made of.
	cfg       aws.Config
	userAgent string
}

// Connect makes the clients from what the SDK finds in AWS_* variables, profiles
// and on the instance, and checks that there are credentials. It sends no request
// to KMS, DynamoDB or STS, except for the credentials of a role.
//
// Errors are *EndpointError, *MixedEndpointsError, *ProfileError and
// *CredentialsError, each with its Fault, and the SDK's errors about its files.
func Connect(ctx context.Context, o Options) (*Conn, error) {
	if o.Region == "" {
		return nil, errors.New("connect to AWS: no region")
	}
	clock := &Clock{}
	if o.Time != nil {
		clock.now = o.Time.Now
	}
	var cfg aws.Config
	var err error
	if o.Transport != nil {
		cfg = inProcess(o)
	} else if cfg, err = fromEnvironment(ctx, o); err != nil {
		return nil, err
	}
	cfg.HTTPClient = clock.Wrap(cfg.HTTPClient)
	// A signature has AWS's time only while the clients correct the host's; no
	// environment variable may turn that off.
	cfg.DisableClockSkewCorrection = false
	if cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = Attempts
	}
	// The SDK must log nothing: requests carry live signatures, and its warnings
	// would stand among the lines of --log json.
	cfg.ClientLogMode = 0
	cfg.Logger = logging.Nop{}
	cfg.APIOptions = append(cfg.APIOptions, userAgent(o)...)
	if o.Transport != nil {
		cfg.APIOptions = append(cfg.APIOptions, cutMessages)
	}

	conn := newConn(cfg, clock, o.Time)
	conn.cfg, conn.userAgent = cfg, agentOf(o)
	if o.Transport != nil {
		return conn, nil
	}
	if err := conn.checkEndpoints(); err != nil {
		return nil, err
	}
	if err := checkCredentials(ctx, cfg.Credentials); err != nil {
		return nil, err
	}
	return conn, nil
}

// Attempts is how often the SDK sends a request that may be repeated, unless
// AWS_MAX_ATTEMPTS says otherwise. The SDK's own default differs by service:
// v1.48 made it four for DynamoDB.
const Attempts = 3

// newConn makes the clients of a configuration.
func newConn(cfg aws.Config, clock *Clock, t Time) *Conn {
	if t == nil {
		return &Conn{KMS: awskms.NewFromConfig(cfg), DynamoDB: awsddb.NewFromConfig(cfg), STS: sts.NewFromConfig(cfg),
			Clock: clock}
	}
	k, keys := t.Keep(cfg)
	d, items := t.Keep(cfg)
	w, who := t.Keep(cfg)
	return &Conn{
		KMS:      awskms.NewFromConfig(k, func(o *awskms.Options) { o.HTTPSignerV4 = keys }),
		DynamoDB: awsddb.NewFromConfig(d, func(o *awsddb.Options) { o.HTTPSignerV4 = items }),
		STS:      sts.NewFromConfig(w, func(o *sts.Options) { o.HTTPSignerV4 = who }),
		Clock:    clock,
	}
}

// inProcess returns a configuration with the transport and nothing else. Its
// endpoint resolves nowhere, in case a client loses the transport.
func inProcess(o Options) aws.Config {
	id := o.AccessKeyID
	if id == "" {
		id = "SANDBOX"
	}
	return aws.Config{
		Region:       o.Region,
		BaseEndpoint: aws.String("http://sandbox.invalid"),
		Credentials:  credentials.NewStaticCredentialsProvider(id, "not-a-secret", ""),
		// Nobody else calls it: clients repeat soon, and without jitter.
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
					return 10 * time.Millisecond << attempt, nil
				})
			})
		},
		HTTPClient: &http.Client{
			Transport: o.Transport,
			// Like the SDK's own client: a signed request must not go to other hosts.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// fromEnvironment returns the configuration of the SDK's default chain.
func fromEnvironment(ctx context.Context, o Options) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(o.Region),
		config.WithHTTPClient(newBuildableClient()),
		// for the clients it makes inside, of the metadata service and of STS
		config.WithLogger(logging.Nop{}),
		config.WithAPIOptions([]func(*middleware.Stack) error{cutMessages}), // for those, too
	)
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return aws.Config{}, &ProfileError{Profile: missing.Profile, Err: err}
	}
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", shown(err))
	}
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: the SDK made a %T of the HTTP client",
			cfg.HTTPClient)
	}
	cfg.HTTPClient = newTwoLane(client)
	return cfg, nil
}

// userAgent returns options that put the version and the run id into the
// User-Agent:
// "keyturn/1.2.3 run/abcd1234".
func userAgent(o Options) []func(*middleware.Stack) error {
	var add []func(*middleware.Stack) error
	if o.Version == "" {
		add = append(add, awsmiddleware.AddUserAgentKey("keyturn"))
	} else {
		add = append(add, awsmiddleware.AddUserAgentKeyValue("keyturn", o.Version))
	}
	if o.RunID != "" {
		add = append(add, awsmiddleware.AddUserAgentKeyValue("run", o.RunID))
	}
	return add
}

// agentOf is the same for a client that is not the SDK's.
func agentOf(o Options) string {
	agent := "keyturn"
	if o.Version != "" {
		agent += "/" + o.Version
	}
	if o.RunID != "" {
		agent += " run/" + o.RunID
	}
	return agent
}

// Caller asks AWS whose credentials they are.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (c *Conn) Caller(ctx context.Context) (plan.Caller, error) {
	out, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return plan.Caller{}, fmt.Errorf("ask who the caller is: %w", Wrap(err))
	}
	return plan.Caller{ARN: aws.ToString(out.Arn), Account: aws.ToString(out.Account)}, nil
}
