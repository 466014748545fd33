// Package pty opens terminals, on Linux. Only tests import it.
package pty
