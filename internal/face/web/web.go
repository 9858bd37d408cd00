package web

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/face/feed"
	"daymark/internal/face/short"
	"daymark/internal/face/web/calendar"
	"daymark/internal/face/web/campaigning"
	"daymark/internal/face/web/campaigning/messages"
	"daymark/internal/face/web/channels"
	"daymark/internal/face/web/composing"
	"daymark/internal/face/web/dayof"
	"daymark/internal/face/web/deciding"
	"daymark/internal/face/web/editing"
	"daymark/internal/face/web/editions"
	"daymark/internal/face/web/entering"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/home"
	"daymark/internal/face/web/importing"
	"daymark/internal/face/web/judged"
	"daymark/internal/face/web/library"
	"daymark/internal/face/web/library/facts"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/library/helplines"
	"daymark/internal/face/web/linked"
	"daymark/internal/face/web/logbook"
	"daymark/internal/face/web/members"
	"daymark/internal/face/web/notices"
	"daymark/internal/face/web/outlook"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/pausing"
	"daymark/internal/face/web/policies"
	"daymark/internal/face/web/reporting"
	"daymark/internal/face/web/searching"
	"daymark/internal/face/web/session"
	"daymark/internal/face/web/signing"
	"daymark/internal/face/web/static"
	"daymark/internal/face/web/subscribing"
	"daymark/internal/face/web/takingdown"
	"daymark/internal/face/web/told"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin/oidc"
	"daymark/internal/postgres"
)

// Deps is what the pages need.
type Deps struct {
	DB       *postgres.DB
	Clock    clock.Clock      // product time
	Now      func() time.Time // real time
	Log      *slog.Logger
	Random   io.Reader          // for the references of faults and for secrets of people
	Keys     seal.Keys          // the first one seals letters
	Checks   review.Checks      // what posts must pass before reviewers see them
	Joins    channels.Joins     // connects accounts
	Ahead    preflight.Networks // asked what may keep posts from going out, when somebody wants to know
	Again    form.Again         // submits the posts that a changed fact, helpline or profile renewed
	Provider *oidc.Provider     // lets people in whom the organisation's identity provider knows; nil where there is none
	// PublicURL is where people reach Daymark, such as https://daymark.example.org. With https, cookies are Secure and anybody
	// may log in; without, only from this machine.
	PublicURL string
	// Proxies are the addresses of proxies whose word is believed that a visitor came through PublicURL.
	Proxies []netip.Prefix
	Notice  string // shown on top of each page of a demo; empty otherwise
	Version string
}

// built is what "make ui" makes of the folder ui. Before the first build it holds only a note.
//
//go:embed all:built
var built embed.FS

// server holds what handlers share.
type server struct {
	Deps
	guard     guard.Guard
	sessions  session.Sessions
	entering  entering.Desk
	signing   signing.Desk
	pages     *page.Sets
	editions  editions.Desk
	channels  channels.Desk
	facts     facts.Desk
	helplines helplines.Desk
	library   library.Desk
	judged    judged.Desk
	reporting reporting.Desk
	pausing   pausing.Desk
	logbook   logbook.Desk

	calendar   calendar.Desk
	composing  composing.Desk
	editing    editing.Desk
	takingdown takingdown.Desk
	outlook    outlook.Desk
	deciding   deciding.Desk
	policies   policies.Desk
	members    members.Desk
	told       told.Desk
	linked     linked.Desk
	homing     home.Desk
	notices    notices.Desk
	dayof      dayof.Desk
	searching  searching.Desk

	importing   importing.Desk
	subscribing subscribing.Desk

	campaigning campaigning.Desk
	messages    messages.Desk
}

// New returns the pages. It fails when the front end has not been built or the public address cannot be read.
func New(deps Deps) (http.Handler, error) {
	public, err := guard.ParsePublic(deps.PublicURL)
	if err != nil {
		return nil, err
	}
	s := &server{Deps: deps, guard: guard.Guard{Public: public, Proxies: deps.Proxies}}
	folder, err := fs.Sub(built, "built")
	if err != nil {
		return nil, fmt.Errorf("open the built files: %w", err)
	}
	files, err := static.Load(folder)
	if err != nil {
		return nil, err
	}
	if s.pages, err = page.NewSets(page.Assets{Script: files.Address("app.js"), Style: files.Address("app.css"), Icons: files.Address("icons.svg")}); err != nil {
		return nil, err
	}
	if s.editions, err = editions.New(deps.DB, deps.Checks); err != nil {
		return nil, err
	}
	if s.calendar, err = calendar.New(deps.DB, deps.Checks); err != nil {
		return nil, err
	}
	s.channels = channels.New(deps.DB, deps.Joins, deps.Again, deps.PublicURL)
	s.facts, s.helplines, s.library = facts.New(deps.DB, deps.Again), helplines.New(deps.DB, deps.Again), library.New(deps.DB, deps.Checks.Rules, deps.Again)
	s.judged, s.takingdown = judged.New(deps.DB, deps.Checks), takingdown.New(deps.DB)
	s.deciding, s.composing, s.editing = deciding.New(deps.DB), composing.New(deps.DB, deps.Checks), editing.New(deps.DB, deps.Checks)
	s.pausing, s.policies = pausing.New(deps.DB), policies.New(deps.DB)
	s.logbook, s.told = logbook.New(deps.DB), told.New(deps.DB)
	s.outlook = outlook.New(deps.DB, deps.Ahead)
	s.homing, s.notices, s.dayof, s.searching = home.New(deps.DB), notices.New(deps.DB), dayof.New(deps.DB), searching.New(deps.DB)
	s.sessions = session.New(deps.DB, s.guard.Secure(), func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, &request{Request: r}, err) })
	s.signing = signing.Desk{
		DB: deps.DB, Keys: deps.Keys, Guard: s.guard, Sessions: s.sessions, Log: deps.Log, Now: deps.Now, Random: deps.Random, Provider: deps.Provider,
	}
	s.entering = entering.New(deps.DB, s.guard, s.sessions, deps.Log).With(s.signing)
	s.linked = linked.New(deps.DB, deps.Keys, public)
	byLink := linked.Site{
		DB: deps.DB, Keys: deps.Keys, Clock: deps.Clock, Rules: deps.Checks.Rules, Log: deps.Log, Pages: s.pages, Secure: s.guard.Secure(), Notice: deps.Notice, Version: deps.Version,
	}
	s.members = members.Desk{DB: deps.DB, Sessions: s.sessions, Keys: deps.Keys, Public: public, Now: deps.Now}
	s.reporting = reporting.New(deps.DB, s.pages, public)
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", files)
	mux.HandleFunc("GET /schemas/{name}", static.Schema)
	shipped, err := campaign.ShippedObservances()
	if err != nil {
		return nil, err
	}
	s.importing, s.subscribing = importing.New(deps.DB, shipped), subscribing.New(deps.DB, public)
	s.campaigning, s.messages = campaigning.New(deps.DB, shipped), messages.New(deps.DB, deps.Checks.Rules)
	feeds := feed.Site{
		DB: deps.DB, Clock: deps.Clock, Log: deps.Log, Shipped: shipped, Public: public,
		Words: func(p people.Person) page.Words { return s.pages.In(p.Interface).Words() },
	}
	router, err := s.within(short.Site{DB: deps.DB, Clock: deps.Clock, Log: deps.Log}.Before(feeds.Before(byLink.Before(s.reporting.Site(deps.Clock, deps.Log, deps.Notice, deps.Version).Before(s.sessions.Wrap(s.router()))))))
	if err != nil {
		return nil, err
	}
	mux.Handle("/", router)
	return s.guard.Headers(mux), nil
}
