//go:build !linux

package private

import (
	"syscall"

	"daymark/internal/postgres/private/place"
)

// attributes let the server run as its account in a process group of its own. Without Linux nothing tells it of our death:
// the next start finds it running and takes it over.
func attributes(who place.Account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.Credential(), Setpgid: true}
}
