// Command bench measures keyturn against a plain program, both as processes of their
// own, in turns, on one AWS: the two differ by what keyturn adds. It prints a table for
// docs/performance.md. scripts/bench.sh builds what it needs and runs it:
//
//	keyturn sandbox -- bench -keyturn FILE -plain FILE -seed FILE quiet|start
//	bench -keyturn FILE -before FILE rehearse
//
// It must stay small itself: on Linux the peak memory of a process counts what the
// process that started it had.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// programs are the files of what is run.
type programs struct{ keyturn, plain, seed, before string }

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	var p programs
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&p.keyturn, "keyturn", "", "the `FILE` of keyturn")
	flags.StringVar(&p.plain, "plain", "", "the `FILE` of internal/bench/plain")
	flags.StringVar(&p.seed, "seed", "", "the `FILE` of internal/bench/seed")
	flags.StringVar(&p.before, "before", "", "the `FILE` of an older keyturn")
	times := flags.Int("times", 11, "how often each program is run")
	sizes := flags.String("keys", "1,100,1000,10000,50000", "the `NUMBERS` of keys")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "quiet":
		var keys []int
		for word := range strings.SplitSeq(*sizes, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				return err
			}
			keys = append(keys, n)
		}
		return quiet(out, p, keys, *times)
	case "start":
		return start(out, p, *times)
	case "rehearse":
		return rehearse(out, p, *times)
	}
	return errors.New("usage: bench -keyturn FILE -plain FILE -seed FILE quiet|start|rehearse")
}
