// Package mastodon is a local server that speaks the Mastodon client API, keeps what it is sent and refuses what Mastodon
// refuses.
//
// It exists so that Daymark can be tried, rehearsed and tested whole without an account anywhere. It is stricter than
// Mastodon where Mastodon is lenient (an unknown parameter is refused), has a page to read what was posted, an audience that
// reacts as time passes, and a plan of faults for tests. It shares no code with the connector it tests, listens on the
// loopback interface only, and federates with nobody. docs/sandbox.md lists its endpoints and how it differs.
package mastodon

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
	"daymark/internal/sandbox/mastodon/api"
	"daymark/internal/sandbox/mastodon/entity"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/oauth"
	"daymark/internal/sandbox/mastodon/request"
	"daymark/internal/sandbox/mischief"
)

// Account is a seeded account: its handle, names and how many follow it.
type Account = ledger.Account

// Reactions are counts to add to a status by hand.
type Reactions = ledger.Reactions

// Limits are the rate limits, in product time; a zero limit is none.
type Limits struct {
	All     request.Limit // for each token
	Media   request.Limit // uploads, for each account
	Deletes request.Limit // for each account
}

// DefaultLimits returns Mastodon's limits (https://docs.joinmastodon.org/api/rate-limits/).
func DefaultLimits() Limits {
	return Limits{
		All:     request.Limit{Requests: 300, Per: 5 * time.Minute},
		Media:   request.Limit{Requests: 30, Per: 30 * time.Minute},
		Deletes: request.Limit{Requests: 30, Per: 30 * time.Minute},
	}
}

// Options say how a server is to be. Accounts and Clock are needed, the rest has usable zero values.
type Options struct {
	Accounts   []Account
	Clock      clock.Clock   // product time: when statuses are made, keys expire, limits are reset and the audience reacts
	Title      string        // what the server calls itself
	Folder     string        // where state is kept; nowhere when empty
	Seed       uint64        // of the audience
	Quiet      bool          // no audience reacts
	Rules      *entity.Rules // limits of texts and pictures; Mastodon's when nil
	Limits     *Limits       // rate limits; Mastodon's when nil
	Keys       api.KeyRule   // what an Idempotency-Key means
	MediaPolls int           // how often an upload answers "not ready" before it is; 0 is at once, below 0 never
	Random     io.Reader     // for secrets; the system's when nil
	Log        *slog.Logger  // discarded when nil
}

// Server is a sandbox Mastodon server.
type Server struct {
	opts    Options
	limits  Limits
	ledger  *ledger.Ledger
	maker   *entity.Maker
	desk    *oauth.Desk
	plan    *mischief.Plan
	meter   request.Meter
	diary   diary.Diary
	api     *api.Endpoints
	handler http.Handler

	tokens  sync.Mutex // so that a token is looked up and made in one step
	serving sandbox.Serving
}

// New returns a server that is not yet listening.
func New(opts Options) (*Server, error) {
	if opts.Clock == nil {
		return nil, errors.New("sandbox Mastodon: Options.Clock is missing")
	}
	if len(opts.Accounts) == 0 {
		return nil, errors.New("sandbox Mastodon: Options.Accounts is empty: seed at least one account")
	}
	if !slices.Contains([]api.KeyRule{api.KeysReplay, api.KeysIgnore, api.KeysCache, api.KeysBurn}, opts.Keys) {
		return nil, fmt.Errorf("sandbox Mastodon: Options.Keys %q is not known", opts.Keys)
	}
	if err := checkAccounts(opts.Accounts); err != nil {
		return nil, err
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Title == "" {
		opts.Title = "Sandbox Mastodon"
	}
	l, err := ledger.Open(opts.Folder)
	if err != nil {
		return nil, fmt.Errorf("sandbox Mastodon: %w", err)
	}
	s := &Server{opts: opts, limits: DefaultLimits(), ledger: l, plan: mischief.New()}
	rules := entity.DefaultRules()
	if opts.Rules != nil {
		rules = *opts.Rules
	}
	if opts.Limits != nil {
		s.limits = *opts.Limits
	}
	s.maker = &entity.Maker{Ledger: l, Accounts: opts.Accounts, Seed: opts.Seed, Quiet: opts.Quiet}
	s.api = &api.Endpoints{Ledger: l, Maker: s.maker, Rules: rules, Keys: opts.Keys, MediaPolls: opts.MediaPolls}
	s.desk = &oauth.Desk{Ledger: l, Accounts: opts.Accounts, Now: opts.Clock.Now, Random: opts.Random}
	s.handler = s.routes()
	return s, nil
}

// checkAccounts refuses handles that could not be Mastodon's.
func checkAccounts(accounts []Account) error {
	seen := map[string]bool{}
	for _, a := range accounts {
		plain := strings.Trim(a.Handle, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
		if a.Handle == "" || !plain || len(a.Handle) > 30 || seen[a.Handle] {
			return fmt.Errorf("sandbox Mastodon: account handle %q: use each once, 1 to 30 letters, digits and underscores", a.Handle)
		}
		seen[a.Handle] = true
	}
	return nil
}

// Handler returns the server as a handler, for a listener of the caller's own on the loopback interface.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.dated) }

// dated serves a request under the sandbox's own time: clients compare the Date header with the instants in answers
// (https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1), so both must come from one clock.
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

// tokenApp is the application that [Server.Token] speaks for.
const tokenApp = "Sandbox keys"

// Token returns an access token for a seeded account, the same one each time for the same scopes; without scopes it may read
// and write. It is the sandbox's own short cut: a real server gives a token through the code flow only. It returns the
// empty text for an account that is not seeded or when the state cannot be written.
func (s *Server) Token(account string, scopes ...string) string {
	if _, known := s.maker.Find(account); !known {
		return ""
	}
	if len(scopes) == 0 {
		scopes = []string{"read", "write"}
	}
	s.tokens.Lock()
	defer s.tokens.Unlock()
	client := ""
	for _, t := range s.ledger.Tokens(account) {
		app, _ := s.ledger.App(t.ClientID)
		if app.Name == tokenApp {
			if slices.Equal(t.Scopes, scopes) {
				return t.Value
			}
			client = app.ClientID
		}
	}
	if client == "" {
		app, err := s.desk.NewApp(tokenApp, "", []string{oauth.OutOfBand}, oauth.Scopes())
		if err != nil {
			return ""
		}
		client = app.ClientID
	}
	t, err := s.desk.Issue(client, account, scopes)
	if err != nil {
		return ""
	}
	return t.Value
}

// Revoke makes every token of an account invalid, as when its owner removes the application.
func (s *Server) Revoke(account string) error {
	tokens := s.ledger.Tokens(account)
	for i := range tokens {
		tokens[i].Revoked = true
	}
	return s.ledger.Save(ledger.Change{Tokens: tokens})
}

// view returns what a request sees of the state now.
func (s *Server) view(r *http.Request) entity.View {
	base := s.BaseURL()
	if base == "" {
		base = "http://" + r.Host
	}
	return s.maker.At(s.opts.Clock.Now(), base)
}
