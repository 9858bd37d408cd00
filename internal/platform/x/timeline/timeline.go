// Package timeline reads what X shows of an account's posts with version 2 of its API: the posts since an instant, as they were
// sent, and whether all of them are there. It does not know what is looked for.
package timeline

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/session"
)

const (
	pageSize = 100 // the most that X lists in a call (https://docs.x.com/x-api/users/get-posts)
	maxPages = 32  // 3,200 posts, beyond which X shows none
	fields   = "created_at,entities,note_tweet,referenced_tweets,attachments"
)

// Fields asks for all that is read of a post, with the alt texts of its pictures.
func Fields() url.Values {
	return url.Values{"tweet.fields": {fields}, "expansions": {"attachments.media_keys"}, "media.fields": {"alt_text"}}
}

// Several is an answer with posts that were asked for by [Fields].
type Several struct {
	Data     []shown `json:"data"`
	Includes struct {
		Media []struct {
			Key string  `json:"media_key"`
			Alt *string `json:"alt_text"` // left out where there is none
		} `json:"media"`
	} `json:"includes"`
}

// Posts returns the posts as they were sent.
func (s Several) Posts() []entity.Post {
	alts := map[string]*string{}
	for _, m := range s.Includes.Media {
		if alts[m.Key] = m.Alt; m.Alt == nil {
			alts[m.Key] = new(string)
		}
	}
	var out []entity.Post
	for _, p := range s.Data {
		if !entity.IsID(p.ID) {
			continue
		}
		one := p.post()
		for _, key := range p.Attachments.Media {
			one.Alts = append(one.Alts, alts[key])
		}
		out = append(out, one)
	}
	return out
}

// Since lists the account's posts since an instant, and whether all of them are there. An error of any page is an error of
// the whole: half a list proves nothing.
func Since(ctx context.Context, s *session.Session, user string, start time.Time) (all []entity.Post, whole bool, err error) {
	if !entity.IsID(user) {
		return nil, false, &platform.Permanent{Code: "no_account", Say: "The number of this account is not one of X's. Connect the account again."}
	}
	query := url.Values{
		"max_results":  {strconv.Itoa(pageSize)},
		"start_time":   {start.UTC().Format(time.RFC3339)},
		"tweet.fields": {fields},
	}
	for range maxPages {
		var got page
		if err := s.Get(ctx, &session.Call{}, "/2/users/"+user+"/tweets", query, &got); err != nil {
			return nil, false, err
		}
		if got.Meta.Count == nil || *got.Meta.Count != len(got.Data) {
			if len(got.Errors) > 0 {
				return nil, false, &platform.Permanent{Code: "unreadable", Say: "X does not show the account's timeline."}
			}
			return nil, false, &platform.Transient{Say: session.SayNotX}
		}
		for _, p := range got.Data {
			if !entity.IsID(p.ID) || p.CreatedAt.IsZero() {
				return nil, false, &platform.Transient{Say: session.SayNotX}
			}
			all = append(all, p.post())
		}
		if got.Meta.Next == "" {
			return all, len(got.Errors) == 0, nil
		}
		query.Set("pagination_token", got.Meta.Next)
	}
	return all, false, nil
}

// page is one page of an account's posts.
type page struct {
	Data []shown `json:"data"`
	Meta struct {
		Count *int   `json:"result_count"`
		Next  string `json:"next_token"`
	} `json:"meta"`
	Errors []struct{} `json:"errors"`
}

// shown is a post as X answers with it. Where its documentation and its machine-readable definition of 2026 name a field
// differently, both are read.
type shown struct {
	ID          string    `json:"id"`
	Text        string    `json:"text"`
	CreatedAt   time.Time `json:"created_at"`
	Entities    links     `json:"entities"`
	Note        *note     `json:"note_tweet"`
	NotePost    *note     `json:"note_post"`
	Referenced  []related `json:"referenced_tweets"`
	References  []related `json:"referenced_posts"`
	Attachments struct {
		Media []string `json:"media_keys"`
	} `json:"attachments"`
}

type links struct {
	URLs []entity.Link `json:"urls"`
}

// note is the whole text of a post longer than 280.
type note struct {
	Text     string `json:"text"`
	Entities links  `json:"entities"`
}

type related struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// post puts a post into the form in which it was sent.
func (p shown) post() entity.Post {
	out := entity.Post{ID: p.ID, Pictures: len(p.Attachments.Media), At: p.CreatedAt.UTC()}
	text, urls := p.Text, p.Entities.URLs
	for _, n := range []*note{p.Note, p.NotePost} {
		if n != nil && n.Text != "" {
			text, urls = n.Text, append(slices.Clone(urls), n.Entities.URLs...)
		}
	}
	out.Text = entity.Sent(text, urls)
	for _, r := range append(slices.Clone(p.Referenced), p.References...) {
		if r.Type == "replied_to" {
			out.ReplyTo = r.ID
		}
	}
	return out
}
