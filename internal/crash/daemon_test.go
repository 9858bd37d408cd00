package crash

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"daymark/internal/postgres/private"
	"daymark/internal/sandbox/mischief"
)

// fakePostgres makes a folder of programs that say they are PostgreSQL 14.
func fakePostgres(t *testing.T) string {
	t.Helper()
	bin := folder(t)
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) 14.11'\n"), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	return bin
}

func file(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(folder(t), "file")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

const goodKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func TestWhatKeepsTheDaemonFromStartingIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		data string // a new folder when empty
		env  string
		args []string
		code int
		says []string
	}{
		{name: "a file in place of the data folder", data: file(t, "x", 0o600), code: 1, says: []string{"The data folder", "cannot be written"}},
		{name: "a data folder that cannot be made", data: "/proc/daymark", code: 1, says: []string{"/proc/daymark cannot be written"}},
		{name: "a data folder with a name that is too long", data: "/tmp/" + strings.Repeat("x", 300), code: 1, says: []string{"cannot be written"}},
		{name: "no server at the database URL", env: "DATABASE_URL=postgres://daymark:hunter2@127.0.0.1:1/daymark", code: 3, says: []string{"The database at 127.0.0.1:1 does not answer"}},
		{name: "a database URL that is none", env: "DATABASE_URL=postgres://daymark:hunter2%zz@127.0.0.1/daymark", code: 1, says: []string{"The database URL cannot be read", "percent-encoded"}},
		{name: "a PostgreSQL that is too old", env: "DAYMARK_PG_BIN=" + fakePostgres(t), code: 3, says: []string{"PostgreSQL 14.11", "too old", "15 or later"}},
		{name: "no PostgreSQL where it is said to be", env: "DAYMARK_PG_BIN=" + folder(t), code: 3, says: []string{"DAYMARK_PG_BIN", "no PostgreSQL"}},
		{name: "a key that is none", env: "DAYMARK_KEY=hunter2", code: 1, says: []string{"The key is not 32 bytes in base64"}},
		{name: "a key file that is not there", env: "DAYMARK_KEY_FILE=/nowhere/key", code: 1, says: []string{"/nowhere/key cannot be read"}},
		{name: "a key file with something else in it", env: "DAYMARK_KEY_FILE=" + file(t, "hunter2", 0o600), code: 1, says: []string{"does not hold 32 bytes in base64"}},
		{name: "a key file that everybody can read", env: "DAYMARK_KEY_FILE=" + file(t, goodKey, 0o644), code: 1, says: []string{"mode 0644", "chmod 600"}},
		{name: "a port that is in use", args: []string{"--addr", taken(t)}, code: 1, says: []string{"cannot listen on 127.0.0.1:", "DAYMARK_ADDR"}},
		{name: "an address that is none", args: []string{"--addr", "nonsense"}, code: 1, says: []string{"nonsense", "DAYMARK_ADDR"}},
		{name: "a proxy that is no range", args: []string{"--trusted-proxies", "everybody"}, code: 1, says: []string{`"everybody" is no address or range of addresses`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := tt.data
			if data == "" {
				data = filepath.Join(folder(t), "data")
				if tt.env == "" || strings.Contains(tt.env, "_KEY") {
					copyTemplate(t, data) // these come as far as the database
				}
			}
			d := start(t, program(t, programs.shipped), data, environment(tt.env), append([]string{"serve"}, tt.args...)...)
			code, said := d.wait(patience), d.out.String()
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if lines := strings.Split(strings.TrimSpace(said), "\n"); len(lines) != 1 || !strings.HasPrefix(said, "daymark: ") {
				t.Errorf("this is not one sentence:\n%s", said)
			}
			for _, words := range tt.says {
				if !strings.Contains(said, words) {
					t.Errorf("%q does not say %q", said, words)
				}
			}
			if strings.Contains(said, "hunter2") {
				t.Errorf("a secret is in %q", said)
			}
			noTrace(t, said)
			noServer(t, data)
		})
	}
}

// noServer checks that no database runs in a data folder.
func noServer(t *testing.T, data string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(data, "postgres")); err != nil {
		return // there was never one
	}
	if _, err := private.Join(t.Context(), data); err == nil {
		t.Errorf("the database in %s still runs", data)
	}
}

func TestTwoDaemonsDoNotShareADataFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(folder(t), "data")
	copyTemplate(t, data)
	shipped := program(t, programs.shipped)
	first := serve(t, shipped, data)
	code, _, said := command(t, shipped, data, environment(), "serve")
	if code != 1 || !strings.Contains(said, "Another daemon (process ") || !strings.Contains(said, data) {
		t.Errorf("the second: exit code %d\n%s", code, said)
	}
	if code, _, said := command(t, shipped, data, environment(), "ready", "--addr", first.addr); code != 0 || said != "" {
		t.Errorf("the first is ready no more: exit code %d\n%s", code, said)
	}
}

func TestADaemonStopsWhenAskedAndSaysWhetherItIsReady(t *testing.T) {
	t.Parallel()
	shipped := program(t, programs.shipped)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(folder(t), "data")
			copyTemplate(t, data)
			d := serve(t, shipped, data)
			if code, out, said := command(t, shipped, data, environment(), "ready", "--addr", d.addr); code != 0 || out+said != "" {
				t.Errorf("ready, while it runs: exit code %d\n%s%s", code, out, said)
			}
			asked := time.Now()
			if code := d.stop(signal); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if took := time.Since(asked); took > 2*time.Second {
				t.Errorf("it took %s to stop", took)
			}
			if code, _, said := command(t, shipped, data, environment(), "ready", "--addr", d.addr); code != 3 || !strings.Contains(said, "No daemon answers on "+d.addr) {
				t.Errorf("ready, after it stopped: exit code %d\n%s", code, said)
			}
			noTrace(t, d.out.String())
			noServer(t, data)
		})
	}
}

func TestADaemonThatIsStoppedWhileItStartsLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	data := filepath.Join(folder(t), "data")
	shipped := program(t, programs.shipped)
	d := start(t, shipped, data, environment(), "serve")
	poll(t, "the cluster to be on its way", func() bool {
		begun, _ := filepath.Glob(filepath.Join(data, "postgres", "*")) // the pattern is well formed
		return len(begun) > 0
	})
	code, said := d.stop(os.Interrupt), ""
	if said = d.out.String(); code != 1 || said != "daymark: stopped\n" {
		t.Errorf("exit code %d\n%s", code, said)
	}
	noServer(t, data)
	if code := serve(t, shipped, data).stop(os.Interrupt); code != 0 {
		t.Errorf("the next start: exit code %d", code)
	}
}

func TestTheLogHoldsNoSecretAndNoWordOfAPost(t *testing.T) {
	t.Parallel()
	texts := []string{randomText(), randomText(), randomText()}
	s, _ := prepared(t, texts...)
	for _, kind := range []mischief.Kind{mischief.CommitThenDrop, mischief.Reject500} {
		if err := s.sandbox.Faults().Add(mischief.Fault{Kind: kind, Endpoint: "POST /api/v1/statuses"}); err != nil {
			t.Fatal(err)
		}
	}
	d := serve(t, program(t, programs.shipped), s.data, "DAYMARK_LOG_LEVEL=DEBUG", "DAYMARK_LOG_FORMAT=json")
	s.once(texts, s.published(s.db()))
	logIn(t, "http://"+d.addr)
	key, err := os.ReadFile(filepath.Join(s.data, "key"))
	if err != nil {
		t.Fatal(err)
	}
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
	said := d.out.String()
	for _, secret := range append([]string{s.sandbox.Token("hope", "read", "write"), password, strings.TrimSpace(string(key)), "Nobody is for sale"}, texts...) {
		if strings.Contains(said, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(said, "delivery not confirmed") || !strings.Contains(said, "delivery published") {
		t.Errorf("the log does not tell of the deliveries:\n%s", said)
	}
	noTrace(t, said)
}
