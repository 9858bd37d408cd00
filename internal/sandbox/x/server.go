// Package x is a local server that speaks what X's API has for posting, keeps what it is sent and refuses what X refuses.
//
// It exists so that Daymark can be tried, rehearsed and tested whole without an account and without paying. It checks each
// request's OAuth 1.0a signature by its own code, counts texts by its own code, refuses a field it does not know, has a page
// to read what was posted, an audience that reacts as time passes, and a plan of faults for tests. Version 1.1 answers what
// most applications get from it (453) unless a switch lets it post. It shares no code with the connector it tests and
// listens on the loopback interface only. docs/networks-x.md lists its endpoints and how it differs.
package x

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/sandbox"
	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/sandbox/x/api"
	"daymark/internal/sandbox/x/consent"
	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/meter"
	"daymark/internal/sandbox/x/upload"
)

// Account is a seeded account: its handle, names and how many follow it.
type Account = ledger.Account

// Reactions are counts to add to a post by hand.
type Reactions = ledger.Reactions

// Options say how a server is to be. Accounts and Clock are needed, the rest has usable zero values.
type Options struct {
	Accounts   []Account
	Clock      clock.Clock      // product time: when posts are made, limits are reset and the audience reacts
	Wall       func() time.Time // the machine's own time, which signatures carry; product time when nil
	Title      string           // what the server calls itself
	Folder     string           // where state is kept; nowhere when empty
	Seed       uint64           // of the audience
	Quiet      bool             // no audience reacts
	Switches   Switches         // how it begins; they can be turned while it runs
	Limits     *Limits          // rate limits; X's when nil
	Window     time.Duration    // how long the same text is a duplicate; a day when zero, since X does not say
	MediaPolls int              // how often an upload answers "pending" before it is ready; 0 is at once, below 0 never
	Random     io.Reader        // for secrets; the system's when nil
	Log        *slog.Logger     // discarded when nil
}

// Switches are what X grants to some and not to others.
type Switches struct {
	Replies   bool `json:"replies"`    // replies that nobody asked for, to one's own posts too, are let through
	Legacy    bool `json:"legacy"`     // version 1.1 posts, instead of answering 453
	NoReading bool `json:"no_reading"` // reading posts is refused, as when the credits are used up
}

// Server is a sandbox X server.
type Server struct {
	opts    Options
	limits  Limits
	ledger  *ledger.Ledger
	api     *api.Endpoints
	uploads *upload.Desk
	desk    *consent.Desk
	plan    *mischief.Plan
	meter   meter.Meter
	diary   diary.Diary
	nonces  meter.Nonces
	handler http.Handler

	making  sync.Mutex // so that an application or a token is looked up and made in one step
	serving sandbox.Serving

	mu       sync.Mutex
	switches Switches
}

// New returns a server that is not yet listening.
func New(opts Options) (*Server, error) {
	if opts.Clock == nil {
		return nil, errors.New("sandbox X: Options.Clock is missing")
	}
	if len(opts.Accounts) == 0 {
		return nil, errors.New("sandbox X: Options.Accounts is empty: seed at least one account")
	}
	if err := checkAccounts(opts.Accounts); err != nil {
		return nil, err
	}
	if opts.Wall == nil {
		opts.Wall = opts.Clock.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Title == "" {
		opts.Title = "Sandbox X"
	}
	if opts.Window == 0 {
		opts.Window = 24 * time.Hour
	}
	l, err := ledger.Open(opts.Folder)
	if err != nil {
		return nil, fmt.Errorf("sandbox X: %w", err)
	}
	s := &Server{opts: opts, limits: DefaultLimits(), ledger: l, plan: mischief.New(), switches: opts.Switches}
	if opts.Limits != nil {
		s.limits = *opts.Limits
	}
	s.api = &api.Endpoints{
		Ledger: l, Accounts: opts.Accounts, Seed: opts.Seed, Quiet: opts.Quiet, Window: opts.Window,
		Replies: func() bool { return s.Switches().Replies },
	}
	s.uploads = &upload.Desk{Ledger: l, Polls: opts.MediaPolls}
	s.desk = &consent.Desk{Ledger: l, Accounts: opts.Accounts, Random: opts.Random}
	s.handler = s.routes()
	return s, nil
}

// checkAccounts refuses handles that could not be X's (https://help.x.com/en/managing-your-account/x-username-rules).
func checkAccounts(accounts []Account) error {
	reserved := []string{"sandbox", "oauth", "media", "avatars", "2", "1"}
	var seen []string
	for _, a := range accounts {
		plain := strings.Trim(a.Handle, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
		name := strings.ToLower(a.Handle)
		if a.Handle == "" || !plain || len(a.Handle) > 15 || slices.Contains(seen, name) || slices.Contains(reserved, name) {
			return fmt.Errorf("sandbox X: account handle %q: use each once, 1 to 15 letters, digits and underscores", a.Handle)
		}
		seen = append(seen, name)
	}
	return nil
}

// Switches returns what the server grants at the moment.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// Turn sets what the server grants.
func (s *Server) Turn(to Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = to
}

// Handler returns the server as a handler, for a listener of the caller's own on the loopback interface.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.dated) }

// dated serves a request under the machine's own time, since that is what signatures are compared with.
func (s *Server) dated(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.opts.Wall().UTC().Format(http.TimeFormat))
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

// Keys are the four keys of an account at an application.
type Keys struct {
	ConsumerKey    string `json:"consumer_key"`
	ConsumerSecret string `json:"consumer_secret"`
	AccessToken    string `json:"access_token"`
	AccessSecret   string `json:"access_secret"`
}

// Keys returns four keys for a seeded account, the same each time; with readOnly, those of an application that may not
// write. It is the sandbox's own short cut for what a developer copies from X's console.
func (s *Server) Keys(account string, readOnly bool) (Keys, error) {
	a, known := s.api.Find(account)
	if !known {
		return Keys{}, fmt.Errorf("sandbox X: account %q is not seeded", account)
	}
	s.making.Lock()
	defer s.making.Unlock()
	name := "Sandbox keys"
	if readOnly {
		name = "Sandbox keys for reading"
	}
	app, err := s.desk.App(name, readOnly)
	if err != nil {
		return Keys{}, err
	}
	for _, t := range s.ledger.Tokens(a.Handle) {
		if t.ConsumerKey == app.ConsumerKey {
			return Keys{app.ConsumerKey, app.ConsumerSecret, t.Value, t.Secret}, nil
		}
	}
	t, err := s.desk.Issue(app, a)
	return Keys{app.ConsumerKey, app.ConsumerSecret, t.Value, t.Secret}, err
}

// Revoke makes every access token of an account invalid, as when its owner removes the application.
func (s *Server) Revoke(account string) error {
	tokens := s.ledger.Tokens(account)
	for i := range tokens {
		tokens[i].Stage = ledger.Ended
	}
	return s.ledger.Save(ledger.Change{Tokens: tokens})
}

// Suspend takes an account off the network, or gives it back.
func (s *Server) Suspend(account string, suspended bool) error {
	return s.ledger.Save(ledger.Change{Standings: []ledger.Standing{{Account: account, Suspended: suspended}}})
}
