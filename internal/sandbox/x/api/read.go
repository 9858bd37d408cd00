package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/request"
	"daymark/internal/sandbox/x/words"
)

// The fields that can be asked for. X's documentation calls the first parameter tweet.fields, its machine-readable
// definition of 2026 post.fields; both are taken.
var (
	postFields = []string{
		"attachments", "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities", "id", "in_reply_to_user_id", "lang",
		"note_tweet", "public_metrics", "referenced_tweets", "text", "possibly_sensitive", "reply_settings", "source",
	}
	userFields  = []string{"created_at", "description", "id", "name", "public_metrics", "username", "verified", "verified_type", "protected", "subscription_type"}
	mediaFields = []string{"alt_text", "height", "media_key", "type", "url", "width"}
)

// PostParams are the query parameters of every endpoint that answers with posts.
var PostParams = []string{"tweet.fields", "post.fields", "expansions", "media.fields", "user.fields"}

// TimelineParams are those of a timeline.
var TimelineParams = append([]string{"max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "exclude"}, PostParams...)

// answer puts posts into an answer, with what belongs to them.
func (e *Endpoints) answer(c *request.Call, posts []ledger.Post) (data []map[string]any, includes map[string]any, err error) {
	asked, err := c.Fields(postFields, "tweet.fields", "post.fields")
	if err != nil {
		return nil, nil, err
	}
	expand, err := c.Fields([]string{"attachments.media_keys", "author_id"}, "expansions")
	if err != nil {
		return nil, nil, err
	}
	pictureFields, err := c.Fields(mediaFields, "media.fields")
	if err != nil {
		return nil, nil, err
	}
	if _, err := c.Fields(userFields, "user.fields"); err != nil {
		return nil, nil, err
	}
	includes = map[string]any{}
	var media []map[string]any
	for _, p := range posts {
		data = append(data, e.object(c, p, asked))
		if !expand["attachments.media_keys"] {
			continue
		}
		for _, id := range p.Media {
			if m, ok := e.Ledger.Media(id); ok {
				media = append(media, picture(c, m, pictureFields))
			}
		}
	}
	if media != nil {
		includes["media"] = media
	}
	return data, includes, nil
}

// picture is an upload as an answer has it.
func picture(c *request.Call, m ledger.Media, asked map[string]bool) map[string]any {
	out := map[string]any{"media_key": m.Key(), "type": "photo"}
	for name, value := range map[string]any{"alt_text": m.Alt, "width": m.Width, "height": m.Height, "url": c.Base + "/media/" + m.ID} {
		if asked[name] && value != "" {
			out[name] = value
		}
	}
	return out
}

// object is a post as an answer has it: id and text, and what was asked for.
func (e *Endpoints) object(c *request.Call, p ledger.Post, asked map[string]bool) map[string]any {
	text, links := words.Show(p.ID, p.Text, keys(p), e.page(c.Base, p))
	a, _ := e.Find(p.Account)
	out := map[string]any{"id": p.ID, "text": text, "edit_history_tweet_ids": []string{p.ID}}
	optional := map[string]any{
		"created_at": request.Instant(p.CreatedAt), "author_id": a.ID(), "public_metrics": e.Counts(p, c.Now), "lang": "und",
		"conversation_id": e.root(p).ID, "possibly_sensitive": false, "reply_settings": "everyone",
	}
	if len(links) > 0 {
		optional["entities"] = map[string]any{"urls": links}
	}
	if len(p.Media) > 0 {
		optional["attachments"] = map[string]any{"media_keys": keys(p)}
	}
	if p.InReplyTo != "" {
		optional["referenced_tweets"] = []map[string]string{{"type": "replied_to", "id": p.InReplyTo}}
	}
	for name, value := range optional {
		if asked[name] {
			out[name] = value
		}
	}
	return out
}

// root returns the first post of a conversation.
func (e *Endpoints) root(p ledger.Post) ledger.Post {
	for range 100 {
		above, ok := e.Ledger.Post(p.InReplyTo)
		if !ok {
			return p
		}
		p = above
	}
	return p
}

// Me answers GET /2/users/me.
func (e *Endpoints) Me(c *request.Call) (any, error) {
	asked, err := c.Fields(userFields, "user.fields")
	if err != nil {
		return nil, err
	}
	data := map[string]any{"id": c.Owner.ID(), "name": c.Owner.DisplayName, "username": c.Owner.Handle}
	optional := map[string]any{
		"description": c.Owner.Note, "verified": false, "verified_type": "none", "protected": false, "created_at": "2020-01-01T00:00:00.000Z",
		"public_metrics":    map[string]int{"followers_count": c.Owner.Followers, "following_count": 0, "tweet_count": len(e.Ledger.Posts(c.Owner.Handle)), "listed_count": 0},
		"subscription_type": "None",
	}
	for name, value := range optional {
		if asked[name] {
			data[name] = value
		}
	}
	return map[string]any{"data": data}, nil
}

// maxIDs is how many posts one call reads.
const maxIDs = 100

// Several answers GET /2/tweets?ids=.
func (e *Endpoints) Several(c *request.Call) (any, error) {
	ids := strings.Split(c.Query.Get("ids"), ",")
	if len(ids) > maxIDs || slices.ContainsFunc(ids, func(id string) bool { return !request.Numeric(id) }) {
		return nil, request.Invalid("ids", c.Query.Get("ids"), "size must be between 1 and 100, and each an id")
	}
	var found []ledger.Post
	var problems []request.Missing
	for _, id := range ids {
		if p, ok := e.Ledger.Post(id); ok {
			found = append(found, p)
		} else {
			problems = append(problems, request.NotFound("ids", id))
		}
	}
	data, includes, err := e.answer(c, found)
	return assemble(data, includes, problems), err
}

// One answers GET /2/tweets/:id.
func (e *Endpoints) One(c *request.Call) (any, error) {
	id := c.R.PathValue("id")
	p, ok := e.Ledger.Post(id)
	if !ok {
		return map[string]any{"errors": []request.Missing{request.NotFound("id", id)}}, nil
	}
	data, includes, err := e.answer(c, []ledger.Post{p})
	if err != nil {
		return nil, err
	}
	out := map[string]any{"data": data[0]}
	if len(includes) > 0 {
		out["includes"] = includes
	}
	return out, nil
}

// assemble leaves out what is empty, as X does.
func assemble(data []map[string]any, includes map[string]any, problems []request.Missing) map[string]any {
	out := map[string]any{}
	if len(data) > 0 {
		out["data"] = data
	}
	if len(includes) > 0 {
		out["includes"] = includes
	}
	if len(problems) > 0 {
		out["errors"] = problems
	}
	return out
}

// Timeline answers GET /2/users/:id/tweets, newest first.
func (e *Endpoints) Timeline(c *request.Call) (any, error) {
	a, ok := e.findID(c.R.PathValue("id"))
	if !ok {
		return map[string]any{"errors": []request.Missing{request.NotFound("id", c.R.PathValue("id"))}}, nil
	}
	size := 10
	if raw := c.Query.Get("max_results"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 5 || n > 100 {
			return nil, request.Invalid("max_results", raw, "The `max_results` query parameter value [%s] is not between 5 and 100", raw)
		}
		size = n
	}
	keep, err := span(c)
	if err != nil {
		return nil, err
	}
	var page []ledger.Post
	next := ""
	for _, p := range e.Ledger.Posts(a.Handle) {
		if !keep(p) {
			continue
		}
		if len(page) == size {
			next = page[size-1].ID
			break
		}
		page = append(page, p)
	}
	data, includes, err := e.answer(c, page)
	if err != nil {
		return nil, err
	}
	out := assemble(data, includes, nil)
	meta := map[string]any{"result_count": len(page)}
	if len(page) > 0 {
		meta["newest_id"], meta["oldest_id"] = page[0].ID, page[len(page)-1].ID
	}
	if next != "" {
		meta["next_token"] = "before" + next
	}
	out["meta"] = meta
	return out, nil
}

// span reads which posts of a timeline are asked for.
func span(c *request.Call) (func(ledger.Post) bool, error) {
	ids, times := map[string]uint64{}, map[string]time.Time{}
	for _, name := range []string{"since_id", "until_id", "pagination_token"} {
		raw := c.Query.Get(name)
		if raw == "" {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(raw, "before"), 10, 64)
		if err != nil || strings.HasPrefix(raw, "before") != (name == "pagination_token") {
			return nil, request.Invalid(name, raw, "The `%s` query parameter value [%s] is not valid", name, raw)
		}
		ids[name] = n
	}
	for _, name := range []string{"start_time", "end_time"} {
		raw := c.Query.Get(name)
		if raw == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, raw)
		if err != nil || name == "end_time" && t.After(c.Now) {
			return nil, request.Invalid(name, raw, "The `%s` query parameter value [%s] is not a valid RFC3339 date", name, raw)
		}
		times[name] = t
	}
	noReplies := slices.Contains(strings.Split(c.Query.Get("exclude"), ","), "replies")
	return func(p ledger.Post) bool {
		id, _ := strconv.ParseUint(p.ID, 10, 64)
		before := func(name string) bool { n, ok := ids[name]; return !ok || id < n }
		start, started := times["start_time"]
		end, ends := times["end_time"]
		return id > ids["since_id"] && before("until_id") && before("pagination_token") &&
			(!started || !p.CreatedAt.Before(start)) && (!ends || p.CreatedAt.Before(end)) && (!noReplies || p.InReplyTo == "")
	}, nil
}

// File answers GET /media/{id} with the bytes of a picture.
func (e *Endpoints) File(w http.ResponseWriter, r *http.Request) {
	m, ok := e.Ledger.Media(r.PathValue("id"))
	content, err := e.Ledger.File(m.ID)
	if !ok || err != nil || m.Open || m.Failed {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.MIME)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(content) // a reader that has gone needs no picture
}
