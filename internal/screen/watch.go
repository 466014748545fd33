package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// redraw puts the cursor into the corner and clears all below it. To clear
// first would flicker.
const (
	redraw    = "\x1b[H"
	clearRest = "\x1b[J"
)

// Redrawn returns a screen that is drawn over the one before.
func Redrawn(screen string) string { return redraw + lines(screen) + clearRest }

// StaleText says that a screen shows how it was at a moment, and why.
func StaleText(at time.Time, err error) string {
	return fmt.Sprintf("\nas of %s; since then: %s\n", Stamp(at), plan.Line(err.Error()))
}

// lines ends each line by clearing what stood behind it on the screen before.
func lines(text string) string { return strings.ReplaceAll(text, "\n", "\x1b[K\n") }
