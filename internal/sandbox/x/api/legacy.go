package api

import (
	"net/http"
	"strconv"
	"strings"

	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/request"
	"daymark/internal/sandbox/x/words"
)

// LegacyParams are the parameters of each endpoint of version 1.1 that is left.
var LegacyParams = struct{ Update, Timeline, Lookup, Destroy, Verify []string }{
	Update:   []string{"status", "in_reply_to_status_id", "auto_populate_reply_metadata", "trim_user", "tweet_mode"},
	Timeline: []string{"user_id", "screen_name", "count", "since_id", "max_id", "tweet_mode", "trim_user", "exclude_replies", "include_rts"},
	Lookup:   []string{"id", "tweet_mode", "trim_user", "include_entities", "map"},
	Destroy:  []string{"id", "tweet_mode", "trim_user"},
	Verify:   []string{"include_entities", "skip_status", "include_email"},
}

// LegacyUpdate answers POST /1.1/statuses/update.json.
func (e *Endpoints) LegacyUpdate(c *request.Call) (any, error) {
	p := ledger.Post{Account: c.Owner.Handle, App: c.Token.ConsumerKey, Text: c.Query.Get("status"), InReplyTo: c.Query.Get("in_reply_to_status_id")}
	switch {
	case strings.TrimSpace(p.Text) == "":
		return nil, request.Old(http.StatusForbidden, 170, "Missing required parameter: status.")
	case words.Length(p.Text) > words.Limit:
		return nil, request.Old(http.StatusForbidden, 186, "Tweet needs to be a bit shorter.")
	}
	p, err := e.publish(c, p)
	if r, no := err.(*request.Refusal); no && strings.Contains(r.Error(), "duplicate") { //nolint:errorlint // publish returns it bare
		return nil, request.Old(http.StatusForbidden, 187, "Status is a duplicate.")
	}
	if err != nil {
		return nil, err
	}
	return e.legacy(c, p), nil
}

// LegacyDestroy answers POST /1.1/statuses/destroy/:id.json.
func (e *Endpoints) LegacyDestroy(c *request.Call) (any, error) {
	p, ok := e.Ledger.Post(strings.TrimSuffix(c.R.PathValue("file"), ".json"))
	if !ok || p.Account != c.Owner.Handle {
		return nil, request.Old(http.StatusNotFound, 144, "No status found with that ID.")
	}
	out := e.legacy(c, p)
	p.Deleted = true
	return out, e.Ledger.Save(ledger.Change{Posts: []ledger.Post{p}})
}

// LegacyTimeline answers GET /1.1/statuses/user_timeline.json.
func (e *Endpoints) LegacyTimeline(c *request.Call) (any, error) {
	a, known := c.Owner, true
	if id := c.Query.Get("user_id"); id != "" {
		a, known = e.findID(id)
	}
	count, err := strconv.Atoi(c.Query.Get("count"))
	if err != nil || count > 200 {
		count = 200
	}
	since, _ := strconv.ParseUint(c.Query.Get("since_id"), 10, 64)
	until, _ := strconv.ParseUint(c.Query.Get("max_id"), 10, 64)
	if !known {
		return nil, request.Old(http.StatusNotFound, 34, "Sorry, that page does not exist.")
	}
	out := []any{}
	for _, p := range e.Ledger.Posts(a.Handle) {
		id, _ := strconv.ParseUint(p.ID, 10, 64)
		if id > since && (until == 0 || id <= until) && len(out) < count {
			out = append(out, e.legacy(c, p))
		}
	}
	return out, nil
}

// LegacyLookup answers GET /1.1/statuses/lookup.json.
func (e *Endpoints) LegacyLookup(c *request.Call) (any, error) {
	out := []any{}
	for id := range strings.SplitSeq(c.Query.Get("id"), ",") {
		if p, ok := e.Ledger.Post(id); ok {
			out = append(out, e.legacy(c, p))
		}
	}
	return out, nil
}

// LegacyVerify answers GET /1.1/account/verify_credentials.json.
func (e *Endpoints) LegacyVerify(c *request.Call) (any, error) { return user(c.Owner), nil }

// user is an account in version 1.1.
func user(a ledger.Account) map[string]any {
	id, _ := strconv.ParseInt(a.ID(), 10, 64)
	return map[string]any{"id": id, "id_str": a.ID(), "name": a.DisplayName, "screen_name": a.Handle, "description": a.Note, "followers_count": a.Followers}
}

// legacy is a post in version 1.1.
func (e *Endpoints) legacy(c *request.Call, p ledger.Post) map[string]any {
	a, _ := e.Find(p.Account)
	id, _ := strconv.ParseInt(p.ID, 10, 64)
	text, links := words.Show(p.ID, p.Text, keys(p), e.page(c.Base, p))
	counts := e.Counts(p, c.Now)
	urls := []map[string]any{}
	for _, l := range links {
		urls = append(urls, map[string]any{"url": l.URL, "expanded_url": l.ExpandedURL, "display_url": l.DisplayURL, "indices": []int{l.Start, l.End}})
	}
	out := map[string]any{
		"id": id, "id_str": p.ID, "created_at": p.CreatedAt.UTC().Format("Mon Jan 02 15:04:05 -0700 2006"), "user": user(a),
		"favorite_count": counts.Likes, "retweet_count": counts.Reposts, "entities": map[string]any{"urls": urls},
	}
	if c.Query.Get("tweet_mode") == "extended" {
		out["full_text"] = text
	} else {
		out["text"] = text
	}
	if p.InReplyTo != "" {
		n, _ := strconv.ParseInt(p.InReplyTo, 10, 64)
		out["in_reply_to_status_id"], out["in_reply_to_status_id_str"] = n, p.InReplyTo
	}
	return out
}
