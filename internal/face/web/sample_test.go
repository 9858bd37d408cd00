package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	questions "daymark/internal/flow/book/answer"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/rules"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// today is the product time of these tests: three weeks before the day.
var today = time.Date(2027, 7, 9, 8, 0, 0, 0, time.UTC)

// password is everybody's; cheap is the least work that a hash takes, because tests make many.
const password = "plain blue heart"

var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

// allowing is a network that takes every text: what networks refuse is tested where they are.
type allowing struct{}

func (allowing) Check(context.Context, int64, platform.Content) ([]platform.Issue, error) {
	return nil, nil
}

// unconnected reaches no network: connecting is walked through in internal/journey.
type unconnected struct{}

var errUnconnected = fault.New(fault.Conflict, "No network is reached here.")

func (unconnected) Begin(context.Context, people.Person, joining.Start) (joining.Step, error) {
	return joining.Step{}, errUnconnected
}

func (unconnected) Finish(context.Context, people.Person, url.Values) (channel.Channel, error) {
	return channel.Channel{}, errUnconnected
}

func (unconnected) Direct(context.Context, people.Person, joining.Start) (channel.Channel, error) {
	return channel.Channel{}, errUnconnected
}

func (unconnected) Test(context.Context, int64) (joining.Seen, error) {
	return joining.Seen{}, errUnconnected
}

func (unconnected) Ends(context.Context) (map[int64]time.Time, error) { return nil, nil }

// site is Daymark's pages over a database of their own.
type site struct {
	t      testing.TB
	db     *postgres.DB
	owner  *postgres.DB // who may do what the application may not
	clock  *clock.Fake
	server *httptest.Server
	log    *strings.Builder
	links  []string // of drafts, for somebody from outside
}

// checks returns what posts must pass: the shipped rules, and a network that takes every text.
func checks(t testing.TB) review.Checks {
	t.Helper()
	set, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return review.Checks{Networks: allowing{}, Rules: set}
}

// newKey makes a key that seals credentials.
func newKey(t testing.TB) seal.Key {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// newSite starts the pages on an empty database.
func newSite(t testing.TB, change ...func(*Deps)) *site {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	s := &site{t: t, db: both.App, owner: both.Owner, clock: clock.NewFake(today), log: &strings.Builder{}}
	deps := Deps{
		DB: s.db, Keys: seal.Keys{newKey(t)}, Clock: s.clock, Now: time.Now, Random: rand.Reader, Checks: checks(t), Version: "test",
		Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	deps.Again, deps.Joins = s.again, unconnected{}
	for _, c := range change {
		c(&deps)
	}
	h, err := New(deps)
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(h)
	t.Cleanup(s.server.Close)
	return s
}

// again submits renewed posts, as internal/app does.
func (s *site) again(ctx context.Context, renewed draft.Renewed, by people.Person) ([]string, error) {
	var waiting []string
	for _, id := range renewed.Posts {
		out, err := review.Submit(ctx, s.db, checks(s.t), id, by, s.clock.Now())
		if err != nil {
			return waiting, err
		}
		waiting = append(waiting, out.Waiting...)
	}
	return waiting, nil
}

// newTeam starts the pages with a profile and one person of each role.
func newTeam(t testing.TB, change ...func(*Deps)) *site {
	t.Helper()
	s := newSite(t, change...)
	s.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		for _, role := range people.Roles() {
			if _, err := people.Add(ctx, tx, people.NewPerson{
				Email: string(role) + "@example.org", Name: "Ada " + string(role), Role: role,
				Languages: []string{"en", "fr", "es", "ar"}, Password: password, Cost: cheap,
			}, 0); err != nil {
				return err
			}
		}
		return profile.Save(ctx, tx, profile.Profile{
			Name: "Blue Heart Trust", Link: "https://example.org/help", Zone: "Europe/London",
			SupportNote: "Talk to Sam on the team, or call the staff line, any hour.",
		}, 0)
	})
	return s
}

// plan connects three channels and makes the July 30 edition that Daymark ships.
func (s *site) plan() int64 {
	s.t.Helper()
	s.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		key := newKey(s.t)
		for _, c := range []channel.NewChannel{
			{Handle: "trust@social.test", Name: "The Trust", Zone: "Europe/London", Languages: []string{"en", "ar"}},
			{Handle: "confiance@social.test", Name: "Francophone", Zone: "Africa/Dakar", Languages: []string{"fr"}},
			{Handle: "confianza@social.test", Name: "Latin America", Zone: "America/Bogota", Languages: []string{"es", "en"}},
		} {
			c.Platform, c.Address, c.RemoteID, c.Sandbox, c.Credentials, c.Random = "mastodon", "http://127.0.0.1:4001", c.Handle, true, seal.Secret("x"), rand.Reader
			if _, err := channel.Add(ctx, tx, c, key); err != nil {
				return err
			}
		}
		return nil
	})
	loaded, err := campaign.LoadShipped("july-30")
	s.must(err)
	rule, err := json.Marshal(loaded.Observance)
	s.must(err)
	body, err := campaign.Canonical(loaded.Campaign)
	s.must(err)
	s.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		for _, p := range loaded.Pictures {
			if err := book.AddBlob(ctx, tx, book.Blob{MIME: p.MIME, Width: p.Width, Height: p.Height, Bytes: p.Bytes}); err != nil {
				return err
			}
		}
		_, err := book.SaveCampaign(ctx, tx, book.Campaign{ID: "july-30", Observance: rule, Title: loaded.Campaign.Title, Body: body, LoadedAt: today},
			s.person("editor").ID)
		return err
	})
	system, err := people.System(s.t.Context(), s.db)
	s.must(err)
	made, err := plan.Make(s.t.Context(), s.db, "july-30", 2027, plan.Options{By: system, Now: today})
	s.must(err)
	return made.Edition
}

// submittedCards returns the cards that an admin sees.
func (s *site) submittedCards() []review.Card {
	s.t.Helper()
	cards, err := review.Queue(s.t.Context(), s.db, s.person("admin"))
	s.must(err)
	return cards
}

// answered lets a reviewer answer every question that keeps a card from being approved.
func (s *site) answered(card review.Card) {
	s.t.Helper()
	s.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		for _, q := range card.Questions {
			if _, err := questions.Give(ctx, tx, checks(s.t).Rules, q.Asks(), q.Right, "", s.person("reviewer")); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *site) person(role string) people.Person {
	s.t.Helper()
	p, err := people.ByEmail(s.t.Context(), s.db, role+"@example.org")
	s.must(err)
	return p
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) inTx(work func(context.Context, *postgres.Tx) error) {
	s.t.Helper()
	s.must(s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error { return work(s.t.Context(), tx) }))
}

// visitor is a browser without script: it keeps cookies and follows no redirect by itself.
type visitor struct {
	*site
	client *http.Client
}

func (s *site) visitor() visitor {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as returns a visitor who has logged in as the person of a role.
func (s *site) as(role string) visitor {
	s.t.Helper()
	v := s.visitor()
	got := v.post("/login", url.Values{"email": {role + "@example.org"}, "password": {password}})
	if got.status != http.StatusSeeOther {
		s.t.Fatalf("log in as %s: %d\n%s", role, got.status, got.body)
	}
	return v
}

// got is an answer, read.
type got struct {
	status int
	to     string // where a redirect leads
	header http.Header
	body   string
}

func (v visitor) get(path string) got { return v.do(http.MethodGet, path, nil, nil) }

func (v visitor) post(path string, form url.Values) got {
	return v.do(http.MethodPost, path, form, http.Header{"Sec-Fetch-Site": {"same-origin"}})
}

func (v visitor) do(method, path string, form url.Values, header http.Header) got {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.server.URL+path, strings.NewReader(form.Encode()))
	v.must(err)
	for k, values := range header {
		req.Header[k] = values
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.client.Do(req)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	v.must(err)
	return got{resp.StatusCode, resp.Header.Get("Location"), resp.Header, string(body)}
}
