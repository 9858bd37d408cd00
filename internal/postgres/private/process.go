package private

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"daymark/internal/postgres/private/place"
)

// logName is the server's log beside its data; maxLog is the size from which a start begins a new one.
const (
	logName = "server.log"
	maxLog  = 4 << 20
)

// process is a server that we started.
type process struct {
	pid    int
	exited chan struct{} // closed when it has ended
	err    error         // how it ended; read after exited
}

// launch starts the server itself, not pg_ctl, which would put it out of our hands.
func launch(in install, who place.Account, home, socket string, settings []Setting) (*process, error) {
	logPath := filepath.Join(home, logName)
	if info, err := os.Stat(logPath); err == nil && info.Size() > maxLog {
		if err := os.Rename(logPath, logPath+".1"); err != nil {
			return nil, fmt.Errorf("begin a new server log: %w", err)
		}
	}
	log, err := os.OpenFile(logPath, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the server log: %w", err)
	}
	defer func() { _ = log.Close() }() // the child has its own
	args := []string{
		"-D", filepath.Join(home, place.Data), "-p", "5432",
		"-c", "listen_addresses=", "-c", "unix_socket_directories=" + quoteList(socket), "-c", "unix_socket_permissions=0700",
	}
	for _, s := range settings {
		args = append(args, "-c", s.Name+"="+s.Value)
	}
	p := &process{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The death signal comes when the thread that forked ends, not the process: this goroutine keeps its thread until
		// the server has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd := exec.Command(filepath.Join(in.bin, "postgres"), args...) //nolint:noctx // its end is ordered by Stop, never by a kill
		cmd.Env = environment()
		cmd.Dir = home
		cmd.Stdout, cmd.Stderr = log, log
		cmd.SysProcAttr = attributes(who)
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return p, nil
}

// gone reports whether the process has ended.
func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// quoteList writes a folder as one item of PostgreSQL's comma-separated lists.
func quoteList(dir string) string {
	quoted := []byte{'"'}
	for i := range len(dir) {
		if dir[i] == '"' {
			quoted = append(quoted, '"')
		}
		quoted = append(quoted, dir[i])
	}
	return string(append(quoted, '"'))
}

// logTail returns the end of the server's log, for an error.
func logTail(home string) string {
	text, err := os.ReadFile(filepath.Join(home, logName))
	if err != nil {
		return err.Error()
	}
	return lastLines(string(text[max(0, len(text)-2000):]))
}
