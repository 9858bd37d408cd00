package x

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/session"
	"daymark/internal/platform/x/timeline"
)

// skew is how far X's clock and ours can differ: X refuses a request whose timestamp is further off.
const skew = 5 * time.Minute

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
	since := timeline.Since
	if s.Keys.API == session.Legacy {
		since = legacy.Since
	}
	posts, whole, err := since(ctx, s, s.Account.RemoteID, a.StartedAt.Add(-skew))
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
