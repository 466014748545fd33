//go:build !unix

package rotate

import "os/exec"

// endWithChildren does nothing: only Unix has process groups that a signal reaches.
func endWithChildren(*exec.Cmd) {}
