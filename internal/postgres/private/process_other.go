//go:build !linux

package private

import "syscall"

// attributes let the server run as its account in a process group of its own. Without Linux nothing tells it of our death:
// the next start finds it running and takes it over.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential(), Setpgid: true}
}
