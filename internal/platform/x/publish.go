package x

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/session"
	"daymark/internal/platform/x/upload"
)

// CodeThread is the code of a thread that X did not let Daymark go on with: what is out stays out.
const CodeThread = "thread_refused"

// newPost is the body of POST /2/tweets.
type newPost struct {
	Text  string  `json:"text,omitempty"`
	Media *media  `json:"media,omitempty"`
	Reply *answer `json:"reply,omitempty"`
}

type media struct {
	IDs []string `json:"media_ids"`
}

type answer struct {
	To string `json:"in_reply_to_tweet_id"`
}

// Publish posts one part. It makes one call that changes anything.
func (c *Connector) Publish(ctx context.Context, account platform.Account, a platform.Attempt) (platform.Receipt, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Receipt{}, err
	}
	body, err := bodyOf(a)
	if err != nil {
		return platform.Receipt{}, err
	}
	var out platform.Receipt
	if s.Keys.API == session.Legacy {
		out, err = publishLegacy(ctx, s, body)
	} else {
		out, err = publish(ctx, s, body)
	}
	if err != nil {
		return platform.Receipt{}, blameThread(blameText(err, a), a)
	}
	return out, nil
}

// publish posts with version 2. An answer that is a success but names no post is no proof of anything.
func publish(ctx context.Context, s *session.Session, body newPost) (platform.Receipt, error) {
	var got struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := s.Post(ctx, &session.Call{Effect: session.Irreversible}, "/2/tweets", body, &got); err != nil {
		return platform.Receipt{}, err
	}
	n, err := strconv.ParseUint(got.Data.ID, 10, 64)
	if !entity.IsID(got.Data.ID) || err != nil {
		return platform.Receipt{}, &platform.Unknown{Say: session.SayUnknown, Err: errors.New("the answer names no post")}
	}
	return receipt(s, entity.Post{ID: got.Data.ID, At: entity.Made(n)}), nil
}

// publishLegacy posts with version 1.1.
func publishLegacy(ctx context.Context, s *session.Session, body newPost) (platform.Receipt, error) {
	if body.Media != nil {
		return platform.Receipt{}, &platform.Permanent{Code: "not_supported", Say: "This channel uses version 1.1 of X's API, which takes no pictures. Switch it to version 2, or leave the pictures out."}
	}
	replyTo := ""
	if body.Reply != nil {
		replyTo = body.Reply.To
	}
	p, err := legacy.Publish(ctx, s, body.Text, replyTo)
	if err != nil {
		return platform.Receipt{}, err
	}
	if p.At.IsZero() {
		p.At = s.Now().UTC()
	}
	return receipt(s, p), nil
}

// receipt puts a post into a receipt.
func receipt(s *session.Session, p entity.Post) platform.Receipt {
	url := link(s, p.ID)
	return platform.Receipt{Ref: platform.Ref{ID: p.ID, URI: url}, URL: url, At: p.At}
}

// bodyOf puts an attempt into X's form.
func bodyOf(a platform.Attempt) (newPost, error) {
	if a.Part < 0 || a.Part >= len(a.Content.Parts) {
		return newPost{}, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", a.Part+1)}
	}
	part := a.Content.Parts[a.Part]
	again := func(err error) error {
		return &platform.Transient{Say: "The pictures of this post are not at X yet. Daymark uploads them again.", Err: err, PrepareAgain: true}
	}
	h, err := upload.Read(a.Handles)
	if err != nil {
		return newPost{}, again(err)
	}
	uploads := h.Parts[a.Part]
	if len(uploads) != len(part.Pictures) {
		return newPost{}, again(nil)
	}
	body := newPost{Text: Compose(a.Content.ContentNote, part.Text)}
	for i, u := range uploads {
		if !u.Ready || !u.Described || u.SHA256 != part.Pictures[i].SHA256 || u.Alt != part.Pictures[i].Alt {
			return newPost{}, again(nil)
		}
		if body.Media == nil {
			body.Media = &media{}
		}
		body.Media.IDs = append(body.Media.IDs, u.ID)
	}
	if a.ReplyTo != nil {
		if !entity.IsID(a.ReplyTo.ID) {
			return newPost{}, &platform.Permanent{Code: "reply_gone", Say: "The part before this one has no number that X knows. Publish this part by hand or take the thread down."}
		}
		body.Reply = &answer{To: a.ReplyTo.ID}
	}
	return body, nil
}

// CodeDuplicate is the code of a text that X takes for one that the account has posted a short time ago.
const CodeDuplicate = "duplicate_text"

// blameText tells a refused duplicate that may be our own post from one that cannot be: on the first try there is no earlier
// one of ours, so the text is that of another post, and trying again is of no use.
func blameText(err error, a platform.Attempt) error {
	d, ok := errors.AsType[*platform.Duplicate](err)
	if !ok || a.No > 1 {
		return err
	}
	return &platform.Permanent{
		Code: CodeDuplicate,
		Say:  "X says that the account has posted this text already, a short time ago, and takes it only once. Change the text and have it approved again.",
		Err:  d.Err,
	}
}

// blameThread names the state that a refused reply leaves behind. Since February 2026 X lets applications reply only where
// the other author mentioned or quoted the account, and does not say whether that holds for replies to oneself
// (https://docs.x.com/x-api/posts/manage-tweets/introduction).
func blameThread(err error, a platform.Attempt) error {
	p, ok := errors.AsType[*platform.Permanent](err)
	if !ok || a.ReplyTo == nil || p.Code != session.CodeReply && p.Code != session.CodeForbidden {
		return err
	}
	out := "The first part is out"
	if a.Part > 1 {
		out = fmt.Sprintf("The first %d parts are out", a.Part)
	}
	return &platform.Permanent{
		Code: CodeThread,
		Say:  out + ", but X does not let applications add the next one. Post the rest by hand as replies, or take down what is out. " + p.Say,
		Err:  p.Err,
	}
}
