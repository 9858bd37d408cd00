//go:build crash

package takedown

import (
	"os"
	"syscall"
)

// point kills the process at the moment that the test names in the environment. It is in no binary but that of the crash
// tests, which is built with the tag "crash".
func point(name string) {
	if os.Getenv("DAYMARK_DIE_AT") == name {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
