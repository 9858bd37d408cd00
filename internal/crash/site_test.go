package crash

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/civil"
	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
	sandbox "daymark/internal/sandbox/mastodon"
)

// site is a data folder with its private database, a charity in it, and a sandbox network in this process.
type site struct {
	t       *testing.T
	data    string
	sandbox *sandbox.Server
	way     *way // between the daemon and the sandbox
	channel channel.Channel
}

// The people of every site.
const (
	admin    = "ada@charity.example"
	editor   = "ed@charity.example"
	reviewer = "rosa@charity.example"
	password = "a long pass phrase for tests"
)

// template is a data folder with people, a profile and a loaded campaign, made once and copied for each test: to make a
// cluster takes longer than to copy one.
var template struct {
	sync.Mutex
	made bool
	data string
}

// newSite makes a site with one channel and nothing planned.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, data: filepath.Join(folder(t), "data")}
	copyTemplate(t, s.data)
	var err error
	s.sandbox, err = sandbox.New(sandbox.Options{Accounts: []sandbox.Account{{Handle: "hope", DisplayName: "Hope"}}, Clock: app.LineClock(clock.Line{}), Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sandbox.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.sandbox.Close() })
	target, err := url.Parse(s.sandbox.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	s.way = newWay(t, target.Host)
	return s
}

func settings(data string) app.Settings {
	return app.Settings{DataDir: data, Addr: "127.0.0.1:0", SandboxSettling: 300 * time.Millisecond, Version: "test"}
}

// open opens the site in this process, as commands do; the test closes it before it starts the daemon.
func open(t *testing.T, data string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), settings(data), quiet())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func closeApp(t *testing.T, a *app.App) {
	t.Helper()
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// copyTemplate makes the template at the first call and copies it.
func copyTemplate(t *testing.T, data string) {
	t.Helper()
	template.Lock()
	defer template.Unlock()
	if !template.made {
		makeTemplate(t)
	}
	if err := copyTree(template.data, data); err != nil {
		t.Fatal(err)
	}
}

func makeTemplate(t *testing.T) {
	t.Helper()
	shipped, err := programs.shipped()
	if err != nil {
		t.Fatalf("build the command: %v", err)
	}
	// Beside the programs, so that TestMain removes it; in memory it would outlive a test that is killed.
	base := filepath.Dir(shipped)
	if err := os.Chmod(base, 0o711); err != nil { //nolint:gosec // PostgreSQL's user passes through
		t.Fatal(err)
	}
	template.data = filepath.Join(base, "template")
	a := open(t, template.data)
	ctx := t.Context()
	var who people.Person
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, p := range []struct {
			email string
			role  people.Role
		}{{admin, people.RoleAdmin}, {editor, people.RoleEditor}, {reviewer, people.RoleReviewer}} {
			added, err := people.Add(ctx, tx, people.NewPerson{Email: p.email, Name: string(p.role), Role: p.role, Languages: []string{"en"}, Password: password}, 0)
			if err != nil {
				return err
			}
			if p.role == people.RoleAdmin {
				who = added
			}
		}
		return profile.Save(ctx, tx, profile.Profile{Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Etc/UTC"}, who.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Load(ctx, loaded, who); err != nil {
		t.Fatal(err)
	}
	if err := a.CheckLicence(ctx); err != nil {
		t.Fatal(err)
	}
	closeApp(t, a)
	template.made = true
}

// copyTree copies a folder with modes and owners; links and sockets of a stopped site are of no use to its copy.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir():
			err = os.MkdirAll(target, 0o700)
		case info.Mode().IsRegular():
			var body []byte
			if body, err = os.ReadFile(path); err == nil {
				err = os.WriteFile(target, body, 0o600)
			}
		default:
			return nil
		}
		if err != nil {
			return err
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
			if err := os.Chown(target, int(owner.Uid), int(owner.Gid)); err != nil {
				return err
			}
		}
		return os.Chmod(target, info.Mode().Perm())
	})
}

// schedule connects the channel where that is not done yet and puts one approved post for each text into the queue, due in a moment.
// It returns the deliveries.
func (s *site) schedule(a *app.App, texts ...string) []int64 {
	s.t.Helper()
	ctx := s.t.Context()
	who := map[string]people.Person{}
	for _, email := range []string{admin, editor, reviewer} {
		p, err := people.ByEmail(ctx, a.DB, email)
		if err != nil {
			s.t.Fatal(err)
		}
		who[email] = p
	}
	if s.channel.ID == 0 {
		secret := mastodon.Credentials{AccessToken: s.sandbox.Token("hope", "read", "write")}.Secret()
		var err error
		s.channel, err = a.Connect(ctx, app.NewChannel{
			Platform: platform.Mastodon, Address: s.way.url, Name: "Hope", Zone: "Etc/UTC",
			Languages: []string{"en"}, Sandbox: true, Secret: secret,
		}, who[admin])
		if err != nil {
			s.t.Fatal(err)
		}
	}
	// Submitted and approved a minute ago, as far as the book knows, so that no delay of this machine makes it late.
	due := a.Clock.Now().Add(time.Second).Truncate(time.Second)
	before := due.Add(-time.Minute)
	var list []int64
	for i, text := range texts {
		delivery, postID := s.draft(a, who[editor], fmt.Sprintf("message-%d", i+1), text, due)
		sent, err := review.Submit(ctx, a.DB, a.Checks(), postID, who[editor], before)
		if err != nil || len(sent.Submissions) != 1 {
			s.t.Fatalf("submit: %+v, %v", sent, err)
		}
		out, err := review.Say(ctx, a.DB, sent.Submissions[0], who[reviewer], review.Approve, "", before)
		if err != nil || out.Scheduled != 1 {
			s.t.Fatalf("approve: %+v, %v", out, err)
		}
		list = append(list, delivery)
	}
	return list
}

// nextPart stands between the parts of a thread.
const nextPart = "\n---\n"

func parts(text string) []post.SourcePart {
	var list []post.SourcePart
	for part := range strings.SplitSeq(text, nextPart) {
		list = append(list, post.SourcePart{Texts: map[string]string{"en": part}})
	}
	return list
}

// draft writes one post with one delivery.
func (s *site) draft(a *app.App, by people.Person, message, text string, due time.Time) (delivery, postID int64) {
	s.t.Helper()
	ctx := s.t.Context()
	day := civil.DateOf(due)
	err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		edition, err := book.SaveEdition(ctx, tx, book.Edition{Campaign: "july-30", Year: due.Year(), FirstDay: day.String(), LastDay: day.String()})
		if err != nil {
			return err
		}
		clockTime := civil.Clock{Hour: due.Hour(), Minute: due.Minute()}
		postID, err = book.AddPost(ctx, tx, book.Draft{Edition: edition, Source: post.Source{
			Message: message, Kind: "fact",
			Parts: parts(text),
			When:  post.When{Date: day.String(), Clock: clockTime.String()},
		}}, by.ID)
		if err != nil {
			return err
		}
		delivery, err = book.AddDelivery(ctx, tx, book.Delivery{
			Post: postID, Channel: s.channel.ID, Language: "en", Date: day, Clock: clockTime,
			Zone: "Etc/UTC", DueAt: due, NotAfter: due.Add(24 * time.Hour),
		})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return delivery, postID
}

// prepared makes a site with posts in the queue and no process on it.
func prepared(t *testing.T, texts ...string) (*site, []int64) {
	t.Helper()
	s := newSite(t)
	a := open(t, s.data)
	list := s.schedule(a, texts...)
	closeApp(t, a)
	return s, list
}

// db opens the database of the running daemon.
func (s *site) db() *postgres.DB {
	s.t.Helper()
	cluster, err := private.Join(s.t.Context(), s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	db, err := postgres.Open(s.t.Context(), cluster.AppDSN(), postgres.Options{MaxConns: 2, Name: "crash test"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}

// result is a delivery as the book has it.
type result struct {
	Delivery int64  `db:"id"`
	State    string `db:"state"`
	RemoteID string `db:"remote_id"`
}

const sqlResults = `
SELECT d.id, s.state, coalesce(c.remote_id, '') AS remote_id
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
LEFT JOIN copies c ON c.delivery_id = d.id
ORDER BY d.id, c.part`

func results(t *testing.T, db *postgres.DB) []result {
	t.Helper()
	var list []result
	if err := db.SelectContext(t.Context(), &list, sqlResults); err != nil {
		t.Fatal(err)
	}
	return list
}

// published waits until every delivery is settled, whatever its state, and returns them.
func (s *site) published(db *postgres.DB) []result {
	s.t.Helper()
	var list []result
	poll(s.t, "the deliveries to be settled", func() bool {
		list = results(s.t, db)
		return !slices.ContainsFunc(list, func(r result) bool { return r.State == "scheduled" || r.State == "sending" || r.State == "unknown" })
	})
	return list
}

// timeline returns the texts on the sandbox's timeline with the ids of their statuses.
func (s *site) timeline() map[string][]string {
	out := map[string][]string{}
	for _, status := range s.sandbox.State().Statuses {
		out[status.Text] = append(out[status.Text], status.ID)
	}
	return out
}

// once checks that each text is on the timeline exactly once, nothing else is, and the book knows each by its id there.
func (s *site) once(texts []string, list []result) {
	s.t.Helper()
	timeline := s.timeline()
	if len(timeline) != len(texts) || len(list) != len(texts) {
		s.t.Errorf("%d posts make %d texts on the timeline and %d deliveries", len(texts), len(timeline), len(list))
	}
	for i, text := range texts {
		ids := timeline[text]
		if len(ids) != 1 {
			s.t.Errorf("%q is on the timeline %d times", text, len(ids))
			continue
		}
		if i < len(list) && (list[i].State != "published" || list[i].RemoteID != ids[0]) {
			s.t.Errorf("%q is %s as %q in the book, and status %s on the timeline", text, list[i].State, list[i].RemoteID, ids[0])
		}
	}
}

// randomText returns a text that no other test has, and that states no figure.
func randomText() string {
	letters := strings.NewReplacer("2", "a", "3", "b", "4", "c", "5", "d", "6", "e", "7", "f")
	return "Nobody is for sale. " + letters.Replace(rand.Text())
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
