package journey

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/face/web"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	sandbox "daymark/internal/sandbox/mastodon"
	"daymark/migrations"
)

// account is the one account that houses post to: its people read English and Arabic.
const account = "hope_london"

// eve is when product time stands before a walk moves it: the day before the first message of July 30, 2027.
var eve = time.Date(2027, 7, 15, 8, 0, 0, 0, time.UTC)

// password is everybody's, and cheap the least work that a hash takes.
const password = "plain blue heart"

var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

// house is the whole product, running.
type house struct {
	t       testing.TB
	app     *app.App
	sandbox *sandbox.Server
	url     string
	edition book.Edition
	words   page.Words // the texts of the pages, in the language of the walk
	log     *journal   // all that the daemon logs
}

// journal keeps what several write at once.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write adds to it.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

// String returns what was written so far.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// newHouse opens Daymark on an empty database of its own. Nothing is served yet.
func newHouse(t testing.TB, s app.Settings) *house {
	t.Helper()
	s.AppDatabaseURL, s.DatabaseURL = postgrestest.NewDSNs(t, migrations.FS)
	s.DataDir, s.Addr, s.Version = t.TempDir(), "127.0.0.1:0", "test"
	all := &journal{}
	a, err := app.Open(t.Context(), s, slog.New(slog.NewMultiHandler(
		slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}), slog.NewTextHandler(all, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatalf("open Daymark: %v", err)
	}
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, app: a, words: words, log: all}
	t.Cleanup(func() {
		bye, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := a.Close(bye); err != nil {
			t.Errorf("close Daymark: %v", err)
		}
	})
	return h
}

// answered lets the reviewer answer every question that keeps a card from being approved.
func (h *house) answered() {
	h.t.Helper()
	by := h.byRole(people.RoleReviewer)
	cards, err := review.Queue(h.t.Context(), h.app.DB, by)
	h.must(err)
	h.must(h.app.DB.InTx(h.t.Context(), func(tx *postgres.Tx) error {
		for _, card := range cards {
			for _, q := range card.Questions {
				if _, err := answer.Give(h.t.Context(), tx, h.app.Rules(), q.Asks(), q.Right, "", by); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// serve runs the daemon until the test ends.
func (h *house) serve(notice string) {
	h.t.Helper()
	pages, err := web.New(web.Deps{
		DB: h.app.DB, Keys: h.app.Keys, Clock: h.app.Clock, Now: time.Now, Log: h.app.Log, Random: rand.Reader,
		Checks: h.app.Checks(), Again: h.app.SubmitAgain, Joins: h.app.Joins, Ahead: h.app.Ahead(), Notice: notice, Version: "test",
	})
	h.must(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(h.t.Context()))
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- h.app.Serve(ctx, pages, func(addr string) { ready <- addr }) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.t.Errorf("the daemon ended with: %v", err)
		}
	})
	select {
	case addr := <-ready:
		h.url = "http://" + addr
	case err := <-ended:
		ended <- nil
		h.t.Fatalf("the daemon did not start: %v", err)
	}
}

// furnish makes people, the sandbox network with one quiet account, and the July 30 edition of 2027, while product time
// stands the day before its first message.
func (h *house) furnish() {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(h.app.SetFastClock(ctx, 24*time.Hour, eve.Add(24*time.Hour), eve.Add(24*time.Hour), 1))
	var admin, editor people.Person
	h.must(h.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, n := range []people.NewPerson{
			{Name: "Ada", Role: people.RoleAdmin},
			{Name: "Ed", Role: people.RoleEditor},
			{Name: "Rosa", Role: people.RoleReviewer},
			{Name: "Mina", Role: people.RoleManager},
		} {
			n.Email, n.Password, n.Cost, n.Languages = string(n.Role)+"@daymark.example", password, cheap, []string{"en", "fr", "es", "ar"}
			p, err := people.Add(ctx, tx, n, 0)
			if err != nil {
				return err
			}
			switch n.Role {
			case people.RoleAdmin:
				admin = p
			case people.RoleEditor:
				editor = p
			case people.RoleReviewer, people.RoleManager:
			}
		}
		return profile.Save(ctx, tx, profile.Profile{
			Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Europe/London",
			SupportNote: "Talk to somebody you trust.",
		}, admin.ID)
	}))
	var err error
	h.sandbox, err = sandbox.New(sandbox.Options{
		Accounts: []sandbox.Account{{Handle: account, DisplayName: "Hope Line London", Letter: "H", Followers: 1500}},
		Clock:    h.app.Clock, Quiet: true, Log: h.app.Log,
	})
	h.must(err)
	h.must(h.sandbox.Start("127.0.0.1:0"))
	h.app.OnClose("sandbox", func(context.Context) error { return h.sandbox.Close() })
	_, err = h.app.Connect(ctx, app.NewChannel{
		Platform: platform.Mastodon, Address: h.sandbox.BaseURL(), Name: "Hope Line London", Zone: "Europe/London",
		Languages: []string{"en", "ar"}, Sandbox: true, Secret: mastodon.Credentials{AccessToken: h.sandbox.Token(account)}.Secret(),
	}, admin)
	h.must(err)
	loaded, err := campaign.LoadShipped("july-30")
	h.must(err)
	_, err = h.app.Load(ctx, loaded, editor)
	h.must(err)
	made, err := plan.Make(ctx, h.app.DB, "july-30", 2027, plan.Options{By: editor, Now: h.app.Clock.Now()})
	h.must(err)
	h.edition, err = book.EditionByID(ctx, h.app.DB, made.Edition)
	h.must(err)
}

// first returns the deliveries of the edition's first post.
func (h *house) first() []book.Entry {
	h.t.Helper()
	entries, err := book.Entries(h.t.Context(), h.app.DB, book.EntryFilter{Edition: h.edition.ID})
	h.must(err)
	n := 0
	for n < len(entries) && entries[n].Post == entries[0].Post {
		n++
	}
	return entries[:n]
}

// at makes it this instant; product time goes on from there at the speed of real time.
func (h *house) at(instant time.Time) {
	h.t.Helper()
	h.must(h.app.SetFastClock(h.t.Context(), 0, instant, instant, 1))
}

// byRole returns a person of the house.
func (h *house) byRole(role people.Role) people.Person {
	h.t.Helper()
	p, err := people.ByEmail(h.t.Context(), h.app.DB, string(role)+"@daymark.example")
	h.must(err)
	return p
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// appSettings are the settings of a house that are not made anew for each.
func appSettings() app.Settings { return app.Settings{SandboxSettling: time.Second} }

// waitFor asks again and again until something is so.
func (h *house) waitFor(what string, so func() bool) {
	h.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-deadline.C:
			h.t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}
