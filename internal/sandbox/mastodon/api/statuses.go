package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"daymark/internal/sandbox/mastodon/entity"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/prose"
	"daymark/internal/sandbox/mastodon/request"
	"daymark/internal/sandbox/mischief"

	"golang.org/x/text/language"
)

// StatusParams are the parameters of a new status; scheduled_at is known only to be refused with its own reason.
var StatusParams = []string{
	"status", "media_ids[]", "in_reply_to_id", "sensitive", "spoiler_text", "visibility", "language", "scheduled_at",
}

// Create answers POST /api/v1/statuses.
func (e *Endpoints) Create(c *Call) (any, error) {
	key := c.R.Header.Get("Idempotency-Key")
	e.posting.Lock()
	defer e.posting.Unlock()
	if e.Keys == KeysIgnore || key == "" {
		return e.post(c, key, nil)
	}
	life := time.Hour
	if e.Keys == KeysCache {
		life = 6 * time.Hour
	}
	if k, used := e.Ledger.Key(c.Owner.Handle, key); used && c.Now.Sub(k.At) < life {
		return e.repeat(c, k)
	}
	k := ledger.Key{Account: c.Owner.Handle, Key: key, At: c.Now}
	broken := request.No(http.StatusInternalServerError, "%s", BrokenText)
	switch {
	case c.Fault.Kind == mischief.KeyBurnt:
		k.Burnt = true
		return nil, errors.Join(broken, e.Ledger.Save(ledger.Change{Keys: []ledger.Key{k}}))
	case c.Fault.Kind == mischief.CachedErrorReplayed:
		return nil, errors.Join(broken, e.cache(k, broken))
	case e.Keys == KeysBurn:
		k.Burnt = true
		if err := e.Ledger.Save(ledger.Change{Keys: []ledger.Key{k}}); err != nil {
			return nil, err
		}
		return e.post(c, key, nil)
	}
	k.Breaks = c.Fault.Kind == mischief.Repeat500
	answer, err := e.post(c, key, &k)
	var no *request.Refusal
	if e.Keys == KeysCache && errors.As(err, &no) {
		return nil, errors.Join(no, e.cache(k, no))
	}
	return answer, err
}

// cache keeps a refusal as the answer to every repeat of a key.
func (e *Endpoints) cache(k ledger.Key, no *request.Refusal) error {
	body, err := json.Marshal(map[string]string{"error": no.Message})
	if err != nil {
		return err
	}
	k.Code, k.Body = no.Status, string(body)
	return e.Ledger.Save(ledger.Change{Keys: []ledger.Key{k}})
}

// repeat answers a request whose key was used before.
func (e *Endpoints) repeat(c *Call, k ledger.Key) (any, error) {
	switch {
	case k.Burnt:
		return nil, request.No(http.StatusBadRequest, "Duplicate idempotency key.")
	case k.Breaks:
		return nil, request.No(http.StatusInternalServerError, "%s", BrokenText)
	case k.Code != 0:
		c.W.Header().Set("Idempotent-Replayed", "true")
		c.Code = k.Code
		return json.RawMessage(k.Body), nil
	}
	st, ok := e.Ledger.Status(k.Status)
	if !ok {
		return nil, NotFound()
	}
	if e.Keys == KeysCache {
		c.W.Header().Set("Idempotent-Replayed", "true")
	}
	return c.Status(st), nil
}

// post checks a new status and makes it, together with the record of its key.
func (e *Endpoints) post(c *Call, key string, k *ledger.Key) (any, error) {
	st, err := e.draft(c)
	if err != nil {
		return nil, err
	}
	media, err := e.attachable(c)
	if err != nil {
		return nil, err
	}
	if st.Text == "" && len(media) == 0 {
		return nil, request.Wrong("Text can't be blank")
	}
	st.ID, st.CreatedAt, st.Key = e.Ledger.NextID(c.Now), c.Now, key
	change := ledger.Change{}
	for _, m := range media {
		m.Status = st.ID
		st.Media = append(st.Media, m.ID)
		change.Media = append(change.Media, m)
	}
	change.Statuses = []ledger.Status{st}
	if k != nil {
		k.Status = st.ID
		change.Keys = []ledger.Key{*k}
	}
	if err := e.Ledger.Save(change); err != nil {
		return nil, err
	}
	return c.Status(st), nil
}

// draft reads and checks the words of a new status.
func (e *Endpoints) draft(c *Call) (ledger.Status, error) {
	if c.P.Has("scheduled_at") {
		return ledger.Status{}, request.Wrong("scheduled_at is not supported by this sandbox: post at the moment itself")
	}
	sensitive, err := c.P.Bool("sensitive")
	if err != nil {
		return ledger.Status{}, err
	}
	// Mastodon trims both texts, makes a note without a text the text, and hides what has a note.
	st := ledger.Status{
		Account: c.Owner.Handle, Application: c.Token.ClientID, Text: strings.TrimSpace(c.P.Get("status")), Note: strings.TrimSpace(c.P.Get("spoiler_text")),
		Visibility: cmp.Or(c.P.Get("visibility"), "public"), Language: c.P.Get("language"), InReplyTo: c.P.Get("in_reply_to_id"),
	}
	st.Sensitive = sensitive || st.Note != ""
	if st.Text == "" {
		st.Text, st.Note = st.Note, ""
	}
	if !slices.Contains([]string{"public", "unlisted", "private", "direct"}, st.Visibility) {
		return st, request.Wrong("Visibility is not included in the list")
	}
	if st.Language != "" && !isLanguage(st.Language) {
		return st, request.Wrong("Language %q is not an ISO 639 code", st.Language)
	}
	if n := prose.Length(st.Note, st.Text, e.Rules.PerURL); n > e.Rules.Characters {
		return st, request.Wrong("Text character limit of %d exceeded (the sandbox counts %d)", e.Rules.Characters, n)
	}
	if st.InReplyTo != "" {
		if parent, ok := e.Ledger.Status(st.InReplyTo); !ok || !visible(parent, c.Viewer) {
			return st, request.No(http.StatusNotFound, "The post you are trying to reply to does not appear to exist.")
		}
	}
	return st, nil
}

// isLanguage reports whether a code is two or three letters of ISO 639, with a region if need be, as in pt-BR.
func isLanguage(code string) bool {
	base, _, _ := strings.Cut(code, "-")
	tag, err := language.Parse(code)
	return err == nil && tag != language.Und && strings.ToLower(base) == base && !strings.Contains(code, "_")
}

// NotFound is what Mastodon says of what is not there, or not for this account.
func NotFound() *request.Refusal { return request.No(http.StatusNotFound, "Record not found") }

// visible reports whether an account may see a status. Nobody here follows anybody.
func visible(st ledger.Status, viewer string) bool {
	return st.Visibility == "public" || st.Visibility == "unlisted" || viewer != "" && st.Account == viewer
}

// named returns the status in the path, when the account may see it.
func (e *Endpoints) named(c *Call) (ledger.Status, error) {
	st, ok := e.Ledger.Status(c.R.PathValue("id"))
	if !ok || !visible(st, c.Viewer) {
		return st, NotFound()
	}
	return st, nil
}

// One answers GET /api/v1/statuses/:id.
func (e *Endpoints) One(c *Call) (any, error) {
	st, err := e.named(c)
	if err != nil {
		return nil, err
	}
	return c.Status(st), nil
}

// Batch answers GET /api/v1/statuses?id[]=: what is not there is left out.
func (e *Endpoints) Batch(c *Call) (any, error) {
	ids := c.P.List("id")
	if len(ids) > 20 {
		return nil, request.Wrong("at most 20 statuses can be asked for at once, not %d", len(ids))
	}
	out := []entity.Status{}
	for _, id := range ids {
		if st, ok := e.Ledger.Status(id); ok && visible(st, c.Viewer) {
			out = append(out, c.Status(st))
		}
	}
	return out, nil
}

// Source answers GET /api/v1/statuses/:id/source, for one's own only.
func (e *Endpoints) Source(c *Call) (any, error) {
	st, err := e.named(c)
	if err != nil {
		return nil, err
	}
	if st.Account != c.Viewer {
		return nil, request.No(http.StatusForbidden, "This action is not allowed")
	}
	return map[string]string{"id": st.ID, "text": st.Text, "spoiler_text": st.Note}, nil
}

// Remove answers DELETE /api/v1/statuses/:id with what is needed to write the status anew.
func (e *Endpoints) Remove(c *Call) (any, error) {
	st, err := e.named(c)
	if err != nil || st.Account != c.Viewer {
		return nil, NotFound()
	}
	withMedia, err := c.P.Bool("delete_media")
	if err != nil {
		return nil, err
	}
	e.posting.Lock()
	defer e.posting.Unlock()
	answer := c.Status(st)
	answer.Text = &st.Text
	st.Deleted = true
	change := ledger.Change{Statuses: []ledger.Status{st}}
	for _, id := range st.Media {
		if m, ok := e.Ledger.Media(id); ok && !withMedia {
			m.Status = "" // may be attached again
			change.Media = append(change.Media, m)
		}
	}
	for _, other := range e.Ledger.Statuses("") {
		if other.ReblogOf == st.ID {
			other.Deleted = true
			change.Statuses = append(change.Statuses, other)
		}
	}
	return answer, e.Ledger.Save(change)
}
