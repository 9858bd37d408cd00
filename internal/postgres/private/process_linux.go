package private

import (
	"syscall"

	"daymark/internal/postgres/private/place"
)

// attributes let the server run as its account in a process group of its own, so that Ctrl-C in a terminal reaches us first,
// and make the kernel ask it to stop the moment we die, however we die. Go sets the death signal after it has changed the
// user, which would clear it.
func attributes(who place.Account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.Credential(), Setpgid: true, Pdeathsig: syscall.SIGINT}
}
