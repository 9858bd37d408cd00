// Package channels is the desk for the accounts that posts go out on: which there are and how they are, connecting one, testing one,
// and what can be set about it.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The desk calls no network: what it is
// given as [Joins] does.
package channels

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/health"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Joins connects accounts and asks them how they are. It posts nothing.
type Joins interface {
	Begin(ctx context.Context, by people.Person, start joining.Start) (joining.Step, error)
	Finish(ctx context.Context, by people.Person, query url.Values) (channel.Channel, error)
	Direct(ctx context.Context, by people.Person, start joining.Start) (channel.Channel, error)
	Test(ctx context.Context, id int64) (joining.Seen, error)
	Ends(ctx context.Context) (map[int64]time.Time, error)
}

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	joins  Joins
	again  form.Again
	public string // where people reach Daymark; empty where it is not known
}

// New returns a desk; again submits renewed posts, public is where people reach Daymark.
func New(db *postgres.DB, joins Joins, again form.Again, public string) Desk {
	return Desk{db: db, joins: joins, again: again, public: strings.TrimRight(public, "/")}
}

// warning is how long before an account has to be connected again the pages say so.
const warning = 7 * 24 * time.Hour

// listPage lists the accounts.
type listPage struct {
	page.Frame
	Rows      []row
	MayManage bool
	Networks  []page.Option // that one can be connected of
}

// row is one account.
type row struct {
	URL       string
	Name      string
	Labels    string
	Handle    string
	Network   string
	Server    string
	Zone      string
	Languages string
	State     page.Mark
	Problem   string
}

// networks are those that accounts can be connected of, in the order of the page.
var networks = []string{"mastodon", "bluesky", "x", "byhand"}

// List answers with the accounts.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	list, err := channel.List(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	all, err := health.All(r.Context(), d.db, r.Now)
	if err != nil {
		return ask.Answer{}, err
	}
	ends, err := d.joins.Ends(r.Context())
	if err != nil {
		return ask.Answer{}, err
	}
	p := &listPage{Frame: page.Frame{Template: "channels", Title: r.Words.T("channels.title"), Door: "channels"}, MayManage: r.Person.May(people.ChannelManage)}
	for _, c := range list {
		if !r.Within.Channel(c.ID) {
			continue
		}
		p.Rows = append(p.Rows, rowOf(r, c, all[c.ID], ends[c.ID]))
	}
	for _, n := range networks {
		p.Networks = append(p.Networks, page.Option{Value: "/connect/" + n, Word: r.Words.T("channels.connect." + n)})
	}
	return ask.Shown(p), nil
}

// rowOf writes an account with how it is.
func rowOf(r ask.Request, c channel.Channel, h health.Health, ends time.Time) row {
	t := r.Words.T
	one := row{
		URL: address(c.ID), Name: c.Name, Handle: c.Handle, Network: r.Words.Network(c.Platform), Server: c.Address, Zone: c.Zone,
		Languages: r.Words.Tongues(c.Languages), Labels: r.Words.Joined(c.Labels), Problem: h.Problem,
		State: page.Mark{ID: "ready", Icon: "circle-check", Word: t("channels.ready"), Tone: "live"},
	}
	switch {
	case c.Archived():
		one.State, one.Problem = page.Mark{ID: "archived", Icon: "ban", Word: t("channels.archived"), Tone: "quiet"}, ""
	case h.Problem != "":
		one.State = page.Mark{ID: "problem", Icon: "octagon-x", Word: t("channels.problem"), Tone: "harm"}
	case !ends.IsZero() && ends.Before(r.Now.Add(warning)):
		one.State = page.Mark{ID: "ends", Icon: "triangle-alert", Word: t("channels.ends.soon"), Tone: "look"}
		one.Problem = t("channels.ends.text", r.Words.LongDay(ends.UTC().Format(time.DateOnly)))
	case c.Platform == "byhand":
		one.State = page.Mark{ID: "hand", Icon: "hand", Word: t("channels.byhand"), Tone: "ready"}
	case c.Sandbox:
		one.State = page.Mark{ID: "sandbox", Icon: "flask-conical", Word: t("channels.sandbox"), Tone: "ready"}
	}
	return one
}

func address(id int64) string { return fmt.Sprintf("/channels/%d", id) }

// network reads the network that the path names.
func network(r ask.Request) (string, error) {
	n := r.PathValue("network")
	if !slices.Contains(networks, n) {
		return "", fault.New(fault.NotFound, "Daymark connects no accounts of such a network.")
	}
	return n, nil
}
