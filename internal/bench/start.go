package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// most is how much longer the packages of keyturn may take to initialise.
const startMost = 1.5

// start measures how long the packages of the programs take to initialise.
func start(out io.Writer, p programs, times int) error {
	trace := []string{"GODEBUG=inittrace=1"}
	var ours, plain []initial
	for range times {
		for _, of := range []struct {
			name string
			to   *[]initial
			args []string
		}{{p.keyturn, &ours, []string{"version"}}, {p.plain, &plain, []string{region, table, "/dev/null"}}} {
			c, err := measure(trace, of.name, of.args...)
			if err != nil {
				return err
			}
			*of.to = append(*of.to, initOf(c.stderr))
		}
	}
	ratio := func(of func(initial) float64) float64 {
		all := make([]float64, len(ours))
		for i := range ours {
			all[i] = of(ours[i]) / of(plain[i])
		}
		return median(all)
	}
	fmt.Fprint(out, "| | keyturn over plain | goal |\n|---|---:|---:|\n")
	time := took(ours) / took(plain)
	fmt.Fprintf(out, "| time | %.2f | %s |\n", time, met(time, startMost))
	fmt.Fprintf(out, "| memory | %.2f | |\n", ratio(func(i initial) float64 { return i.bytes }))
	fmt.Fprintf(out, "| allocations | %.2f | |\n", ratio(func(i initial) float64 { return i.allocs }))
	return nil
}

// initial is what the initialisation of all packages of a program took; ms is by package.
type initial struct {
	ms            map[string]float64
	bytes, allocs float64
}

// took returns how long a program's packages took: the sum of each one's median. It is time by
// the clock, and a process that is interrupted counts that with the package it was at.
func took(runs []initial) (ms float64) {
	packages := map[string][]float64{}
	for _, run := range runs {
		for name, t := range run.ms {
			packages[name] = append(packages[name], t)
		}
	}
	for _, times := range packages {
		ms += median(times)
	}
	return ms
}

// initOf adds up the lines of GODEBUG=inittrace=1:
//
//	init net/http @2.5 ms, 0.01 ms clock, 16344 bytes, 66 allocs
//
// https://pkg.go.dev/runtime#hdr-Environment_Variables
func initOf(stderr string) initial {
	all := initial{ms: map[string]float64{}}
	for line := range strings.Lines(stderr) {
		f := strings.Fields(line)
		if len(f) != 11 || f[0] != "init" {
			continue
		}
		all.ms[f[1]], _ = strconv.ParseFloat(f[4], 64)
		for at, to := range map[int]*float64{7: &all.bytes, 9: &all.allocs} {
			n, _ := strconv.ParseFloat(f[at], 64)
			*to += n
		}
	}
	return all
}
