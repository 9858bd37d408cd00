package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/wire"
)

// callOrders say which calls a contender without Daymark's book makes.
type callOrders struct {
	Base    string
	Tokens  []string // of the accounts
	Texts   []string // each goes to each account
	Workers int      // calls at the same time
	At      time.Time
	Bare    bool   // a plain http.Client in place of Daymark's connector
	DSN     string // River's database
	Conns   int    // connections to it
}

// callAnswer says how it went.
type callAnswer struct {
	Began  time.Time // the instant named, or later where the process was not ready
	Ended  time.Time // when the last answer was read, or the last job was settled
	Failed int
	First  string // the first failure
}

// job is one call: which text to which account.
type job struct {
	Number  int `json:"number"`
	Account int `json:"account"`
	Text    int `json:"text"`
}

// Kind names the job for River.
func (job) Kind() string { return "publish" }

// jobs returns all calls in the order in which Daymark makes them: a text to every account, then the next.
func (o callOrders) jobs() []job {
	list := make([]job, 0, len(o.Texts)*len(o.Tokens))
	for t := range o.Texts {
		for a := range o.Tokens {
			list = append(list, job{len(list), a, t})
		}
	}
	return list
}

// caller makes the calls of jobs.
type caller interface {
	call(ctx context.Context, j job) error
}

// connected calls through the connector that Daymark uses, with a client as Daymark makes it.
type connected struct {
	o         callOrders
	connector *mastodon.Connector
	handles   platform.Handles
}

func connect(ctx context.Context, o callOrders) (caller, error) {
	if o.Bare {
		return bare{o, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.Workers}, Timeout: 30 * time.Second}}, nil
	}
	c := &connected{o: o, connector: mastodon.New(mastodon.Options{
		HTTP: wire.NewClient(wire.Options{Allow: []string{strings.TrimPrefix(o.Base, "http://")}}), Now: time.Now, UserAgent: "Daymark/bench",
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})}
	var err error
	c.handles, err = c.connector.Prepare(ctx, c.account(0), o.content(0), 0, nil)
	return c, err
}

func (c *connected) account(i int) platform.Account {
	return platform.Account{
		Channel: int64(i + 1), Network: platform.Mastodon, Address: c.o.Base, Handle: handle(i),
		Secret: mastodon.Credentials{AccessToken: c.o.Tokens[i]}.Secret(),
	}
}

func (o callOrders) content(text int) platform.Content {
	return platform.Content{Parts: []platform.Part{{Text: o.Texts[text]}}, Language: "en", Visibility: "public"}
}

func (c *connected) call(ctx context.Context, j job) error {
	_, err := c.connector.Publish(ctx, c.account(j.Account), platform.Attempt{
		Key: fmt.Sprintf("bench-%d", j.Number), No: 1, Content: c.o.content(j.Text), Handles: c.handles, StartedAt: c.o.At,
	})
	return err
}

// bare calls with net/http alone.
type bare struct {
	o    callOrders
	http *http.Client
}

func (c bare) call(ctx context.Context, j job) error {
	form := url.Values{"status": {c.o.Texts[j.Text]}, "visibility": {"public"}, "language": {"en"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.Base+"/api/v1/statuses", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+c.o.Tokens[j.Account])
	req.Header.Set("Idempotency-Key", fmt.Sprintf("bench-%d", j.Number))
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var status struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&status); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	if status.ID == "" {
		return errors.New("no status: " + resp.Status)
	}
	return nil
}

// beLoop makes all calls from so many goroutines, from the instant named on.
func beLoop(ctx context.Context, orders []byte, answer func(any) error) error {
	var o callOrders
	if err := json.Unmarshal(orders, &o); err != nil {
		return err
	}
	c, err := connect(ctx, o)
	if err != nil {
		return err
	}
	jobs := o.jobs()
	if !until(ctx, o.At) {
		return ctx.Err()
	}
	a := callAnswer{Began: time.Now()}
	var next atomic.Int64
	var failures tally
	var running sync.WaitGroup
	for range o.Workers {
		running.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) || ctx.Err() != nil {
					return
				}
				failures.count(c.call(ctx, jobs[i]))
			}
		})
	}
	running.Wait()
	a.Ended = time.Now()
	a.Failed, a.First = failures.sum()
	return answer(a)
}

// tally counts failures and keeps the first.
type tally struct {
	mu    sync.Mutex
	n     int
	first error
}

func (t *tally) count(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n++; t.first == nil {
		t.first = err
	}
}

func (t *tally) sum() (int, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		return 0, ""
	}
	return t.n, t.first.Error()
}
