package cmd

import (
	"encoding/hex"
	"strings"
)

// traceOf returns the trace id of a TRACEPARENT; "" if it is none.
// https://www.w3.org/TR/trace-context/#traceparent-header: version, trace id, parent id
// and flags, in lower-case hex. Zeros are no id, ff is no version, and of a version
// above 00 more may follow.
func traceOf(parent string) string {
	parts := strings.SplitN(parent, "-", 5)
	if len(parts) < 4 || parts[0] == "ff" || parts[0] == "00" && len(parts) > 4 {
		return ""
	}
	for i, size := range []int{1, 16, 8, 1} {
		bytes, err := hex.DecodeString(parts[i])
		if err != nil || len(bytes) != size || parts[i] != strings.ToLower(parts[i]) {
			return ""
		}
		if zero := strings.Trim(parts[i], "0") == ""; zero && (i == 1 || i == 2) {
			return ""
		}
	}
	return parts[1]
}
