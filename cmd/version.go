package cmd

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/keyturn/keyturn/plan"

	"github.com/urfave/cli/v2"
)

func versionCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Description: exitHelp(plan.ExitDone, plan.ExitUsage),
		Flags:       []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			opts, err := commonOf(c)
			if err != nil {
				return err
			}
			return printVersion(env, opts.json())
		},
	}
}

// VersionDocument1 is "keyturn/version/1".
type VersionDocument1 struct {
	Format   string `json:"format"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func printVersion(env *Env, json bool) error {
	d := VersionDocument1{Format: "keyturn/version/1", Version: cmp.Or(env.Version, "dev"),
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				d.Revision = s.Value
			}
		}
		if d.Version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
			d.Version = info.Main.Version // go install module@version
		}
	}
	if json {
		newConsole(env, true, false, same{}).document(d)
		return nil
	}
	fmt.Fprintf(env.Stdout, "keyturn %s (%s, %s)\n", d.Version, d.Go, d.Platform) //nolint:errcheck // a closed pipe is the reader's wish
	return nil
}
