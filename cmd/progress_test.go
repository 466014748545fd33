package cmd

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A run and an audit that take longer than a second show a person how far they are; not if
// the result is for a program.
func TestProgressOfCommands(t *testing.T) {
	for verb, operation := range map[string]string{"run": "CreateKey", "audit": "DescribeKey"} {
		for _, form := range []string{outputText, outputJSON} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				came, open := c.gate.close(operation)
				p, ended := newProcess(), make(chan int)
				p.StderrTTY = true
				go func() {
					_, exit := c.runIn(t.Context(), p, verb, "--output", form)
					ended <- exit
				}()
				<-came
				time.Sleep(3 * time.Second)
				open()
				<-ended
				if shown := strings.Contains(p.err.String(), "0 of 1 key finished, 1 in work, 0 waiting"); shown !=
					(form == outputText) {
					t.Errorf("%s --output %s: %q", verb, form, p.err.String())
				}
			})
		}
	}
}
