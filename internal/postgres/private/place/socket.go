package place

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"daymark/internal/core/fault"
)

// maxSocketPath is the longest path of a unix socket on Linux without the closing zero (unix(7): sun_path[108]); macOS has 103.
const maxSocketPath = 103

// socketName is how PostgreSQL names its socket for the port we always use.
const socketName = ".s.PGSQL.5432"

// SocketDir returns the private folder of the server's socket: below the cluster where the path is short enough, otherwise
// in a folder for temporary files, remembered in the data folder. bases are the folders to try.
func SocketDir(dir, home string, who Account, bases []string) (string, error) {
	near := filepath.Join(home, "run")
	if fits(near) {
		if err := os.MkdirAll(near, 0o700); err != nil {
			return "", unwritable(err, dir)
		}
		if err := who.give(near); err != nil {
			return "", unwritable(err, dir)
		}
		return near, writeFile(filepath.Join(dir, socketFile), near+"\n")
	}
	if noted := NotedSocketDir(dir); noted != "" && fits(noted) && private(noted, who) {
		return noted, nil
	}
	for _, base := range bases {
		if !fits(filepath.Join(base, "daymark-0123456789")) {
			continue
		}
		made, err := os.MkdirTemp(base, "daymark-")
		if err != nil {
			continue
		}
		if err := who.give(made); err != nil {
			return "", unwritable(err, dir)
		}
		return made, writeFile(filepath.Join(dir, socketFile), made+"\n")
	}
	return "", fault.New(fault.Invalid, "The path of the data folder %s is too long for a database socket (%d bytes at most) and no short "+
		"folder for temporary files can be written; choose a shorter path", dir, maxSocketPath)
}

// SocketBases are the folders for temporary files to put a socket's folder in.
func SocketBases() []string { return []string{os.TempDir(), "/tmp", "/var/tmp"} }

func fits(dir string) bool { return len(filepath.Join(dir, socketName)) <= maxSocketPath }

// private reports whether a folder is the account's own and closed to others: in a shared folder for temporary files
// somebody else could have made one of the same name.
func private(dir string, who Account) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	uid := os.Geteuid()
	if who.Switched() {
		uid = who.uid
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == uid
}

// NotedSocketDir returns the socket folder that the data folder remembers.
func NotedSocketDir(dir string) string {
	noted, err := os.ReadFile(filepath.Join(dir, socketFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(noted))
}

// DSN returns the connection string for a role over the socket in a folder.
func DSN(socket, role, database string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(socket)
	return fmt.Sprintf("host='%s' port=5432 user=%s dbname=%s sslmode=disable", quoted, role, database)
}
