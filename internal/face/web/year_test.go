package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/sandbox/audience"
	sandbox "daymark/internal/sandbox/mastodon"
	"daymark/internal/wire"
)

// crowd asks a sandbox server with an audience, through the real connector.
type crowd struct {
	*mastodon.Connector
	accounts map[int64]platform.Account
}

// Measure asks the account of a channel.
func (c crowd) Measure(ctx context.Context, channel int64, refs []platform.Ref) (map[string]platform.Counts, error) {
	return c.Connector.Measure(ctx, c.accounts[channel], refs)
}

// ReadCost is nothing.
func (crowd) ReadCost(context.Context, int64) (int64, error) { return 0, nil }

// year is a site whose posts are out on a sandbox server with an audience.
type year struct {
	*site
	*booktest.Book
	server  *sandbox.Server
	collect *engagement.Collector
	status  map[int64]string          // by delivery
	told    map[int64]audience.Counts // the server's own counts at the instant at which each delivery was asked about last
	gained  map[string]int64          // engagements by civil day at the channel's place
	zone    *time.Location
}

func newYear(t *testing.T) *year {
	t.Helper()
	s := newTeam(t)
	y := &year{site: s, Book: booktest.New(t, s.db), status: map[int64]string{}, told: map[int64]audience.Counts{}, gained: map[string]int64{}}
	var err error
	y.zone, err = time.LoadLocation("America/Bogota")
	s.must(err)
	handles := []string{"hope", "esperanza"}
	y.server, err = sandbox.New(sandbox.Options{
		Accounts: []sandbox.Account{{Handle: handles[0], Followers: 4000}, {Handle: handles[1], Followers: 900}},
		Clock:    s.clock, Seed: 30, Limits: &sandbox.Limits{},
	})
	s.must(err)
	s.must(y.server.Start("127.0.0.1:0"))
	t.Cleanup(func() { _ = y.server.Close() })
	client := wire.NewClient(wire.Options{Allow: []string{strings.TrimPrefix(y.server.BaseURL(), "http://")}, Timeout: 10 * time.Second})
	t.Cleanup(client.CloseIdleConnections)
	net := crowd{accounts: map[int64]platform.Account{}, Connector: mastodon.New(mastodon.Options{
		HTTP: client, Now: s.clock.Now, UserAgent: "Daymark test", Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})}
	y.collect = &engagement.Collector{DB: s.db, Networks: net, Clock: s.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	var channels []int64
	for _, handle := range handles {
		id := y.Channel(booktest.Channel{Handle: "@" + handle + "@127.0.0.1", Zone: y.zone.String()})
		channels = append(channels, id)
		net.accounts[id] = platform.Account{
			Network: platform.Mastodon, Address: y.server.BaseURL(), Handle: "@" + handle + "@127.0.0.1",
			Secret: mastodon.Credentials{AccessToken: y.server.Token(handle)}.Secret(),
		}
	}
	y.owned(`ALTER TABLE copies DISABLE TRIGGER USER`)
	for i, message := range []string{"teaser", "one-fact", "thanks"} {
		due := booktest.Due.AddDate(0, 0, []int{-14, 0, 1}[i])
		s.clock.Set(due)
		post := y.Post(message)
		for j, channel := range channels {
			id := y.Deliver(booktest.Delivery{Post: post, Channel: channel, Due: due})
			y.Publish(id, due)
			y.status[id] = y.toot(handles[j], "Text of "+message)
			y.owned(fmt.Sprintf(`UPDATE copies SET remote_id = '%s' WHERE delivery_id = %d`, y.status[id], id))
		}
	}
	return y
}

// toot posts to the sandbox as an account does, and returns the status.
func (y *year) toot(handle, text string) string {
	y.site.t.Helper()
	req, err := http.NewRequestWithContext(y.site.t.Context(), http.MethodPost, y.server.BaseURL()+"/api/v1/statuses", strings.NewReader(url.Values{"status": {text}}.Encode()))
	y.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+y.server.Token(handle))
	resp, err := http.DefaultTransport.RoundTrip(req)
	y.must(err)
	defer func() { _ = resp.Body.Close() }()
	var made struct {
		ID string `json:"id"`
	}
	y.must(json.NewDecoder(resp.Body).Decode(&made))
	if made.ID == "" {
		y.site.t.Fatalf("the sandbox took no status: %s", resp.Status)
	}
	return made.ID
}

// until lets the collector ask whatever is due up to an instant, each question at its time, and notes what the server itself counts
// then.
func (y *year) until(end time.Time) {
	y.site.t.Helper()
	for {
		if _, err := y.collect.Tick(y.site.t.Context()); err != nil {
			y.site.t.Fatal(err)
		}
		y.note()
		next, any, err := y.collect.NextDue(y.site.t.Context())
		y.must(err)
		if !any || next.After(end) {
			y.clock.Set(end)
			return
		}
		y.clock.Set(next)
	}
}

// note keeps the server's own counts of what was asked about just now.
func (y *year) note() {
	var asked []int64
	now := y.clock.Now()
	y.must(y.db.SelectContext(y.site.t.Context(), &asked, `SELECT delivery_id FROM latest_counts WHERE taken_at = $1`, now.Truncate(time.Microsecond)))
	if len(asked) == 0 {
		return
	}
	own := map[string]audience.Counts{}
	for _, s := range y.server.State().Statuses {
		own[s.ID] = audience.Counts{Favourites: s.Favourites, Reblogs: s.Reblogs, Replies: s.Replies}
	}
	for _, id := range asked {
		was, is := y.told[id], own[y.status[id]]
		y.told[id] = is
		if gain := is.Favourites + is.Reblogs + is.Replies - was.Favourites - was.Reblogs - was.Replies; gain != 0 {
			y.gained[now.In(y.zone).Format(time.DateOnly)] += int64(gain)
		}
	}
}

// TestAYearOfCountsIsThatOfTheNetwork runs a year on the clock: each network is asked at the instants of the schedule, and at every
// stop the totals on the page are what the sandbox itself counted at those instants, to the unit; so are the gains of each day.
func TestAYearOfCountsIsThatOfTheNetwork(t *testing.T) {
	t.Parallel()
	y := newYear(t)
	y.clock.Set(booktest.Due.AddDate(0, 0, -14))
	manager := y.as("manager")
	for _, days := range []int{-13, 0, 2, 30, 200, 400} {
		y.until(booktest.Due.AddDate(0, 0, days).Add(7 * time.Hour))
		page := manager.get(fmt.Sprintf("/reach/%d", y.Edition))
		var sum audience.Counts
		for _, c := range y.told {
			sum = sum.Plus(c)
		}
		for figure, want := range map[string]int{
			"favourites": sum.Favourites, "boosts": sum.Reblogs, "replies": sum.Replies, "engagements": sum.Favourites + sum.Reblogs + sum.Replies,
		} {
			if text := `id="total-` + figure + `" data-value="` + strconv.Itoa(want) + `"`; want == 0 || !strings.Contains(page.body, text) {
				t.Errorf("%d days from the day the page does not show %d %s, which the network counts", days, want, figure)
			}
		}
		list, err := trend.Days(t.Context(), y.db, trend.Filter{Edition: y.Edition})
		y.must(err)
		got := map[string]int64{}
		for _, d := range list {
			if n := d.Counts.Engagements; n != nil && *n != 0 {
				got[d.Day.String()] += *n
			}
		}
		if diff := cmp.Diff(y.gained, got); diff != "" {
			t.Errorf("%d days from the day the gains of the days are not the network's (-network +ours):\n%s", days, diff)
		}
	}
	if len(y.gained) < 5 {
		t.Errorf("the crowd reacted on %d days only", len(y.gained))
	}
}
