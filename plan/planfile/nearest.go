package planfile

import (
	"strings"

	"github.com/xrash/smetrics"
)

// Nearest returns the known word that name is most likely a slip for, and whether
// there is one.
func Nearest(name string, known []string) (string, bool) {
	if len(name) > 64 {
		return "", false // no slip, and the distance costs the product of the lengths
	}
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }
	for _, k := range known {
		if len(name) >= 4 && strings.HasPrefix(fold(k), fold(name)) {
			return k, true
		}
	}
	best, distance := "", 1+len(name)/4
	for _, k := range known {
		if d := smetrics.WagnerFischer(fold(name), fold(k), 1, 1, 1); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	return best, best != ""
}
