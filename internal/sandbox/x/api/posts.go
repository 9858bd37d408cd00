package api

import (
	"net/http"
	"slices"
	"strings"

	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/request"
	"daymark/internal/sandbox/x/words"

	"golang.org/x/text/unicode/norm"
)

// newPost is the body of POST /2/tweets. X's definition has more fields; one that this sandbox does not carry out is refused
// rather than passed over.
type newPost struct {
	Text  *string `json:"text"`
	Media *struct {
		IDs    []string `json:"media_ids"`
		Tagged []string `json:"tagged_user_ids"`
	} `json:"media"`
	Reply *struct {
		To      string   `json:"in_reply_to_tweet_id"`
		Exclude []string `json:"exclude_reply_user_ids"`
	} `json:"reply"`
	ReplySettings *string `json:"reply_settings"`
	MadeWithAI    *bool   `json:"made_with_ai"`
	Partnership   *bool   `json:"paid_partnership"`
}

// maxMedia is how many pictures a post may have.
const maxMedia = 4

// Create answers POST /2/tweets.
func (e *Endpoints) Create(c *request.Call) (any, error) {
	var in newPost
	if err := c.Body(&in); err != nil {
		return nil, err
	}
	p := ledger.Post{Account: c.Owner.Handle, App: c.Token.ConsumerKey}
	if in.Text != nil {
		p.Text = *in.Text
	}
	if in.Media != nil {
		if len(in.Media.IDs) == 0 || len(in.Media.IDs) > maxMedia || len(in.Media.Tagged) > 0 {
			return nil, request.Invalid("media.media_ids", strings.Join(in.Media.IDs, ","), "$.media.media_ids: there must be a minimum of 1 items and a maximum of 4 items in the array")
		}
		p.Media = in.Media.IDs
	}
	if in.Reply != nil {
		if !request.Numeric(in.Reply.To) {
			return nil, request.Invalid("reply.in_reply_to_tweet_id", in.Reply.To, "$.reply.in_reply_to_tweet_id: does not match the regex pattern ^[0-9]{1,19}$")
		}
		p.InReplyTo = in.Reply.To
	}
	if in.ReplySettings != nil && !slices.Contains([]string{"following", "mentionedUsers", "subscribers", "verified"}, *in.ReplySettings) {
		return nil, request.Invalid("reply_settings", *in.ReplySettings, "$.reply_settings: does not have a value in the enumeration")
	}
	p, err := e.publish(c, p)
	if err != nil {
		return nil, err
	}
	c.Code = http.StatusCreated
	text, _ := words.Show(p.ID, p.Text, keys(p), e.page(c.Base, p))
	return map[string]any{"data": map[string]any{"id": p.ID, "text": text, "edit_history_tweet_ids": []string{p.ID}}}, nil
}

// publish checks a post as far as both versions of the API agree, and keeps it.
func (e *Endpoints) publish(c *request.Call, p ledger.Post) (ledger.Post, error) {
	p.Text = norm.NFC.String(strings.TrimSpace(p.Text))
	if p.Text == "" && len(p.Media) == 0 {
		return p, request.Invalid("text", p.Text, "text or media is required")
	}
	if !words.Valid(p.Text) {
		return p, request.Invalid("text", p.Text, "The text contains characters that are not allowed")
	}
	if words.Length(p.Text) > words.Limit {
		return p, request.Invalid("text", p.Text, "Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text.")
	}
	if cashtags(p.Text) > 1 {
		return p, request.Plain(http.StatusForbidden, "Posts may contain at most one cashtag.")
	}
	for i, id := range p.Media {
		m, ok := e.Ledger.Media(id)
		if !ok || m.Account != c.Owner.Handle || m.Open || m.Failed || m.Polls != 0 || slices.Contains(p.Media[:i], id) || c.Now.After(m.CreatedAt.Add(ledger.Life)) {
			return p, request.Invalid("media.media_ids", id, "Your media IDs are invalid.")
		}
	}
	if err := e.mayReply(c, p); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt = e.Ledger.NextID(c.Now), c.Now
	err := e.Ledger.Add(p, func(earlier []ledger.Post) error {
		for _, o := range earlier {
			// X does not say how long it remembers, nor that pictures make a difference.
			if o.Text == p.Text && p.Text != "" && p.CreatedAt.Sub(o.CreatedAt) < e.Window {
				return request.Plain(http.StatusForbidden, "You are not allowed to create a Tweet with duplicate content.")
			}
		}
		return nil
	})
	return p, err
}

// mayReply says no to replies that X takes from nobody, and to those it takes by hand only: since February 2026 an
// application may answer a post only when its author mentioned or quoted the account.
func (e *Endpoints) mayReply(c *request.Call, p ledger.Post) error {
	if p.InReplyTo == "" {
		return nil
	}
	to, ok := e.Ledger.Post(p.InReplyTo)
	if !ok {
		return request.Plain(http.StatusForbidden, "You attempted to reply to a Tweet that is deleted or not visible to you.")
	}
	summoned := strings.Contains(strings.ToLower(to.Text), "@"+strings.ToLower(c.Owner.Handle))
	if !summoned && !e.Replies() {
		return request.Plain(http.StatusForbidden, "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.")
	}
	return nil
}

// cashtags counts words such as $GO.
func cashtags(text string) int {
	n := 0
	for _, word := range strings.Fields(text) {
		name, found := strings.CutPrefix(word, "$")
		name = strings.TrimRight(name, ".,;:!?)")
		if found && len(name) > 0 && len(name) <= 6 && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") == "" {
			n++
		}
	}
	return n
}

// Delete answers DELETE /2/tweets/:id.
func (e *Endpoints) Delete(c *request.Call) (any, error) {
	id := c.R.PathValue("id")
	if !request.Numeric(id) {
		return nil, request.Invalid("id", id, "The `id` query parameter value [%s] is not valid", id)
	}
	p, ok := e.Ledger.Post(id)
	if !ok {
		return nil, &request.Refusal{Status: http.StatusNotFound, Body: map[string]any{"errors": []request.Missing{request.NotFound("id", id)}}}
	}
	if p.Account != c.Owner.Handle {
		return nil, request.Plain(http.StatusForbidden, "You are not authorized to delete this Tweet.")
	}
	p.Deleted = true
	if err := e.Ledger.Save(ledger.Change{Posts: []ledger.Post{p}}); err != nil {
		return nil, err
	}
	return map[string]any{"data": map[string]any{"deleted": true}}, nil
}

// keys returns the media keys of a post.
func keys(p ledger.Post) []string {
	var out []string
	for _, id := range p.Media {
		out = append(out, ledger.Media{ID: id}.Key())
	}
	return out
}

// page returns where people read a post.
func (e *Endpoints) page(base string, p ledger.Post) string {
	return base + "/" + p.Account + "/status/" + p.ID
}
