package private

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"

	"daymark/internal/core/fault"
)

// oldest is the oldest major version of PostgreSQL that Daymark runs on.
const oldest = 15

// install is one installed PostgreSQL.
type install struct {
	bin     string // the folder with initdb and postgres
	major   int
	version string // as "15.18"
}

// binPatterns are the folders where distributions put the server's programs, which are often not on the PATH.
var binPatterns = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                   // the PostgreSQL project's packages for Red Hat and SUSE
	"/usr/libexec/postgresql*",                           // Alpine
	"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
	"/Library/PostgreSQL/*/bin",                          // EDB's installer
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
}

// find returns the PostgreSQL to use: for an existing data folder the one of its major version, otherwise the PATH's, then the
// newest in the usual folders. Where DAYMARK_PG_BIN names a folder, there is no other.
func find(ctx context.Context, major int) (install, error) {
	if bin := os.Getenv("DAYMARK_PG_BIN"); bin != "" {
		if _, err := inspect(ctx, bin); err != nil {
			return install{}, fault.Wrap(fault.Unavailable, err, "There is no PostgreSQL in %s, which DAYMARK_PG_BIN names; it needs initdb and postgres", bin)
		}
		return choose(ctx, []string{bin}, major)
	}
	return choose(ctx, candidates(), major)
}

func choose(ctx context.Context, folders []string, major int) (install, error) {
	var tooOld *install
	var others []string
	for _, bin := range folders {
		in, err := inspect(ctx, bin)
		switch {
		case err != nil:
			continue
		case in.major < oldest:
			tooOld = &in
		case major != 0 && in.major != major:
			others = append(others, in.version)
		default:
			return in, nil
		}
	}
	switch {
	case len(others) > 0:
		return install{}, fault.New(fault.Unavailable, "The data folder was made by PostgreSQL %d, but only %v is installed; "+
			"install PostgreSQL %d again (%s), or move the data with pg_upgrade", major, others, major, howToInstall(major))
	case tooOld != nil:
		return install{}, fault.New(fault.Unavailable, "PostgreSQL %s in %s is too old; Daymark needs %d or later: %s",
			tooOld.version, tooOld.bin, oldest, howToInstall(0))
	}
	return install{}, fault.New(fault.Unavailable, "PostgreSQL is not installed; install %d or later with: %s", oldest, howToInstall(0))
}

func candidates() []string {
	var out []string
	if bin := os.Getenv("PG_BIN"); bin != "" {
		out = append(out, bin)
	}
	// On the PATH there may be a link to postgres alone: its own folder has the rest.
	if p, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			p = real
		}
		out = append(out, filepath.Dir(p))
	}
	var usual []string
	for _, pattern := range binPatterns {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		usual = append(usual, found...)
	}
	slices.SortStableFunc(usual, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
	return append(out, usual...)
}

var digits = regexp.MustCompile(`[0-9]+`)

// numberIn returns the last number in a folder's name, which is the major version.
func numberIn(path string) int {
	all := digits.FindAllString(path, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1]) // digits; a huge one is no version
	return n
}

var versionLine = regexp.MustCompile(`\) (([0-9]+)[.0-9a-z]*)`)

func inspect(ctx context.Context, bin string) (install, error) {
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return install{}, fmt.Errorf("look for initdb: %w", err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return install{}, fmt.Errorf("ask postgres for its version: %w", err)
	}
	m := versionLine.FindStringSubmatch(string(out)) // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
	if m == nil {
		return install{}, fmt.Errorf("postgres in %s gives no version: %q", bin, out)
	}
	major, err := strconv.Atoi(m[2])
	if err != nil {
		return install{}, fmt.Errorf("postgres in %s gives no version: %w", bin, err)
	}
	return install{bin: bin, major: major, version: m[1]}, nil
}

// howToInstall returns the command that installs PostgreSQL here.
func howToInstall(major int) string {
	if runtime.GOOS == "darwin" {
		return fmt.Sprintf("brew install postgresql@%d", cmp.Or(major, 17))
	}
	for _, way := range []struct{ program, command, versioned string }{
		{"/usr/bin/apt-get", "sudo apt-get install postgresql", "sudo apt-get install postgresql-%d"},
		{"/usr/bin/dnf", "sudo dnf install postgresql-server", "sudo dnf install postgresql%d-server"},
		{"/sbin/apk", "apk add postgresql", "apk add postgresql%d"},
		{"/usr/bin/zypper", "sudo zypper install postgresql-server", "sudo zypper install postgresql%d-server"},
		{"/usr/bin/pacman", "sudo pacman -S postgresql", "sudo pacman -S postgresql"},
	} {
		if _, err := os.Stat(way.program); err != nil {
			continue
		}
		if major == 0 || way.command == way.versioned {
			return way.command
		}
		return fmt.Sprintf(way.versioned, major)
	}
	return "your system's package manager"
}
