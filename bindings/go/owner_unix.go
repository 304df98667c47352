//go:build unix

package coordinator

import (
	"os"
	"syscall"
)

func isOurs(about os.FileInfo) bool {
	status, ok := about.Sys().(*syscall.Stat_t)
	return ok && int(status.Uid) == os.Geteuid()
}
