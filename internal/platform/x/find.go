package x

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/session"
)

const (
	pageSize = 100 // the most that X lists in a call (https://docs.x.com/x-api/users/get-posts)
	maxPages = 32  // 3,200 posts, beyond which X shows none
	// skew is how far X's clock and ours can differ: X refuses a request whose timestamp is further off.
	skew = 5 * time.Minute
)

// Find looks for the attempt's post on the account's own timeline, from now back to a little before the first try. Only posts
// since then are asked for, because X charges for each one read. The text is compared with its links put back. A post with
// the same text that differs in anything else is not taken for ours, but keeps the answer from being NotFound.
func (c *Connector) Find(ctx context.Context, account platform.Account, a platform.Attempt) (platform.Finding, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Finding{}, err
	}
	if a.Part < 0 || a.Part >= len(a.Content.Parts) {
		return platform.Finding{}, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", a.Part+1)}
	}
	if s.Account.RemoteID == "" {
		who, err := c.whose(ctx, s)
		if err != nil {
			return platform.Finding{}, err
		}
		s.Account.RemoteID = who.RemoteID
	}
	posts, whole, err := since(ctx, s, a.StartedAt.Add(-skew))
	if platform.Outcome(err) == platform.KindPermanent {
		return platform.Finding{State: platform.CannotTell, Why: "X does not show the account's posts to Daymark, so look on the account yourself. " + platform.Say(err)}, nil
	}
	if err != nil {
		return platform.Finding{}, err
	}
	// The oldest match is the one: of two equal deliveries the earlier one excludes it for the later.
	slices.SortStableFunc(posts, func(x, y entity.Post) int { return x.At.Compare(y.At) })
	near := ""
	for _, p := range posts {
		if slices.Contains(a.Exclude, p.ID) {
			continue
		}
		same, why := compare(s, a, p)
		if same {
			return platform.Finding{State: platform.Found, Receipt: receipt(s, p)}, nil
		}
		if near == "" {
			near = why
		}
	}
	switch {
	case near != "":
		return platform.Finding{State: platform.CannotTell, Why: near}, nil
	case !whole:
		return platform.Finding{State: platform.CannotTell, Why: "X shows only the account's newest posts, and there are more since. Look on the account yourself."}, nil
	}
	return platform.Finding{State: platform.NotFound, Why: "The post is not among those that the account has published since."}, nil
}

// since lists the account's posts since an instant, and whether all of them are there. An error of any page is an error of
// the whole: half a list proves nothing.
func since(ctx context.Context, s *session.Session, start time.Time) (all []entity.Post, whole bool, err error) {
	if s.Keys.API == session.Legacy {
		return legacy.Since(ctx, s, s.Account.RemoteID, start)
	}
	query := url.Values{
		"max_results":  {fmt.Sprint(pageSize)},
		"start_time":   {start.UTC().Format(time.RFC3339)},
		"tweet.fields": {"created_at,entities,note_tweet,referenced_tweets,attachments"},
	}
	for range maxPages {
		var page timeline
		if err := s.Get(ctx, &session.Call{}, "/2/users/"+s.Account.RemoteID+"/tweets", query, &page); err != nil {
			return nil, false, err
		}
		if page.Meta.Count == nil || *page.Meta.Count != len(page.Data) {
			if len(page.Errors) > 0 {
				return nil, false, &platform.Permanent{Code: "unreadable", Say: "X does not show the account's timeline."}
			}
			return nil, false, &platform.Transient{Say: session.SayNotX}
		}
		for _, p := range page.Data {
			if !isID(p.ID) || p.CreatedAt.IsZero() {
				return nil, false, &platform.Transient{Say: session.SayNotX}
			}
			all = append(all, p.post())
		}
		if page.Meta.Next == "" {
			return all, len(page.Errors) == 0, nil
		}
		query.Set("pagination_token", page.Meta.Next)
	}
	return all, false, nil
}

// timeline is one page of an account's posts.
type timeline struct {
	Data []shown `json:"data"`
	Meta struct {
		Count *int   `json:"result_count"`
		Next  string `json:"next_token"`
	} `json:"meta"`
	Errors []problem `json:"errors"`
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

// compare tells whether a post is the attempt's. When it may be, but is not surely, why says so.
func compare(s *session.Session, a platform.Attempt, p entity.Post) (same bool, why string) {
	part := a.Content.Parts[a.Part]
	if !entity.Alike(Compose(a.Content.ContentNote, part.Text), p.Text) {
		return false, ""
	}
	reply := ""
	if a.ReplyTo != nil {
		reply = a.ReplyTo.ID
	}
	if p.Pictures == len(part.Pictures) && p.ReplyTo == reply {
		return true, ""
	}
	return false, fmt.Sprintf("A post of %s has this text, but another number of pictures or place in a thread: %s", p.At.Format("2 January 2006 15:04 UTC"), link(s, p.ID))
}
