package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"daymark/internal/flow/campaign"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// program returns the folder of the command that scripts run. It is built as it is shipped, without the race detector, with which its
// start alone takes longer than most of what it does. Tests that call Main have the race detector.
var program func() (string, error)

// TestMain takes away the settings of whoever runs the tests, builds the command when the first script asks for it, and removes it at the end.
func TestMain(m *testing.M) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "DAYMARK_") && !strings.HasPrefix(name, "DAYMARK_TEST_") || name == "DATABASE_URL" {
			_ = os.Unsetenv(name)
		}
	}
	dir, err := os.MkdirTemp("", "daymark-cli-")
	if err != nil {
		panic(err)
	}
	program = sync.OnceValues(func() (string, error) {
		cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", dir, "daymark/cmd/daymark") //nolint:noctx // shared by all scripts
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", errors.New(string(out))
		}
		return dir, nil
	})
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	folder, err := program()
	if err != nil {
		t.Fatalf("build the command: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", folder+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("DAYMARK_DATA", env.WorkDir+"/data")
			body, err := os.ReadFile(env.WorkDir + "/needs-database")
			if err == nil && len(body) > 0 {
				_, owner := postgrestest.NewDSNs(env.T().(testing.TB), migrations.FS)
				env.Setenv("DATABASE_URL", owner)
			}
			return nil
		},
	})
}

// exits runs a command and checks its exit code and that it shows nobody the inside of the program.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [argument...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	if inside := insideOf(ts.ReadFile("stderr")); inside != "" {
		ts.Fatalf("%q is in what a person sees", inside)
	}
}

// insideOf returns what a message shows of the inside of the program.
func insideOf(said string) string {
	for _, inside := range []string{"panic:", "goroutine ", "runtime error", ".go:", "DATA RACE", "pq: ", "%!"} {
		if strings.Contains(said, inside) {
			return inside
		}
	}
	return ""
}

func TestWhoCallsACommandWronglyIsToldSo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "expected one of"},
		{"frobnicate", 2, "unexpected argument frobnicate"},
		{"dates --format nonsense", 2, `--format must be one of "table","json"`},
		{"plan july-30 --year 2027 --format nonsense", 2, `--format must be one of "table","json","csv"`},
		{"report july-30 --year 2027 --format nonsense", 2, "--format must be one of"},
		{"report july-30 --year 2027 --format pdf", 1, "say where the file goes"},
		{"report july-30 --year 2027 --format pdf --lang de -o /nowhere/report.pdf", 1, "a report is written in en, fr, es, ar"},
		{"plan july-30", 2, "--year"},
		{"dates --from soon", 2, "--from"},
		{"serve --log-level LOUD", 2, "--log-level"},
		{"count --platform myspace x", 2, "--platform must be one of"},
		{"dates --from 1 --to 2", 1, "years from 1900 to 2200"},
		{"dates --from 2030 --to 2026", 1, "the first not after the last"},
		{"dates safer-internet-dy", 1, `Did you mean "safer-internet-day"?`},
		{"dates qqqqqqqqqqqq", 1, "daymark dates lists them all"},
		{"dates --file /nowhere/calendar.yaml", 1, "The calendar cannot be read"},
		{"plan july-30 --year 9999 --zone UTC", 1, "--year: must be from 1900 to 2200"},
		{"plan july-30 --year 2027 --zone Europe/Lodon", 1, `there is no time zone "Europe/Lodon"`},
		{"plan july-30 --year 2027 --zone UTC --save", 1, "does not go with --zone"},
		{"plan july-31 --year 2027 --zone UTC", 1, `did you mean "july-30"?`},
		{"plan ./nowhere --year 2027 --zone UTC", 1, "There is no campaign folder ./nowhere"},
		{"demo --database-url postgres://a:hunter2@b/c", 1, "unset DATABASE_URL"},
		{"ready --addr nonsense", 1, `"nonsense" is no address`},
		{"ready --addr 127.0.0.1:1", 3, "No daemon answers on 127.0.0.1:1"},
		{"user list --database-url postgres://a:hunter2@127.0.0.1:1/c --data " + t.TempDir(), 3, "The database at 127.0.0.1:1 does not answer"},
		{"sandbox --clock yesterday", 1, "2027-07-29T08:00:00Z"},
		{"channel add --address http://a.example --zone UTC --language en --token-file /nowhere", 1, "The token file cannot be read"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			var out, said bytes.Buffer
			code := Main(strings.Fields(tt.args), &out, &said)
			text := said.String()
			if code != tt.code || !strings.Contains(text, tt.says) || out.Len() > 0 {
				t.Errorf("exit code %d, want %d with %q\n%s%s", code, tt.code, tt.says, text, out.String())
			}
			if !strings.HasPrefix(text, "daymark: ") || strings.Count(text, "\n") > 2 || strings.Contains(text, "hunter2") || insideOf(text) != "" {
				t.Errorf("this is not one clear message:\n%s", text)
			}
		})
	}
}

func TestTheDatesOfEveryObservanceAreToldForEveryYear(t *testing.T) {
	t.Parallel()
	var out, said bytes.Buffer
	const without = "No date is known in these years for: cnn-myfreedomday\n"
	if code := Main(strings.Fields("dates --from 2026 --to 2030 --format json"), &out, &said); code != exitOK || said.String() != without {
		t.Fatalf("exit code %d\n%s", code, said.String())
	}
	var list []struct {
		ID, Start, End string
		Year           int
		Unverified     bool
	}
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	years := map[string]int{}
	for _, d := range list {
		years[d.ID]++
		start, err := time.Parse(time.DateOnly, d.Start)
		end, errEnd := time.Parse(time.DateOnly, d.End)
		if err != nil || errEnd != nil || start.Year() != d.Year || end.Before(start) || end.Sub(start) > 31*24*time.Hour {
			t.Errorf("%+v cannot be right", d)
		}
	}
	shipped, err := campaign.ShippedObservances()
	if err != nil {
		t.Fatal(err)
	}
	if len(shipped) != 49 {
		t.Errorf("%d observances are shipped", len(shipped))
	}
	for _, o := range shipped {
		want := 5
		if o.ID == "cnn-myfreedomday" { // it has a date only where one was announced, and none was for these years
			want = 0
		}
		if years[o.ID] != want {
			t.Errorf("%s has dates in %d of 5 years, want %d", o.ID, years[o.ID], want)
		}
	}
}
