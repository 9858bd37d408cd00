package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/sandbox/mastodon/entity"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/request"
)

// AccountStatuses answers GET /api/v1/accounts/:id/statuses, newest first, with Link headers to the pages around.
func (e *Endpoints) AccountStatuses(c *Call) (any, error) {
	a, known := e.Maker.FindID(c.R.PathValue("id"))
	if !known {
		return nil, NotFound()
	}
	limit, bounds, err := window(c.P)
	if err != nil {
		return nil, err
	}
	keep, err := e.filter(c)
	if err != nil {
		return nil, err
	}
	var found []ledger.Status
	for _, st := range e.Ledger.Statuses(a.Handle) {
		n, _ := strconv.ParseUint(st.ID, 10, 64)
		if keep(st) && (bounds["max_id"] == 0 || n < bounds["max_id"]) && n > max(bounds["since_id"], bounds["min_id"]) {
			found = append(found, st)
		}
	}
	if len(found) > limit {
		if c.P.Has("min_id") { // the page right after min_id, where since_id gives the newest
			found = found[len(found)-limit:]
		} else {
			found = found[:limit]
		}
	}
	out := []entity.Status{}
	for _, st := range found {
		out = append(out, c.Status(st))
	}
	if len(found) > 0 {
		links := []string{e.link(c, "prev", "min_id", found[0].ID)}
		if len(found) == limit {
			links = slices.Insert(links, 0, e.link(c, "next", "max_id", found[len(found)-1].ID))
		}
		c.W.Header().Set("Link", strings.Join(links, ", "))
	}
	return out, nil
}

// window reads how much of a list is wanted: at most 40, as Mastodon has it, 20 when it is not said.
func window(p request.Params) (int, map[string]uint64, error) {
	limit := 20
	if p.Has("limit") {
		n, err := strconv.Atoi(p.Get("limit"))
		if err != nil || n < 1 {
			return 0, nil, request.Wrong("limit %q is not a number above 0", p.Get("limit"))
		}
		limit = min(n, 40)
	}
	bounds := map[string]uint64{}
	for _, name := range []string{"max_id", "since_id", "min_id"} {
		if !p.Has(name) {
			continue
		}
		n, err := strconv.ParseUint(p.Get(name), 10, 64)
		if err != nil {
			return 0, nil, request.Wrong("%s %q is not an id", name, p.Get(name))
		}
		bounds[name] = n
	}
	return limit, bounds, nil
}

// filter returns which statuses are wanted and may be seen. An account's replies to itself are threads, not replies.
func (e *Endpoints) filter(c *Call) (func(ledger.Status) bool, error) {
	noReblogs, err := c.P.Bool("exclude_reblogs")
	if err != nil {
		return nil, err
	}
	noReplies, err := c.P.Bool("exclude_replies")
	if err != nil {
		return nil, err
	}
	onlyMedia, err := c.P.Bool("only_media")
	if err != nil {
		return nil, err
	}
	return func(st ledger.Status) bool {
		parent, _ := e.Ledger.Status(st.InReplyTo)
		reply := st.InReplyTo != "" && parent.Account != st.Account
		return visible(st, c.Viewer) && !(noReblogs && st.ReblogOf != "") && !(noReplies && reply) && !(onlyMedia && len(st.Media) == 0)
	}, nil
}

// link returns one entry of a Link header (RFC 8288).
func (e *Endpoints) link(c *Call, rel, name, id string) string {
	query := url.Values{}
	for _, keep := range []string{"limit", "exclude_reblogs", "exclude_replies", "only_media"} {
		if c.P.Has(keep) {
			query.Set(keep, c.P.Get(keep))
		}
	}
	query.Set(name, id)
	return fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.Base, c.R.URL.Path, query.Encode(), rel)
}

// Favourite answers POST /api/v1/statuses/:id/favourite.
func (e *Endpoints) Favourite(c *Call) (any, error) {
	return e.setFavourite(c, true)
}

// Unfavourite answers POST /api/v1/statuses/:id/unfavourite.
func (e *Endpoints) Unfavourite(c *Call) (any, error) {
	return e.setFavourite(c, false)
}

func (e *Endpoints) setFavourite(c *Call, on bool) (any, error) {
	e.posting.Lock()
	defer e.posting.Unlock()
	st, err := e.named(c)
	if err != nil {
		return nil, err
	}
	st.Favourites = slices.DeleteFunc(slices.Clone(st.Favourites), func(a string) bool { return a == c.Viewer })
	if on {
		st.Favourites = append(st.Favourites, c.Viewer)
	}
	if err := e.Ledger.Save(ledger.Change{Statuses: []ledger.Status{st}}); err != nil {
		return nil, err
	}
	return c.Status(st), nil
}

// Reblog answers POST /api/v1/statuses/:id/reblog with the boost.
func (e *Endpoints) Reblog(c *Call) (any, error) {
	visibility := c.P.Get("visibility")
	if visibility == "" {
		visibility = "public"
	}
	if !slices.Contains([]string{"public", "unlisted", "private"}, visibility) {
		return nil, request.Wrong("Visibility is not included in the list")
	}
	e.posting.Lock()
	defer e.posting.Unlock()
	st, err := e.named(c)
	if err != nil {
		return nil, err
	}
	if st.Visibility == "direct" {
		return nil, NotFound()
	}
	if boost, ok := c.Boost(st.ID); ok {
		return c.Status(boost), nil
	}
	boost := ledger.Status{
		ID: e.Ledger.NextID(c.Now), Account: c.Viewer, ReblogOf: st.ID, Visibility: visibility, CreatedAt: c.Now, Application: c.Token.ClientID,
	}
	if err := e.Ledger.Save(ledger.Change{Statuses: []ledger.Status{boost}}); err != nil {
		return nil, err
	}
	return c.Status(boost), nil
}

// Unreblog answers POST /api/v1/statuses/:id/unreblog with the status that is boosted no more.
func (e *Endpoints) Unreblog(c *Call) (any, error) {
	e.posting.Lock()
	defer e.posting.Unlock()
	st, err := e.named(c)
	if err != nil {
		return nil, err
	}
	if boost, ok := c.Boost(st.ID); ok {
		boost.Deleted = true
		if err := e.Ledger.Save(ledger.Change{Statuses: []ledger.Status{boost}}); err != nil {
			return nil, err
		}
	}
	return c.Status(st), nil
}
