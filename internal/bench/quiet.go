package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	region = "eu-west-1"
	table  = "keyturn"
	model  = "alias/model"
)

// goal is the most that keyturn may use, by how often what the plain program uses.
type goal struct{ cpu, memory float64 }

// goals are those of a run with nothing due, by the number of keys.
var goals = map[int]goal{1: {cpu: 1.4}, 10_000: {cpu: 1.8, memory: 3}}

// quiet measures runs that find nothing due.
func quiet(out io.Writer, p programs, sizes []int, times int) error {
	dir, err := os.MkdirTemp("", "keyturn-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a temporary one
	if err := makeModel(p, dir); err != nil {
		return err
	}
	fmt.Fprint(out, "| keys | CPU | goal | peak memory | goal | CPU a key | peak memory, keyturn | plain |\n"+
		"|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, n := range sizes {
		file, keys, err := makePlan(dir, n)
		if err != nil {
			return err
		}
		if _, err := measure(nil, p.seed, region, table, model, keys); err != nil {
			return err
		}
		turns := times
		if n > 10_000 {
			turns = max(3, times/3)
		}
		got, err := pairs(turns,
			func() (cost, error) { return measure(nil, p.keyturn, "run", "--plan", file) },
			func() (cost, error) { return measure(nil, p.plain, region, table, keys) })
		if err != nil {
			return err
		}
		cpu, memory, g := got.ratio(cpuOf), got.ratio(memoryOf), goals[n]
		fmt.Fprintf(out, "| %d | %.2f | %s | %.2f | %s | %.0f µs | %.0f MB | %.0f MB |\n", n, cpu, met(cpu, g.cpu),
			memory, met(memory, g.memory), middle(got.ours, cpuOf)/float64(n)*1e6, middle(got.ours, memoryOf)/1e6,
			middle(got.plain, memoryOf)/1e6)
	}
	return nil
}

// met says whether a goal is met; there is none if it is 0.
func met(got, most float64) string {
	switch {
	case most == 0:
		return ""
	case got > most:
		return fmt.Sprintf("≤ %.1f, not met", most)
	}
	return fmt.Sprintf("≤ %.1f, met", most)
}

// makeModel makes a key that was rotated once, whose record the others get.
func makeModel(p programs, dir string) error {
	file := filepath.Join(dir, "model.yaml")
	if err := os.WriteFile(file, []byte(planText(model)), 0o600); err != nil {
		return err
	}
	for _, command := range [][]string{
		{p.seed, region, table, model},
		{p.keyturn, "init", "--table", "--plan", file},
		{p.keyturn, "run", "--plan", file},
		{p.keyturn, "rotate", "--plan", file, "--reason", "measure", "--confirm", "model", "model"},
	} {
		if _, err := measure(nil, command[0], command[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// makePlan writes a plan of n keys, and a file with the partition keys of their records.
func makePlan(dir string, n int) (file, keys string, err error) {
	var aliases []string
	var names strings.Builder
	for i := range n {
		alias := fmt.Sprintf("alias/service-%05d", i)
		aliases = append(aliases, alias)
		fmt.Fprintf(&names, "%s/%s\n", region, alias)
	}
	file, keys = filepath.Join(dir, "keyturn.yaml"), filepath.Join(dir, "keys")
	if err := os.WriteFile(file, []byte(planText(aliases...)), 0o600); err != nil {
		return "", "", err
	}
	return file, keys, os.WriteFile(keys, []byte(names.String()), 0o600)
}

func planText(aliases ...string) string {
	return "region: " + region + "\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n  - alias: " +
		strings.Join(aliases, "\n  - alias: ") + "\n"
}
