package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what one process used.
type cost struct {
	// cpu is user and system time.
	cpu time.Duration
	// memory is the peak of what it had in memory, in bytes.
	memory int64
	stderr string
}

// measure runs a program that has to be silent and end with 0.
func measure(env []string, name string, args ...string) (cost, error) {
	var out, wrong bytes.Buffer
	c := exec.Command(name, args...)
	c.Env = append(append(os.Environ(), "GITHUB_ACTIONS="), env...)
	c.Stdout, c.Stderr = &out, &wrong
	if err := c.Run(); err != nil {
		return cost{}, fmt.Errorf("%v: %w: %s%s", c.Args, err, out.String(), wrong.String())
	}
	used, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, fmt.Errorf("%v: this system does not tell what a process used", c.Args)
	}
	memory := int64(used.Maxrss)
	if runtime.GOOS == "linux" { // in kilobytes there
		memory *= 1024
	}
	return cost{c.ProcessState.UserTime() + c.ProcessState.SystemTime(), memory, wrong.String()}, nil
}

// pair holds what two programs used, run in turns.
type pair struct{ ours, plain []cost }

// pairs runs two programs in turns.
func pairs(times int, ours, plain func() (cost, error)) (p pair, err error) {
	for range times {
		a, err := ours()
		if err != nil {
			return p, err
		}
		b, err := plain()
		if err != nil {
			return p, err
		}
		p.ours, p.plain = append(p.ours, a), append(p.plain, b)
	}
	return p, nil
}

// ratio returns the median of what ours used over what the plain program used in the
// same turn.
func (p pair) ratio(of func(cost) float64) float64 {
	ratios := make([]float64, len(p.ours))
	for i := range p.ours {
		ratios[i] = of(p.ours[i]) / of(p.plain[i])
	}
	return median(ratios)
}

// middle returns the median of what one program used.
func middle(costs []cost, of func(cost) float64) float64 {
	all := make([]float64, len(costs))
	for i, c := range costs {
		all[i] = of(c)
	}
	return median(all)
}

func median[T cmp.Ordered](all []T) T {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

func cpuOf(c cost) float64    { return c.cpu.Seconds() }
func memoryOf(c cost) float64 { return float64(c.memory) }
