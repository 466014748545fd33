package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// sandboxAddress is where `keyturn sandbox` serves unless told otherwise.
const sandboxAddress = "127.0.0.1:4599"

func sandboxCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name:      "sandbox",
		Usage:     "serve the AWS inside this program, or run a command on it",
		ArgsUsage: "[-- CMD…]",
		Description: "Serves KMS, DynamoDB and STS on loopback, over their real protocols, for any SDK\n" +
			"and for the aws CLI. With a command it runs that with the environment set, and ends\n" +
			"with its exit code:\n\n" +
			"  keyturn sandbox -- aws kms create-key\n\n" +
			"Without one it serves until it is stopped. Once it answers it prints the environment:\n" +
			"keyturn sandbox > env, and then . ./env in another shell.\n\n" +
			"It answers clients of this machine that call it localhost, 127.0.0.1 or [::1],\n" +
			"with its port. A web page, a DNS name and a forwarded port are turned away (403);\n" +
			"a container reaches it in the host's network (--network host).\n\n" +
			"It starts empty; without --state it forgets everything when it ends.\n\n" +
			"--cloudtrail writes a log file in CloudTrail's own form, for keyturn audit. With a\n" +
			"state file every later --sandbox on that file adds to it.\n\n" +
			"--advance puts the clock of a state file forward: that of --sandbox, unless\n" +
			"--state names another. A sandbox that serves the file sees it at once.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitUsage),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "loopback `ADDRESS` to serve on; port 0 takes a free one " +
				"(default: " + sandboxAddress + "; a free port with CMD)"},
			&cli.StringFlag{Name: "state", Usage: "keep the state in `FILE`, which processes may share"},
			&cli.StringFlag{Name: "journal", Usage: "write every call to `FILE`, one JSON object a line"},
			&cli.StringFlag{Name: "cloudtrail", Usage: "write what CloudTrail would record of every call to " +
				"`FILE`; a " +
				"state file remembers it"},
			&cli.StringFlag{Name: "now", Usage: "the `TIME` that the clock shows at the start, as " +
				"2026-01-01T00:00:00Z; a state file's clock never goes back"},
			&cli.StringFlag{Name: "account", Usage: "the 12-digit account `ID` (default: " + sandbox.DefaultAccount +
				")"},
			&cli.StringFlag{Name: "region", Usage: "the `REGION` of the environment (default: " +
				sandbox.DefaultRegion + ")"},
			&cli.StringFlag{Name: "lag", Usage: "how far KMS's reads are behind, a `DURATION`: 2s"},
			&cli.StringFlag{Name: "latency", Usage: "`DURATION` added to every call"},
			&cli.BoolFlag{Name: "quotas", Usage: "KMS's requests per second are limited as in AWS"},
			&cli.StringFlag{Name: "advance", Usage: "move the clock of the state file forward by this `DURATION`, as " +
				"91d, and end"},
			sandboxStateFlag(),
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.IsSet("advance"):
				return advance(env, c)
			case c.IsSet("sandbox-state"):
				return usage("--sandbox-state goes with --advance").
					try("keyturn", "sandbox", "--state", c.String("sandbox-state"))
			}
			return serve(env, c)
		},
	}
}

// advance moves the clock of a state file.
func advance(env *Env, c *cli.Context) error {
	d, err := sandbox.ParseDuration(c.String("advance"))
	if err != nil {
		return usage("--advance %v", err)
	}
	if c.Args().Present() {
		return usage("--advance takes no command").try("keyturn", "sandbox", "--advance", "31d")
	}
	for _, flag := range []string{"listen", "journal", "now", "account", "region", "lag", "latency", "quotas"} {
		if c.IsSet(flag) {
			return usage("--%s is of a sandbox that serves, and --advance serves nothing", flag).
				try("keyturn", "sandbox", "--advance", c.String("advance"))
		}
	}
	if c.IsSet("state") && c.IsSet("sandbox-state") {
		return usage("--state and --sandbox-state both name the state file").note("type one of them")
	}
	path := c.String("state")
	if path == "" {
		if path, err = sandboxState(c); err != nil {
			return err
		}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		words := []string{"keyturn", "run", "--sandbox"}
		if c.IsSet("state") { // --sandbox-state every hint repeats
			words = append(words, "--sandbox-state", path)
		}
		return usage("there is no sandbox yet: %s does not exist", path).hint(plan.Try(words...).Noted("makes one"))
	}
	box, err := sandbox.Open(path, sandbox.Options{TrailFile: c.String("cloudtrail")})
	if err != nil {
		return err
	}
	if err := box.Advance(d); err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, screen.Stamp(box.Now())) //nolint:errcheck // a closed pipe is the reader's wish
	return nil
}

// sandboxOptions returns what the flags say the embedded AWS is like.
func sandboxOptions(c *cli.Context) (sandbox.Options, error) {
	o := sandbox.Options{Account: c.String("account"), JournalFile: c.String("journal"),
		TrailFile: c.String("cloudtrail")}
	if now := c.String("now"); now != "" {
		t, err := time.Parse(time.RFC3339, now)
		if err != nil {
			return o, usage("--now %q is not a time", now).note("write --now 2026-01-01T00:00:00Z")
		}
		o.Start = t
	}
	if region := c.String("region"); region != "" && !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(region) {
		return o, usage("--region %q is not a Region", region) // it is printed for a shell to read
	}
	if o.Account != "" && !regexp.MustCompile(`^[0-9]{12}$`).MatchString(o.Account) {
		return o, usage("--account %q has not 12 digits", o.Account)
	}
	o.Switches.Quotas = c.Bool("quotas")
	for name, into := range map[string]*sandbox.Duration{"lag": &o.Switches.Lag, "latency": &o.Switches.Latency} {
		if text := c.String(name); text != "" {
			d, err := sandbox.ParseDuration(text)
			if err != nil {
				return o, usage("--%s %v", name, err)
			}
			*into = sandbox.Duration(d)
		}
	}
	return o, nil
}

// serve serves until the context ends, or until the command does.
func serve(env *Env, c *cli.Context) error {
	options, err := sandboxOptions(c)
	if err != nil {
		return err
	}
	open := func() (*sandbox.Sandbox, error) { return sandbox.New(options) }
	if path := c.String("state"); path != "" {
		open = func() (*sandbox.Sandbox, error) { return sandbox.Open(path, options) }
	}
	box, err := open()
	if err != nil {
		return err
	}
	command := c.Args().Slice()
	address := sandboxAddress
	if len(command) > 0 {
		address = "127.0.0.1:0"
	}
	listener, err := sandbox.Listen(cmp.Or(c.String("listen"), address))
	if err != nil {
		return err
	}
	if len(command) > 0 {
		return withServer(c.Context, box, listener, c.String("region"), command, env)
	}
	var b strings.Builder
	for _, v := range sandbox.Env(listener.Addr().String(), c.String("region")) {
		b.WriteString("export " + v + "\n")
	}
	for _, name := range sandbox.UnsetEnv() {
		b.WriteString("unset " + name + "\n")
	}
	if _, err := fmt.Fprint(env.Stdout, b.String()); err != nil {
		return errors.Join(fmt.Errorf("print the environment: %w", err), listener.Close())
	}
	return box.Serve(c.Context, listener)
}
