package place

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// PidFile is what PostgreSQL writes about its running server: postmaster.pid
// (https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/utils/pidfile.h).
type PidFile struct {
	PID   int
	shmid int // of the shared memory segment that every process of the server holds on to; -1 when not there yet
}

// ReadPidFile returns the pid file of a cluster and whether there is a whole one.
func ReadPidFile(data string) (PidFile, bool) {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return PidFile{}, false
	}
	lines := strings.Split(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return PidFile{}, false
	}
	p := PidFile{PID: pid, shmid: -1}
	if len(lines) > 6 {
		if f := strings.Fields(lines[6]); len(f) == 2 { // key and id
			if id, err := strconv.Atoi(f[1]); err == nil {
				p.shmid = id
			}
		}
	}
	return p, true
}

// Alive reports whether a process exists; one that has ended but was not waited for counts.
func Alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// Serves reports whether a process is the PostgreSQL server of a folder. known is false where the system does not tell,
// which is so without /proc.
func Serves(pid int, data string) (yes, known bool) {
	proc := "/proc/" + strconv.Itoa(pid)
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		return false, false
	}
	line, err := os.ReadFile(proc + "/cmdline")
	if err != nil {
		return false, true
	}
	// A process that has ended but was not waited for (a zombie) has an empty command line.
	args := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
	if name := filepath.Base(args[0]); name != "postgres" && name != "postmaster" {
		return false, true
	}
	if cwd, err := os.Readlink(proc + "/cwd"); err == nil { // the server works in its data folder
		return cwd == data, true
	}
	for i, a := range args {
		if a == "-D" && i+1 < len(args) {
			return args[i+1] == data, true
		}
	}
	return false, true
}

// attached returns how many processes hold on to a shared memory segment; zero when it is gone.
func attached(shmid int) int {
	f, err := os.Open("/proc/sysvipc/shm")
	if err != nil || shmid < 0 {
		return 0
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		// key shmid perms size cpid lpid nattch ... (proc_sysvipc(5))
		col := strings.Fields(s.Text())
		if len(col) > 6 && col[1] == strconv.Itoa(shmid) {
			n, _ := strconv.Atoi(col[6]) // the kernel writes numbers
			return n
		}
	}
	return 0
}

// ClearStale removes a pid file whose server is gone although its number lives: reused by another process of the same user,
// or ended and never waited for, as in a container without an init. PostgreSQL would refuse to start for ever. The caller
// holds the locks. It returns false while processes of the old server still use its memory.
func ClearStale(data string) (bool, error) {
	p, ok := ReadPidFile(data)
	if !ok {
		return true, nil
	}
	if attached(p.shmid) > 0 {
		return false, nil
	}
	if !Alive(p.PID) {
		return true, nil // PostgreSQL sees that by itself
	}
	yes, known := Serves(p.PID, data)
	if !known {
		return true, nil // PostgreSQL decides
	}
	if yes {
		return false, nil
	}
	if err := os.Remove(filepath.Join(data, "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return true, nil
}
