// Package bluesky is a local server that speaks the AT protocol as Bluesky's servers do, keeps what it is sent and refuses what they
// refuse.
//
// It plays three parts at one address: the accounts' own server (PDS), the index that counts reactions (AppView) and the directory
// of accounts (PLC). It is stricter than the network where the network is lenient: an unknown field, a mark that points nowhere, a
// picture without alt text or with the camera's notes are refused. It has a page to read what was posted, an audience that
// reacts as time passes, and a plan of faults for tests. It shares no code with the connector it tests, listens on the loopback
// interface only, and federates with nobody.
package bluesky

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/sandbox"
	"daymark/internal/sandbox/bluesky/desk"
	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
	"daymark/internal/sandbox/bluesky/method"
	"daymark/internal/sandbox/bluesky/page"
	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mischief"
)

// Account is a seeded account: its handle, names and how many follow it.
type Account = ledger.Account

// Limits are the rate limits, in product time; a zero limit is none.
type Limits struct {
	Sessions Limit // sessions begun, by all accounts together
	Points   Limit // for each account: 3 for a record made, 2 for one changed, 1 for one deleted
	Requests Limit // for everybody together, since all come from one address
}

// DefaultLimits returns Bluesky's limits (https://docs.bsky.app/docs/advanced-guides/rate-limits).
func DefaultLimits() Limits {
	return Limits{
		Sessions: Limit{30, 5 * time.Minute},
		Points:   Limit{5000, time.Hour},
		Requests: Limit{3000, 5 * time.Minute},
	}
}

// Options say how a server is to be. Accounts and Clock are needed, the rest has usable zero values.
type Options struct {
	Accounts    []Account
	Clock       clock.Clock   // product time: when records come, tokens run out, limits are reset and the audience reacts
	Title       string        // what the server calls itself
	Folder      string        // where state is kept; nowhere when empty
	Seed        uint64        // of the audience
	Quiet       bool          // no audience reacts
	Limits      *Limits       // rate limits; Bluesky's when nil
	AccessLife  time.Duration // of an access token; two hours when zero
	RefreshLife time.Duration // of a refresh token; ninety days when zero
	MaxBlob     int           // bytes of an upload; 5 MiB when zero
	Lag         time.Duration // how long the index does not know a new record
	Random      io.Reader     // for secrets; the system's when nil
	Log         *slog.Logger  // discarded when nil
}

// Server is a sandbox Bluesky server.
type Server struct {
	opts    Options
	limits  Limits
	ledger  *ledger.Ledger
	desk    *desk.Desk
	methods *method.Methods
	pages   *page.Pages
	plan    *mischief.Plan
	meter   meter
	diary   diary.Diary
	handler http.Handler
	serving sandbox.Serving
}

// New returns a server that is not yet listening.
func New(opts Options) (*Server, error) {
	if opts.Clock == nil {
		return nil, errors.New("sandbox Bluesky: Options.Clock is missing")
	}
	if len(opts.Accounts) == 0 {
		return nil, errors.New("sandbox Bluesky: Options.Accounts is empty: seed at least one account")
	}
	seen := map[string]bool{}
	for _, a := range opts.Accounts {
		if !lexicon.ValidHandle(a.Handle) || seen[a.Handle] {
			return nil, fmt.Errorf("sandbox Bluesky: account handle %q: use each once, a name with a dot such as charity.test", a.Handle)
		}
		seen[a.Handle] = true
	}
	defaults(&opts)
	l, err := ledger.Open(opts.Folder)
	if err != nil {
		return nil, fmt.Errorf("sandbox Bluesky: %w", err)
	}
	s := &Server{opts: opts, limits: DefaultLimits(), ledger: l, plan: mischief.New()}
	if opts.Limits != nil {
		s.limits = *opts.Limits
	}
	// The grace for a refresh token used twice is that of packages/pds/src/account-manager in the reference server.
	s.desk = &desk.Desk{Ledger: l, Now: opts.Clock.Now, Random: opts.Random, Access: opts.AccessLife, Renew: opts.RefreshLife, Grace: 2 * time.Hour}
	s.methods = &method.Methods{
		Ledger: l, Accounts: opts.Accounts, Desk: s.desk, MaxBlob: opts.MaxBlob, Lag: opts.Lag, Seed: opts.Seed, Quiet: opts.Quiet,
	}
	s.pages = &page.Pages{Title: opts.Title, Methods: s.methods, Now: opts.Clock.Now}
	s.handler = s.routes()
	return s, nil
}

// defaults fills what was left out.
func defaults(opts *Options) {
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Title == "" {
		opts.Title = "Sandbox Bluesky"
	}
	if opts.AccessLife == 0 {
		opts.AccessLife = 2 * time.Hour
	}
	if opts.RefreshLife == 0 {
		opts.RefreshLife = 90 * 24 * time.Hour
	}
	if opts.MaxBlob == 0 {
		opts.MaxBlob = 5 << 20
	}
}

// Handler returns the server as a handler, for a listener of the caller's own on the loopback interface.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.dated) }

// dated serves a request under the sandbox's own time, so that the Date header and the instants in answers come from one clock.
func (s *Server) dated(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.opts.Clock.Now().UTC().Format(http.TimeFormat))
	s.handler.ServeHTTP(w, r)
}

// Start listens on a loopback address and serves until Close.
func (s *Server) Start(addr string) error { return s.serving.Start(addr, s.Handler(), s.opts.Log) }

// BaseURL returns the address of a started server, such as http://127.0.0.1:4040.
func (s *Server) BaseURL() string { return s.serving.BaseURL() }

// Close ends the server at once, as a power cut would: what was answered is kept, what was not is not. It waits until no
// request is being carried out any more.
func (s *Server) Close() error {
	s.plan.Close()
	return errors.Join(s.serving.Stop(), s.ledger.Close())
}

// Faults returns the plan of misbehaviour.
func (s *Server) Faults() *mischief.Plan { return s.plan }

// Session begins a session for a seeded account and returns its tokens, by the sandbox's own short cut: it counts against no limit.
func (s *Server) Session(handle string) (access, refresh string, err error) {
	a, ok := s.methods.Find(handle)
	if !ok {
		return "", "", fmt.Errorf("account %q is not one of this sandbox", handle)
	}
	p, err := s.desk.Begin(a.DID(), desk.ScopeApp)
	return p.Access, p.Refresh, err
}

// AppPassword returns the app password of an account.
func (s *Server) AppPassword(a Account) string { return desk.AppPassword(a) }

// Revoke ends every session of an account, as when its owner deletes the app password.
func (s *Server) Revoke(handle string) error {
	a, _ := s.methods.Find(handle)
	sessions := s.ledger.Sessions(a.DID())
	for i := range sessions {
		sessions[i].Revoked = true
	}
	return s.ledger.Save(ledger.Change{Sessions: sessions})
}

// Suspend takes an account down, or gives it back.
func (s *Server) Suspend(handle string, down bool) {
	a, _ := s.methods.Find(handle)
	s.desk.Suspend(a.DID(), down)
}
