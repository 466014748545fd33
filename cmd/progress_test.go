package cmd

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Commands that take longer than a second show a person how far they are; not if the result is
// for a program.
func TestProgressOfCommands(t *testing.T) {
	for line, operation := range map[string]string{"run": "CreateKey", "audit": "DescribeKey", "status": "DescribeKey",
		"verify": "DescribeKey", "history": "Query", "history --verify": "ListResourceTags"} {
		for _, form := range []string{outputText, outputJSON} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				if line != "run" {
					c.run("run")
				}
				came, open := c.gate.close(operation)
				p, ended := newProcess(), make(chan int)
				p.StderrTTY = true
				go func() {
					_, exit := c.runIn(t.Context(), p, append(strings.Fields(line), "--output", form)...)
					ended <- exit
				}()
				<-came
				time.Sleep(3 * time.Second)
				open()
				<-ended
				if shown := strings.Contains(p.err.String(), "0 of 1 key finished, 1 in work, 0 waiting"); shown !=
					(form == outputText) {
					t.Errorf("%s --output %s: %q", line, form, p.err.String())
				}
			})
		}
	}
}
