package private

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"daymark/internal/core/fault"
	"daymark/internal/postgres/private/place"
)

// settingsText is what a new cluster's postgresql.conf ends with. A person may change it there; what must not change is
// given on the command line, see [Cluster].
const settingsText = `
# Written by Daymark when it made this cluster. Change what you like; the socket is set by Daymark at each start.
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 60
shared_buffers = 32MB
min_wal_size = 32MB
max_wal_size = 256MB
synchronous_commit = on
jit = off
random_page_cost = 1.1
# A client that is gone must not leave a busy process behind: it would keep a killed server from starting again.
client_connection_check_interval = 2s
idle_in_transaction_session_timeout = 60s
log_line_prefix = '%m [%p] %q%u@%d '
`

// accessText is the whole pg_hba.conf: no network, and the socket's folder lets only its owner in.
const accessText = "# Written by Daymark. The socket is the only way in, and its folder is closed to other users.\nlocal all all trust\n"

// majorOf returns the major version that made a cluster; 0 when there is none yet.
func majorOf(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if os.IsNotExist(err) {
		if entries, err := os.ReadDir(data); err == nil && len(entries) > 0 {
			return 0, fault.New(fault.Invalid, "The folder %s is not a PostgreSQL cluster and not empty; move it away", data)
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fault.Wrap(fault.Invalid, err, "The cluster in %s names no version in PG_VERSION; restore it from a backup", data)
	}
	return major, nil
}

// initialise makes the cluster in a folder beside its place and then renames it, so that a killed start leaves nothing half
// made. The caller holds the start lock.
func initialise(ctx context.Context, in install, who place.Account, home string, sync bool) error {
	left, _ := filepath.Glob(filepath.Join(home, "init.*")) // the pattern is well formed
	for _, l := range left {
		if err := os.RemoveAll(l); err != nil { // of a start that was killed; never a cluster that was used
			return fmt.Errorf("remove what an interrupted start left: %w", err)
		}
	}
	temp := filepath.Join(home, "init."+strconv.Itoa(os.Getpid()))
	if err := runInitdb(ctx, in, who, temp, sync); err != nil {
		return err
	}
	conf, err := os.OpenFile(filepath.Join(temp, "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("configure the cluster: %w", err)
	}
	_, err = conf.WriteString(settingsText)
	if err2 := conf.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(temp, "pg_hba.conf"), []byte(accessText), 0o600) // keeps owner and mode of initdb's file
	}
	if err == nil {
		err = os.Rename(temp, filepath.Join(home, place.Data))
	}
	if err != nil {
		return fmt.Errorf("configure the cluster: %w", err)
	}
	return nil
}

// runInitdb tries the locales from the best on: text is UTF-8 always, sorting by code point is the same everywhere.
func runInitdb(ctx context.Context, in install, who place.Account, dir string, sync bool) error {
	for i, locale := range []string{"C.UTF-8", "en_US.UTF-8", "C"} {
		args := []string{"-D", dir, "-U", ownerRole, "--encoding=UTF8", "--locale=" + locale, "--data-checksums", "--auth=trust", "--no-instructions"}
		if !sync {
			args = append(args, "--no-sync")
		}
		cmd := exec.CommandContext(ctx, filepath.Join(in.bin, "initdb"), args...)
		cmd.Env = environment()
		cmd.Dir = filepath.Dir(dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.Credential(), Setpgid: true}
		out, err := cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		if rm := os.RemoveAll(dir); rm != nil {
			return fmt.Errorf("remove a failed initdb: %w", rm)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("make the database cluster: %w", ctx.Err())
		}
		if i == 2 || !strings.Contains(string(out), "locale") {
			return fault.Wrap(fault.Unavailable, fmt.Errorf("%w: %s", err, lastLines(string(out))), "PostgreSQL could not make a cluster in %s", filepath.Dir(dir))
		}
	}
	return nil
}

// environment is what PostgreSQL's programs get: none of our secrets, and no PGDATA or PGPORT that would mislead them.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// lastLines returns the end of a program's output, for an error.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
