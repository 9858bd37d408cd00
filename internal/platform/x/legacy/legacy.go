// Package legacy calls version 1.1 of X's API for the few applications that still have it, through dghubble/go-twitter.
//
// The library is no longer developed and takes a refusal for a success when its body is not in the older shape: then it
// returns no error and a post with the number 0. So every call goes through [session.Session.Through], which reads status
// and body itself, and nothing counts as published without a number. Version 1.1 takes no pictures here: the library cannot
// upload.
package legacy

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	//lint:ignore SA1019 there is no other library for version 1.1, and what it gets wrong is guarded here
	"github.com/dghubble/go-twitter/twitter"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/session"
)

// Publish posts a text. It makes one call.
func Publish(ctx context.Context, s *session.Session, text, replyTo string) (entity.Post, error) {
	params := &twitter.StatusUpdateParams{TweetMode: "extended"}
	if replyTo != "" {
		id, err := strconv.ParseInt(replyTo, 10, 64)
		if err != nil {
			return entity.Post{}, &platform.Permanent{Code: "reply_gone", Say: "The part before this one has no number that X knows. Publish this part by hand or take the thread down.", Err: err}
		}
		params.InReplyToStatusID = id
	}
	var status *twitter.Tweet
	err := s.Through(ctx, &session.Call{Effect: session.Irreversible}, func(client *http.Client) (err error) {
		status, _, err = twitter.NewClient(client).Statuses.Update(text, params) //nolint:bodyclose // the library closes it
		return err
	})
	if err != nil {
		return entity.Post{}, err
	}
	if status == nil || status.ID <= 0 {
		return entity.Post{}, &platform.Unknown{Say: session.SayUnknown, Err: errors.New("the answer names no post")}
	}
	return post(*status), nil
}

// post puts a status into the common form.
func post(t twitter.Tweet) entity.Post {
	p := entity.Post{ID: strconv.FormatInt(t.ID, 10), ReplyTo: t.InReplyToStatusIDStr}
	p.At, _ = t.CreatedAtTime() // a date that cannot be read leaves the zero instant, which the caller replaces
	p.At = p.At.UTC()
	text := t.FullText
	if text == "" {
		text = t.Text
	}
	var links []entity.Link
	if t.Entities != nil {
		for _, u := range t.Entities.Urls {
			links = append(links, entity.Link{URL: u.URL, Expanded: u.ExpandedURL})
		}
		for _, m := range t.Entities.Media {
			links = append(links, entity.Link{URL: m.URL, MediaKey: m.IDStr})
			p.Pictures++
		}
	}
	if t.ExtendedEntities != nil && len(t.ExtendedEntities.Media) > p.Pictures {
		p.Pictures = len(t.ExtendedEntities.Media)
	}
	p.Text = entity.Sent(text, links)
	return p
}

// pageSize is the most that a timeline lists in one call, and maxPages how many are read.
const (
	pageSize = 200
	maxPages = 16 // 3,200 posts, beyond which X shows none
)

// Since lists the account's posts since an instant, newest first. whole says whether all of them are there.
func Since(ctx context.Context, s *session.Session, user string, since time.Time) (all []entity.Post, whole bool, err error) {
	id, err := strconv.ParseInt(user, 10, 64)
	if err != nil {
		return nil, false, &platform.Permanent{Code: "no_account", Say: "The number of this account is not one of X's. Connect the account again.", Err: err}
	}
	params := &twitter.UserTimelineParams{UserID: id, Count: pageSize, TweetMode: "extended"}
	for range maxPages {
		var page []twitter.Tweet
		err := s.Through(ctx, &session.Call{}, func(client *http.Client) (err error) {
			page, _, err = twitter.NewClient(client).Timelines.UserTimeline(params) //nolint:bodyclose // the library closes it
			return err
		})
		if err != nil {
			return nil, false, err
		}
		if page == nil { // null, which is no list
			return nil, false, &platform.Transient{Say: session.SayNotX}
		}
		for _, t := range page {
			p := post(t)
			if t.ID <= 0 || p.At.IsZero() {
				return nil, false, &platform.Transient{Say: session.SayNotX}
			}
			if p.At.Before(since) {
				return all, true, nil
			}
			all = append(all, p)
		}
		if len(page) == 0 {
			return all, true, nil
		}
		params.MaxID = page[len(page)-1].ID - 1
	}
	return all, false, nil
}

// Measured is how a post does; version 1.1 tells no more.
type Measured struct{ Likes, Reposts int64 }

// Measure reads how up to a hundred posts do. Those that are not there are left out.
func Measure(ctx context.Context, s *session.Session, ids []string) (map[string]Measured, error) {
	got, err := lookUp(ctx, s, ids)
	out := map[string]Measured{}
	for _, t := range got {
		out[strconv.FormatInt(t.ID, 10)] = Measured{int64(t.FavoriteCount), int64(t.RetweetCount)}
	}
	return out, err
}

// Read reads up to a hundred posts. Those that are not there are left out.
func Read(ctx context.Context, s *session.Session, ids []string) ([]entity.Post, error) {
	got, err := lookUp(ctx, s, ids)
	out := make([]entity.Post, 0, len(got))
	for _, t := range got {
		out = append(out, post(t))
	}
	return out, err
}

// lookUp reads up to a hundred posts.
func lookUp(ctx context.Context, s *session.Session, ids []string) ([]twitter.Tweet, error) {
	var numbers []int64
	for _, id := range ids {
		n, err := strconv.ParseInt(id, 10, 64)
		if err == nil {
			numbers = append(numbers, n)
		}
	}
	var got []twitter.Tweet
	err := s.Through(ctx, &session.Call{}, func(client *http.Client) (err error) {
		got, _, err = twitter.NewClient(client).Statuses.Lookup(numbers, &twitter.StatusLookupParams{TweetMode: "extended"}) //nolint:bodyclose // the library closes it
		return err
	})
	if err != nil {
		return nil, err
	}
	if got == nil { // null, which is no list
		return nil, &platform.Transient{Say: session.SayNotX}
	}
	return got, nil
}

// Delete takes a post down.
func Delete(ctx context.Context, s *session.Session, call *session.Call, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return &platform.Permanent{Code: "not_found", Say: "This is not the number of a post on X.", Err: err}
	}
	return s.Through(ctx, call, func(client *http.Client) error {
		_, _, err := twitter.NewClient(client).Statuses.Destroy(n, nil) //nolint:bodyclose // the library closes it
		return err
	})
}

// Whose asks whose keys these are.
func Whose(ctx context.Context, s *session.Session) (entity.User, error) {
	var me *twitter.User
	err := s.Through(ctx, &session.Call{}, func(client *http.Client) (err error) {
		me, _, err = twitter.NewClient(client).Accounts.VerifyCredentials(&twitter.AccountVerifyParams{SkipStatus: twitter.Bool(true)}) //nolint:bodyclose // the library closes it
		return err
	})
	if err != nil {
		return entity.User{}, err
	}
	if me == nil || me.ID <= 0 || me.ScreenName == "" {
		return entity.User{}, &platform.Transient{Say: session.SayNotX}
	}
	who := entity.User{ID: strconv.FormatInt(me.ID, 10), Handle: me.ScreenName, Name: me.Name}
	who.Metrics.Followers = new(int64(me.FollowersCount))
	return who, nil
}
