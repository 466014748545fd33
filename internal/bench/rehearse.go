package main

import (
	"fmt"
	"io"
)

// rehearseLeast is how many times the simulated years a minute of an older keyturn there
// should be.
const rehearseLeast = 1.5

// rehearse measures how long a simulated year takes, by an older keyturn.
func rehearse(out io.Writer, p programs, times int) error {
	simulate := func(program string) func() (cost, error) {
		return func() (cost, error) {
			return measure(nil, program, "rehearse", "--plan", "testdata/plans/rehearse.yaml", "--pools", "3",
				"--years", "1", "--crash", "5%", "--seed", "42", "--from", "2026-11-27")
		}
	}
	got, err := pairs(times, simulate(p.before), simulate(p.keyturn))
	if err != nil {
		return err
	}
	ratio := got.ratio(cpuOf)
	verdict := "met"
	if ratio < rehearseLeast {
		verdict = "not met"
	}
	fmt.Fprint(out, "| | years by CPU time | goal |\n|---|---:|---:|\n")
	fmt.Fprintf(out, "| three keys, three pools, a year | %.2f | ≥ %.1f, %s |\n", ratio, rehearseLeast, verdict)
	return nil
}
