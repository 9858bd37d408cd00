package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"daymark/internal/core/clock"
	sandbox "daymark/internal/sandbox/mastodon"
)

// networkOrders say how the network process is to be.
type networkOrders struct {
	Main, Other string // addresses to listen on, so that a network that is started again is where it was
	Accounts    int
	Delay       time.Duration // before each status is taken
	RealStart   time.Time     // the product clock: it shows Start at RealStart and runs as real time does
	Start       time.Time
}

// networkAnswer says where the network listens.
type networkAnswer struct {
	Main, Other, Control string
	Tokens               []string // of account 0 and on
}

// arrival is a status that somebody asked the network to post.
type arrival struct {
	At      time.Time
	Account int
	Text    string
}

// What the network does with the statuses that it is asked to post.
const (
	answers = ""     // posts and answers them
	mutes   = "mute" // posts the next one and never answers
	loses   = "lose" // neither posts nor answers the next one
	hangs   = "hang" // neither posts nor answers any on its other address, as a server that hangs
)

// network is the sandbox Mastodon behind two addresses, with a note of every status that arrives.
type network struct {
	server   *sandbox.Server
	delay    time.Duration
	accounts map[string]int // by token

	mu       sync.Mutex
	mode     string
	arrivals []arrival
}

// sameRandom makes the same tokens at every start: the channels of the benchmark are connected once.
type sameRandom struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

func (r *sameRandom) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.src.Read(p)
}

// lineClock runs as real time does, from another instant on.
type lineClock struct{ realStart, start time.Time }

var _ clock.Clock = lineClock{}

func (c lineClock) Now() time.Time                 { return c.start.Add(time.Since(c.realStart)).UTC() }
func (c lineClock) Wait(t time.Time) time.Duration { return t.Sub(c.Now()) }
func (lineClock) Rate() float64                    { return 1 }

func handle(account int) string { return fmt.Sprintf("charity%d", account) }

// beNetwork serves the sandbox until its parent has had enough.
func beNetwork(ctx context.Context, orders []byte, answer func(any) error) error {
	var o networkOrders
	if err := json.Unmarshal(orders, &o); err != nil {
		return err
	}
	accounts := make([]sandbox.Account, o.Accounts)
	for i := range accounts {
		accounts[i] = sandbox.Account{Handle: handle(i), DisplayName: handle(i), Letter: "C", Followers: 100}
	}
	server, err := sandbox.New(sandbox.Options{
		Accounts: accounts, Clock: lineClock{o.RealStart, o.Start}, Quiet: true, Limits: &sandbox.Limits{},
		Random: &sameRandom{src: rand.NewChaCha8([32]byte{})},
	})
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	n := &network{server: server, delay: o.Delay, accounts: map[string]int{}}
	a := networkAnswer{Tokens: make([]string, o.Accounts)}
	for i := range accounts {
		a.Tokens[i] = server.Token(handle(i))
		n.accounts[a.Tokens[i]] = i
	}
	for _, l := range []struct {
		addr    string
		base    *string
		handler http.Handler
	}{
		{o.Main, &a.Main, n.serve(server.Handler(), false)},
		{o.Other, &a.Other, n.serve(server.Handler(), true)},
		{"127.0.0.1:0", &a.Control, n.control()},
	} {
		listener, err := net.Listen("tcp", l.addr)
		if err != nil {
			return err
		}
		*l.base = "http://" + listener.Addr().String()
		s := &http.Server{Handler: l.handler, ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = s.Serve(listener) }()
		defer func() { _ = s.Close() }()
	}
	if err := answer(a); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// serve notes the statuses that arrive and misbehaves when it was told to.
func (n *network) serve(next http.Handler, other bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := time.Now()
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/statuses" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body))
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		n.mu.Lock()
		n.arrivals = append(n.arrivals, arrival{at, n.accounts[token], form.Get("status")})
		mode := n.mode
		if mode == mutes || mode == loses {
			n.mode = answers // for the next one
		}
		n.mu.Unlock()
		switch {
		case mode == mutes:
			next.ServeHTTP(unheard{}, r)
			<-r.Context().Done()
			return
		case mode == loses, mode == hangs && other:
			<-r.Context().Done()
			return
		}
		if n.delay > 0 && !until(r.Context(), at.Add(n.delay)) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unheard is where an answer goes that nobody gets.
type unheard struct{}

// Header returns headers that nobody reads.
func (unheard) Header() http.Header { return http.Header{} }

// Write drops a part of the answer.
func (unheard) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader drops the status.
func (unheard) WriteHeader(int) {}

// control is what the benchmark itself asks.
func (n *network) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /arrivals", func(w http.ResponseWriter, _ *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		_ = json.NewEncoder(w).Encode(n.arrivals)
	})
	mux.HandleFunc("GET /statuses", func(w http.ResponseWriter, _ *http.Request) {
		var texts []string
		for _, s := range n.server.State().Statuses {
			texts = append(texts, s.Text)
		}
		_ = json.NewEncoder(w).Encode(texts)
	})
	mux.HandleFunc("POST /mode", func(_ http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.mode = r.URL.Query().Get("mode")
	})
	return mux
}

// town is the network as its parent sees it.
type town struct {
	*child
	networkAnswer
}

// network starts the network anew, at the addresses where it was. It has forgotten every status.
func (b *bench) network(ctx context.Context, delay time.Duration, realStart, start time.Time) (*town, error) {
	if b.town != nil {
		if err := b.town.stop(); err != nil {
			return nil, err
		}
	}
	c, err := b.spawn(ctx, "network", networkOrders{Main: b.mainAddr, Other: b.otherAddr, Accounts: b.set.channels + 1, Delay: delay, RealStart: realStart, Start: start})
	if err != nil {
		return nil, err
	}
	t := &town{child: c}
	if err := c.hear(&t.networkAnswer); err != nil {
		return nil, err
	}
	b.town = t
	b.mainAddr, b.otherAddr = strings.TrimPrefix(t.Main, "http://"), strings.TrimPrefix(t.Other, "http://")
	return t, nil
}

// ask calls the control of the network.
func (t *town) ask(ctx context.Context, method, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, t.Control+path, nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// mode tells the network how to behave.
func (t *town) mode(ctx context.Context, mode string) error {
	return t.ask(ctx, http.MethodPost, "/mode?mode="+mode, nil)
}

// seen returns the statuses that arrived, in order.
func (t *town) seen(ctx context.Context) ([]arrival, error) {
	var a []arrival
	err := t.ask(ctx, http.MethodGet, "/arrivals", &a)
	return a, err
}

// statuses returns the texts that the network shows.
func (t *town) statuses(ctx context.Context) ([]string, error) {
	var texts []string
	err := t.ask(ctx, http.MethodGet, "/statuses", &texts)
	return texts, err
}
