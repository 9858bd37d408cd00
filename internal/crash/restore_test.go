package crash

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
)

// restores are the ways in which people put a dump back.
var restores = []struct {
	name string
	why  string // what Daymark says of it
	run  func(r *restorer)
}{
	{"into the database it was taken from, emptied", "restored from a copy", func(r *restorer) {
		// Not pg_restore --clean, which cannot drop the keys of partitions (PostgreSQL drops them with their parent's).
		r.tool("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname="+r.cluster.OwnerDSN(), "--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public")
		r.tool("pg_restore", "--exit-on-error", "--dbname="+r.cluster.OwnerDSN(), r.dump)
	}},
	{"into a new database of the same name", "made later", func(r *restorer) {
		admin := r.cluster.DSN("daymark_owner", "postgres")
		r.tool("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname="+admin, "--command=DROP DATABASE daymark WITH (FORCE)")
		r.tool("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname="+admin, "--command=CREATE DATABASE daymark")
		r.tool("pg_restore", "--exit-on-error", "--dbname="+r.cluster.OwnerDSN(), r.dump)
	}},
}

// restorer runs PostgreSQL's tools on a site that is open in this process.
type restorer struct {
	t       *testing.T
	cluster *private.Cluster
	dump    string
}

func (r *restorer) tool(name string, args ...string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), filepath.Join(r.cluster.BinDir(), name), args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func TestARestoredDumpSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, restore := range restores {
		t.Run(restore.name, func(t *testing.T) {
			t.Parallel()
			var texts []string
			for i := range 10 {
				texts = append(texts, fmt.Sprintf("%s (%d)", randomText(), i))
			}
			s := newSite(t)
			dump := filepath.Join(filepath.Dir(s.data), "dump")
			a := open(t, s.data)
			s.schedule(a, texts...)
			(&restorer{t, a.Cluster, dump}).tool("pg_dump", "--format=custom", "--file="+dump, a.OwnerDSN)
			closeApp(t, a)

			shipped := program(t, programs.shipped)
			d := serve(t, shipped, s.data)
			s.once(texts, s.published(s.db()))
			if code := d.stop(os.Interrupt); code != 0 {
				t.Fatalf("exit code %d", code)
			}

			cluster, err := private.StartPrivate(t.Context(), s.data, quiet())
			if err != nil {
				t.Fatal(err)
			}
			restore.run(&restorer{t, cluster, dump})
			if err := cluster.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}

			d = serve(t, shipped, s.data)
			s.staysPaused(d, restore.why, len(texts))

			code, out, said := command(t, shipped, s.data, environment(), "licence", "take")
			if code != 0 || !strings.Contains(out, "10 deliveries may have gone out before") {
				t.Fatalf("licence take: exit code %d\n%s%s", code, out, said)
			}
			s.once(texts, s.published(s.db()))
			if code, out, _ := command(t, shipped, s.data, environment(), "licence", "show"); code != 0 || out != "held\n" {
				t.Errorf("licence show, after taking it: exit code %d\n%s", code, out)
			}
			turns(t, s.db(), 3)
			if got := len(s.timeline()); got != len(texts) {
				t.Errorf("%d statuses on the timeline", got)
			}
		})
	}
}

// staysPaused checks that the daemon on a restored database says that it is paused and why, and does nothing.
func (s *site) staysPaused(d *daemon, why string, posts int) {
	s.t.Helper()
	before := s.sandbox.State()
	if !strings.Contains(d.out.String(), "everything is paused") || !strings.Contains(d.out.String(), why) {
		s.t.Errorf("the log does not say that everything is paused because of %q:\n%s", why, d.out.String())
	}
	code, out, said := command(s.t, program(s.t, programs.shipped), s.data, environment(), "licence", "show")
	if code != 1 || !strings.HasPrefix(out, "lost\n") || !strings.Contains(out, why) || said != "" {
		s.t.Errorf("licence show: exit code %d\n%s%s", code, out, said)
	}
	if page := logIn(s.t, "http://"+d.addr); !strings.Contains(page, why) {
		s.t.Errorf("the page after the log-in does not say %q:\n%s", why, page)
	}
	turns(s.t, s.db(), 5)
	after := s.sandbox.State()
	if diff := cmp.Diff(before.Requests.Counts, after.Requests.Counts); diff != "" || len(after.Statuses) != posts {
		s.t.Errorf("%d statuses; requests since the restore:\n%s", len(after.Statuses), diff)
	}
	for _, r := range results(s.t, s.db()) {
		if r.State != "scheduled" {
			s.t.Errorf("delivery %d is %s", r.Delivery, r.State)
		}
	}
}

// logIn logs the admin in as a browser does and returns the page that follows.
func logIn(t *testing.T, base string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	resp, err := client.PostForm(base+"/login", url.Values{"email": {admin}, "password": {password}}) //nolint:noctx // the daemon is ours
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	code, page := get(t, client, base+"/")
	if code != http.StatusOK {
		t.Fatalf("after the log-in: %d\n%s", code, page)
	}
	return page
}

// The dispatcher asks at the beginning of every turn whether it may send, and at the end for the next due delivery.
const sqlTurn = `
SELECT max(query_start)
FROM pg_stat_activity
WHERE datname = current_database()
  AND usename = 'daymark_app'
  AND application_name = 'daymark'
  AND (query LIKE '%FROM licence WHERE token%' OR query LIKE '%min(next_attempt_at)%')`

// turns waits until the dispatcher was seen in so many turns.
func turns(t *testing.T, db *postgres.DB, n int) {
	t.Helper()
	var last time.Time
	poll(t, "turns of the dispatcher", func() bool {
		var at *time.Time
		if err := db.GetContext(t.Context(), &at, sqlTurn); err != nil {
			t.Fatal(err)
		}
		if at != nil && at.After(last) {
			last = *at
			n--
		}
		return n < 0
	})
}
