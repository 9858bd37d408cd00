package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/instance"
	"daymark/internal/platform/mastodon/reading"
	"daymark/internal/platform/mastodon/session"
)

const (
	pageSize   = 40 // the most that Mastodon lists (https://docs.joinmastodon.org/methods/accounts/#statuses)
	maxPages   = 10 // an account with more statuses than this since the attempt is looked at by a person
	maxSources = 60 // statuses whose source is read one by one
)

// listed is a status with the fields that go-mastodon does not keep.
type listed struct {
	*gomastodon.Status
	source *string // the text as it was sent, where the listing tells
}

// Find looks for the attempt's status among the account's own, from now back to a little before the first try. The text
// is compared as it was sent. A status with the same text that differs in anything else is not taken for ours, but keeps
// the answer from being NotFound.
func (c *Connector) Find(ctx context.Context, account platform.Account, a platform.Attempt) (platform.Finding, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Finding{}, err
	}
	if a.Part < 0 || a.Part >= len(a.Content.Parts) {
		return platform.Finding{}, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", a.Part+1)}
	}
	if s.Account.RemoteID == "" {
		me, err := verify(ctx, s)
		if err != nil {
			return platform.Finding{}, err
		}
		s.Account.RemoteID = me.RemoteID
	}
	statuses, gap, err := since(ctx, s, a.StartedAt)
	if err != nil {
		return platform.Finding{}, err
	}
	// The oldest match is the one: of two equal deliveries the earlier one excludes it for the later.
	slices.SortStableFunc(statuses, func(x, y listed) int { return x.CreatedAt.Compare(y.CreatedAt) })
	near, read := "", 0
	for _, status := range statuses {
		if slices.Contains(a.Exclude, string(status.ID)) {
			continue
		}
		if status.source == nil {
			if read++; read > maxSources {
				gap = "The account has published too much since to look through it all."
				break
			}
		}
		source, note, err := sourceOf(ctx, s, status)
		if err != nil {
			return platform.Finding{}, err
		}
		same, why := compare(a, status, source, note)
		if same {
			return platform.Finding{State: platform.Found, Receipt: receiptOf(status.Status)}, nil
		}
		if near == "" {
			near = why
		}
	}
	switch {
	case near != "":
		return platform.Finding{State: platform.CannotTell, Why: near}, nil
	case gap != "":
		return platform.Finding{State: platform.CannotTell, Why: gap}, nil
	}
	return platform.Finding{State: platform.NotFound, Why: "The post is not among those that the account has published since."}, nil
}

// since lists the account's statuses since start, newest first. A gap says why the list is not complete. An error of any
// page is an error of the whole: half a list proves nothing.
func since(ctx context.Context, s *session.Session, start time.Time) (all []listed, gap string, err error) {
	var maxID gomastodon.ID
	for range maxPages {
		answer := &session.Call{}
		page, err := list(ctx, s, answer, maxID)
		if err != nil {
			return nil, "", err
		}
		if len(page) == 0 {
			return all, "", nil
		}
		bound := start.Add(-instance.Settling)
		if skew := answer.Date.Sub(s.Now()); !answer.Date.IsZero() && skew < 0 {
			bound = bound.Add(skew) // the server's clock is behind ours, and so is what it dates
		}
		for _, status := range page {
			if !status.CreatedAt.Before(bound) {
				all = append(all, status)
			}
		}
		last := page[len(page)-1]
		if last.CreatedAt.Before(bound) {
			return all, "", nil
		}
		if last.ID == maxID {
			return all, "The server shows only its newest statuses, so the post may be among the older ones.", nil
		}
		maxID = last.ID
	}
	return all, "The account has published too much since to look through it all.", nil
}

// list reads one page of the account's statuses.
func list(ctx context.Context, s *session.Session, answer *session.Call, maxID gomastodon.ID) ([]listed, error) {
	var statuses []*gomastodon.Status
	var extra []struct {
		Text *string `json:"text"` // GoToSocial tells the source of one's own statuses here
	}
	err := s.Do(ctx, session.Harmless, answer, func(ctx context.Context) (err error) {
		raw := &bytes.Buffer{}
		s.API.JSONWriter = raw
		defer func() { s.API.JSONWriter = nil }()
		query := url.Values{"exclude_reblogs": {"true"}}
		statuses, err = s.API.GetAccountStatusesParams(ctx, gomastodon.ID(s.Account.RemoteID), query, &gomastodon.Pagination{MaxID: maxID, Limit: pageSize})
		if err != nil {
			return err
		}
		return json.Unmarshal(raw.Bytes(), &extra)
	})
	if err != nil {
		return nil, err
	}
	page := make([]listed, 0, len(statuses))
	for i, status := range statuses {
		if status == nil || status.ID == "" || status.CreatedAt.IsZero() || len(extra) != len(statuses) {
			return nil, &platform.Transient{Say: session.SayNotMastodon}
		}
		page = append(page, listed{Status: status, source: extra[i].Text})
	}
	return page, nil
}

// sourceOf returns a status's text and content note as they were sent, nil when the server does not tell.
func sourceOf(ctx context.Context, s *session.Session, status listed) (source *string, note string, err error) {
	if status.source != nil {
		return status.source, status.SpoilerText, nil
	}
	answer := &session.Call{}
	var got *gomastodon.Source
	err = s.Do(ctx, session.Harmless, answer, func(ctx context.Context) (err error) {
		got, err = s.API.GetStatusSource(ctx, status.ID)
		return err
	})
	if answer.Gone() || answer.Status == 405 || answer.Status == 501 {
		return nil, status.SpoilerText, nil // removed a moment ago, or a server without the endpoint
	}
	if err != nil {
		return nil, "", err
	}
	return &got.Text, got.SpoilerText, nil
}

// compare tells whether a status is the attempt's. When it may be, but is not surely, why says so.
func compare(a platform.Attempt, status listed, source *string, note string) (same bool, why string) {
	part := a.Content.Parts[a.Part]
	reply := ""
	if a.ReplyTo != nil {
		reply = a.ReplyTo.ID
	}
	alike := reading.Plain(note) == reading.Plain(a.Content.ContentNote) &&
		len(status.MediaAttachments) == len(part.Pictures) &&
		replyID(status.InReplyToID) == reply &&
		sameLanguage(status.Language, a.Content.Language)
	switch {
	case source == nil && alike:
		return false, fmt.Sprintf("A post of %s looks like this one, but the server does not show its exact text: %s", when(status), status.URL)
	case source == nil || reading.Plain(*source) != reading.Plain(part.Text):
		return false, ""
	case alike:
		return true, ""
	}
	return false, fmt.Sprintf("A post of %s has this text, but another note, language, number of pictures or place in a thread: %s", when(status), status.URL)
}

// when writes a status's date for a person.
func when(status listed) string { return status.CreatedAt.UTC().Format("2 January 2006 15:04 UTC") }

// replyID returns in_reply_to_id, which is null, a string or, on some servers, a number.
func replyID(v any) string {
	if v == nil {
		return ""
	}
	if f, ok := v.(float64); ok {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprint(v)
}

// sameLanguage compares the main subtags, since servers store "pt" for "pt-BR"; a server may also store none.
func sameLanguage(a, b string) bool {
	mainOf := func(tag string) string {
		tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
		return strings.ToLower(tag)
	}
	return a == "" || b == "" || mainOf(a) == mainOf(b)
}
