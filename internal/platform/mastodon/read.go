package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	gomastodon "github.com/mattn/go-mastodon"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/session"
)

// read is the part of a status that readers see (https://docs.joinmastodon.org/entities/Status/).
type read struct {
	ID         gomastodon.ID `json:"id"`
	Content    *string       `json:"content"`
	Note       *string       `json:"spoiler_text"`
	Language   *string       `json:"language"`
	Visibility *string       `json:"visibility"`
	Sensitive  *bool         `json:"sensitive"`
	Media      []struct {
		Description *string `json:"description"`
	} `json:"media_attachments"`
}

// ReadCost is nothing.
func (*Connector) ReadCost(platform.Account) platform.Money { return 0 }

// remote is a mention of somebody on another server.
var remote = regexp.MustCompile(`(^|[^\w@/])@([\w][\w.-]*)@[\w.-]+\w`)

// Expected returns how a part is shown: a mention of somebody elsewhere stands without the server.
func (*Connector) Expected(content platform.Content, part int) platform.Shown {
	p := content.Parts[part]
	note := content.ContentNote
	sensitive := content.Sensitive
	shown := platform.Shown{
		Text: remote.ReplaceAllString(plain(p.Text), "$1@$2"), Note: &note, Sensitive: &sensitive,
		Language: &content.Language, Visibility: &content.Visibility,
	}
	if len(p.Pictures) == 0 || (note != "" && !sensitive) {
		shown.Sensitive = nil // nothing to hide but the text; or a note, with which some servers hide pictures and some do not
	}
	for i := range p.Pictures {
		shown.Alts = append(shown.Alts, &p.Pictures[i].Alt)
	}
	return shown
}

// Read reads statuses: many at a time from Mastodon 4.3 and later, one by one elsewhere.
func (c *Connector) Read(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Shown, error) {
	out := map[string]platform.Shown{}
	s, err := session.Open(c.o, account)
	if err != nil {
		return out, err
	}
	if len(refs) > 1 {
		srv, err := c.server(ctx, s)
		if err != nil {
			return out, err
		}
		if srv.Batch {
			if err := readBatches(ctx, s, refs, out); err != nil {
				return out, err
			}
		}
	}
	for _, ref := range refs { // what no batch told: single, unsupported or deleted
		if _, ok := out[ref.ID]; ok {
			continue
		}
		if err := readOne(ctx, s, ref.ID, out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// readBatches reads as many as it can. A server that refuses batches is not an error.
func readBatches(ctx context.Context, s *session.Session, refs []platform.Ref, out map[string]platform.Shown) error {
	for chunk := range slices.Chunk(refs, batchSize) {
		query := url.Values{}
		for _, ref := range chunk {
			query.Add("id[]", ref.ID)
		}
		var statuses []read
		err := s.Get(ctx, &session.Call{}, "/api/v1/statuses", query, &statuses)
		if platform.Outcome(err) == platform.KindPermanent {
			return nil
		}
		if err != nil {
			return err
		}
		for _, status := range statuses {
			if status.Content != nil {
				out[string(status.ID)] = shownOf(status)
			}
		}
	}
	return nil
}

// readOne reads one status, or that it is gone.
func readOne(ctx context.Context, s *session.Session, id string, out map[string]platform.Shown) error {
	answer := &session.Call{}
	var status read
	err := s.Do(ctx, session.Harmless, answer, func(ctx context.Context) error {
		raw := &bytes.Buffer{}
		s.API.JSONWriter = raw
		defer func() { s.API.JSONWriter = nil }()
		if _, err := s.API.GetStatus(ctx, gomastodon.ID(url.PathEscape(id))); err != nil {
			return err
		}
		return json.Unmarshal(raw.Bytes(), &status)
	})
	switch {
	case answer.Gone():
		out[id] = platform.Shown{Gone: true}
	case err != nil:
		return err
	case string(status.ID) != id || status.Content == nil:
		return &platform.Transient{Say: session.SayNotMastodon}
	default:
		out[id] = shownOf(status)
	}
	return nil
}

// shownOf puts a status into the contract's form.
func shownOf(status read) platform.Shown {
	shown := platform.Shown{Text: words(*status.Content), Note: status.Note, Language: status.Language, Visibility: status.Visibility, Sensitive: status.Sensitive}
	for _, m := range status.Media {
		alt := m.Description
		if alt == nil {
			alt = new(string) // a picture without a description has null here
		}
		shown.Alts = append(shown.Alts, alt)
	}
	if len(status.Media) == 0 {
		shown.Sensitive = nil
	}
	return shown
}

// words returns the text of a status's HTML as people read it: paragraphs and line breaks as lines, and a shortened link in full, since
// servers hide a part of it from the eye only.
func words(content string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(content))
	first := true
	for {
		switch z.Next() {
		case html.ErrorToken: // its end: what is in memory has no other error
			return plain(b.String())
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Br:
				b.WriteString("\n")
			case atom.P:
				if !first {
					b.WriteString("\n\n")
				}
				first = false
			}
		case html.EndTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}
