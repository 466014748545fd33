package cmd

import (
	"strings"
	"testing"
	"time"
)

// A run that another one has overtaken says so. What it did itself does not stand, or
// stands for nothing: it neither began what is live, nor is that only "not due".
func TestBeaten(t *testing.T) {
	for _, held := range []string{"CreateKey", "CreateAlias", "UpdateAlias"} { // where it stands still
		t.Run(held, func(t *testing.T) {
			w := newCloud(t)
			stand := func() (goOn func() string) {
				came, open := w.gate.close(held)
				done := make(chan *process)
				go func() {
					p, _ := w.run("run")
					done <- p
				}()
				<-came
				if err := w.box.Advance(91 * time.Second); err != nil {
					t.Fatal(err)
				}
				return func() string {
					open()
					return (<-done).out.String()
				}
			}
			claims, takesOver := stand(), stand()
			w.must("run") // takes over again, and finishes
			if out := takesOver(); !strings.Contains(out, "  worked on v2, and another run finished it  ") {
				t.Errorf("the one that took over: %s", out)
			}
			if out := claims(); !strings.Contains(out, "  began v2, and another run finished it  ") {
				t.Errorf("the one that claimed: %s", out)
			}
		})
	}
}
