// Package attack does what nobody may be able to do, with the whole product there: the database, the pages, the dispatcher and a
// sandbox network whose timeline is the judge. It approves drafts as their own authors, by every way in, and changes posts between
// their approval and the instant at which they go out. The package holds tests only. Attacks on single statements are in
// internal/flow/book; those on pages by themselves in internal/face/web.
package attack

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/face/web"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/dispatch"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	sandbox "daymark/internal/sandbox/mastodon"
	"daymark/migrations"

	"github.com/google/uuid"
)

const (
	account  = "hope_london"
	password = "plain blue heart"
	patience = 60 * time.Second // how long a test waits for anything; the machine may be busy

	// tampered is in everything that an attack puts into a post. It may be in no status.
	tampered = "TAMPERED"
)

// cheap is the least work that a hash of a password takes.
var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

// The words post is due at nine in London; the witness, which nobody touches, a minute later on the same account.
var (
	morning = time.Date(2027, 7, 30, 7, 30, 0, 0, time.UTC)
	due     = time.Date(2027, 7, 30, 8, 0, 0, 0, time.UTC)
)

// words is the post under attack: every value that can change stands in it.
const words = "Stand with us today. {{theme}} {{fact:F03}} {{helpline}} {{org}} {{link}}"

// file is the campaign of the stage with the words of its first post.
func file(words string) string {
	return `daymark: 1
id: vigil
observance: un-trafficking-day
title: {en: "A vigil"}
languages: [en]
posts:
  - id: words
    offset: D0
    time: "09:00"
    text: {en: "` + words + `"}
  - id: witness
    offset: D0
    time: "09:01"
    text: {en: "Nobody touches these words."}
`
}

// stage is the product with two planned posts.
type stage struct {
	t       *testing.T
	app     *app.App
	sandbox *sandbox.Server
	server  *httptest.Server
	edition int64
	channel int64
	posts   map[string]int64 // by message
	people  map[string]people.Person
}

// team is who works here: the name is the address before the sign.
var team = []struct {
	name string
	role people.Role
}{
	{"ada", people.RoleAdmin},
	{"bea", people.RoleAdmin},
	{"ed", people.RoleEditor},
	{"rosa", people.RoleReviewer},
	{"omar", people.RoleSafeguarding},
}

func newStage(t *testing.T) *stage {
	t.Helper()
	ctx := t.Context()
	settings := app.Settings{DataDir: t.TempDir(), Addr: "127.0.0.1:0", Version: "test", SandboxSettling: time.Second}
	settings.AppDatabaseURL, settings.DatabaseURL = postgrestest.NewDSNs(t, migrations.FS)
	a, err := app.Open(ctx, settings, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	s := &stage{t: t, app: a, posts: map[string]int64{}, people: map[string]people.Person{}}
	s.must(err)
	t.Cleanup(func() {
		bye, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := a.Close(bye); err != nil {
			t.Errorf("close Daymark: %v", err)
		}
	})
	s.at(morning)
	s.furnish()
	pages, err := web.New(web.Deps{
		DB: a.DB, Keys: a.Keys, Clock: a.Clock, Now: time.Now, Log: a.Log, Random: rand.Reader,
		Checks: a.Checks(), Again: a.SubmitAgain, Joins: a.Joins, Ahead: a.Ahead(), Version: "test",
	})
	s.must(err)
	s.server = httptest.NewServer(pages)
	t.Cleanup(s.server.Close)
	return s
}

// furnish makes the team, the account with a number for it, and the campaign's edition.
func (s *stage) furnish() {
	s.t.Helper()
	ctx := s.t.Context()
	s.inTx(func(tx *postgres.Tx) error {
		for _, one := range team {
			p, err := people.Add(ctx, tx, people.NewPerson{
				Name: strings.ToUpper(one.name[:1]) + one.name[1:], Email: one.name + "@daymark.example", Role: one.role,
				Languages: []string{"en"}, Password: password, Cost: cheap,
			}, 0)
			if err != nil {
				return err
			}
			s.people[one.name] = p
		}
		return profile.Save(ctx, tx, profile.Profile{Name: "Hope Line", Link: "https://hopeline.example", Zone: "Europe/London", SupportNote: "Talk to somebody."}, s.people["ada"].ID)
	})
	var err error
	s.sandbox, err = sandbox.New(sandbox.Options{
		Accounts: []sandbox.Account{{Handle: account, DisplayName: "Hope Line", Letter: "H"}}, Clock: s.app.Clock, Quiet: true, Log: s.app.Log,
	})
	s.must(err)
	s.must(s.sandbox.Start("127.0.0.1:0"))
	s.app.OnClose("sandbox", func(context.Context) error { return s.sandbox.Close() })
	made, err := s.app.Connect(ctx, app.NewChannel{
		Platform: platform.Mastodon, Address: s.sandbox.BaseURL(), Name: "Hope Line", Zone: "Europe/London",
		Languages: []string{"en"}, Sandbox: true, Secret: mastodon.Credentials{AccessToken: s.sandbox.Token(account)}.Secret(),
	}, s.people["ada"])
	s.must(err)
	s.channel = made.ID
	s.must(s.app.LoadFacts(ctx))
	s.must(s.app.LoadHelplines(ctx))
	s.inTx(func(tx *postgres.Tx) error {
		if err := channel.SetCountry(ctx, tx, s.channel, "GB", s.people["ada"].ID); err != nil {
			return err
		}
		_, err := helpline.AddCheck(ctx, tx, "gb-msh", helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "A woman answered."}, s.people["rosa"], s.app.Clock.Now())
		return err
	})
	s.must(draft.RenewFact(ctx, s.app.DB, "F03", civil.Date{Year: 2028, Month: 1, Day: 1}, 1, s.people["ed"], s.app.Clock.Now()))
	s.load(words, s.people["ed"])
	s.plan(s.people["ed"])
	_, err = plan.SetTheme(ctx, s.app.DB, s.edition, "Every voice", s.people["ed"])
	s.must(err)
}

// load takes the campaign's file into the database, with these words.
func (s *stage) load(words string, by people.Person) {
	s.t.Helper()
	loaded, err := campaign.Load(fstest.MapFS{"vigil/campaign.yaml": {Data: []byte(file(words))}}, "vigil")
	s.must(err)
	_, err = s.app.Load(s.t.Context(), loaded, by)
	s.must(err)
}

// plan lets the edition follow its file.
func (s *stage) plan(by people.Person) {
	s.t.Helper()
	made, err := plan.Make(s.t.Context(), s.app.DB, "vigil", 2027, plan.Options{By: by, Now: s.app.Clock.Now()})
	s.must(err)
	s.edition = made.Edition
	entries, err := book.Entries(s.t.Context(), s.app.DB, book.EntryFilter{Edition: s.edition})
	s.must(err)
	for _, e := range entries {
		s.posts[e.Message] = e.Post
	}
}

// submit puts a post before reviewers and answers what the card asks.
func (s *stage) submit(post int64) int64 {
	s.t.Helper()
	sent, err := review.Submit(s.t.Context(), s.app.DB, s.app.Checks(), post, s.people["ed"], s.app.Clock.Now())
	s.must(err)
	if len(sent.Submissions) != 1 {
		s.t.Fatalf("post %d waits: %v", post, sent.Waiting)
	}
	s.answer(sent.Submissions[0])
	return sent.Submissions[0]
}

// answer gives the right answer to every question of a card.
func (s *stage) answer(submission int64) {
	s.t.Helper()
	card, err := review.Find(s.t.Context(), s.app.DB, submission, s.people["rosa"])
	s.must(err)
	s.inTx(func(tx *postgres.Tx) error {
		for _, q := range card.Questions {
			if _, err := answer.Give(s.t.Context(), tx, s.app.Rules(), q.Asks(), q.Right, "", s.people["omar"]); err != nil {
				return err
			}
		}
		return nil
	})
}

// approve submits a post, has it approved, and returns the two texts that may go out now: with the helpline's number, and without.
func (s *stage) approve(id int64) []string {
	s.t.Helper()
	submission := s.submit(id)
	out, err := review.Say(s.t.Context(), s.app.DB, submission, s.people["rosa"], review.Approve, "", s.app.Clock.Now())
	s.must(err)
	if out.Scheduled != 1 {
		s.t.Fatalf("post %d is not scheduled: %+v", id, out)
	}
	return s.texts(submission)
}

// texts returns what a submission shows.
func (s *stage) texts(submission int64) []string {
	s.t.Helper()
	releases, err := book.ReleasesOf(s.t.Context(), s.app.DB, submission)
	s.must(err)
	var list []string
	for _, r := range releases {
		for _, parts := range [][]post.FinalPart{r.Final.Parts, r.Final.Without} {
			for _, p := range parts {
				list = append(list, p.Text)
			}
		}
	}
	return list
}

// dispatching runs a dispatcher until the function that it returns is called.
func (s *stage) dispatching() (stop func()) {
	s.t.Helper()
	s.must(s.app.CheckLicence(s.t.Context()))
	d := dispatch.New(dispatch.Options{
		DB: s.app.DB, Networks: s.app.Networks, Licence: s.app.Keeper, Clock: s.app.Clock, Log: s.app.Log, Worker: uuid.New(),
		Guarded: true, Ahead: 5 * time.Minute,
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			s.t.Errorf("the dispatcher ended: %v", err)
		}
	})
	return sync.OnceFunc(func() { cancel(); running.Wait() })
}

// timeline returns the texts that are out.
func (s *stage) timeline() []string {
	var list []string
	for _, one := range s.sandbox.State().Statuses {
		list = append(list, one.Text)
	}
	return list
}

// at makes it this instant; product time goes on from there at the speed of real time.
func (s *stage) at(instant time.Time) {
	s.t.Helper()
	s.must(s.app.SetFastClock(s.t.Context(), 0, instant, instant, 1))
}

// waitFor asks again and again until something is so.
func (s *stage) waitFor(what string, so func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-deadline.C:
			s.t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}

func (s *stage) count(query string, args ...any) int {
	s.t.Helper()
	var n int
	s.must(s.app.DB.GetContext(s.t.Context(), &n, query, args...))
	return n
}

func (s *stage) inTx(work func(tx *postgres.Tx) error) {
	s.t.Helper()
	s.must(s.app.DB.InTx(s.t.Context(), work))
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// visitor is somebody with a browser that keeps cookies and runs no script.
type visitor struct {
	*stage
	client *http.Client
}

// as returns somebody of the team who has logged in.
func (s *stage) as(name string) visitor {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	v := visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if status, body, _ := v.post("/login", url.Values{"email": {name + "@daymark.example"}, "password": {password}}); status != http.StatusSeeOther {
		s.t.Fatalf("%s logs in: %d\n%s", name, status, body)
	}
	return v
}

// post sends a form and returns the answer's status, its page, and where it leads.
func (v visitor) post(path string, form url.Values) (status int, body, to string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, strings.NewReader(form.Encode()))
	v.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := v.client.Do(req)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	v.must(err)
	return resp.StatusCode, string(page), resp.Header.Get("Location")
}

// sends sends a form that must be taken.
func (v visitor) sends(path string, form url.Values) (to string) {
	v.t.Helper()
	status, body, to := v.post(path, form)
	if status != http.StatusSeeOther {
		v.t.Fatalf("POST %s: %d\n%s", path, status, body)
	}
	return to
}
