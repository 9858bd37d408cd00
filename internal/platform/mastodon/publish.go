package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/session"
)

// Publish posts one part. It sends POST /api/v1/statuses once and nothing else that changes anything.
func (c *Connector) Publish(ctx context.Context, account platform.Account, a platform.Attempt) (platform.Receipt, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Receipt{}, err
	}
	toot, h, err := statusOf(a)
	if err != nil {
		return platform.Receipt{}, err
	}
	answer := &session.Call{}
	if h.HonoursKey {
		answer.Key = a.Key
	}
	var status *gomastodon.Status
	err = s.Do(ctx, session.Irreversible, answer, func(ctx context.Context) (err error) {
		status, err = s.API.PostStatus(ctx, toot)
		return err
	})
	if err != nil {
		return platform.Receipt{}, blamePictures(ctx, s, err, answer, a, toot.MediaIDs)
	}
	if status.ID == "" {
		return platform.Receipt{}, &platform.Unknown{Say: session.SayUnknown, Err: errors.New("the answer names no status")}
	}
	return receiptOf(status), nil
}

// receiptOf puts a status into a receipt.
func receiptOf(status *gomastodon.Status) platform.Receipt {
	link := status.URL
	if link == "" {
		link = status.URI
	}
	return platform.Receipt{
		Ref: platform.Ref{ID: string(status.ID), URI: status.URI},
		URL: link,
		At:  status.CreatedAt.UTC(),
	}
}

// statusOf puts an attempt into go-mastodon's form.
func statusOf(a platform.Attempt) (*gomastodon.Toot, handles, error) {
	if a.Part < 0 || a.Part >= len(a.Content.Parts) {
		return nil, handles{}, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", a.Part+1)}
	}
	part := a.Content.Parts[a.Part]
	again := func(err error) error {
		return &platform.Transient{Say: "The pictures of this post are not at the server yet. Daymark uploads them again.", Err: err, PrepareAgain: true}
	}
	h, err := readHandles(a.Handles)
	if err != nil {
		return nil, handles{}, again(err)
	}
	uploads := h.Parts[a.Part]
	if len(uploads) != len(part.Pictures) {
		return nil, handles{}, again(nil)
	}
	toot := &gomastodon.Toot{
		Status:      part.Text,
		Sensitive:   a.Content.Sensitive || a.Content.ContentNote != "",
		SpoilerText: a.Content.ContentNote,
		Visibility:  a.Content.Visibility,
		Language:    a.Content.Language,
	}
	if a.ReplyTo != nil {
		toot.InReplyToID = gomastodon.ID(a.ReplyTo.ID)
	}
	for i, u := range uploads {
		if !u.Ready || u.SHA256 != part.Pictures[i].SHA256 || u.Alt != part.Pictures[i].Alt {
			return nil, handles{}, again(nil)
		}
		toot.MediaIDs = append(toot.MediaIDs, gomastodon.ID(u.ID))
	}
	return toot, h, nil
}

// blamePictures looks closer at a refusal of a status with pictures. A picture that is on a status already is refused like
// one that is gone; after an earlier try, that may mean that the earlier try worked.
func blamePictures(ctx context.Context, s *session.Session, err error, answer *session.Call, a platform.Attempt, ids []gomastodon.ID) error {
	permanent, ok := errors.AsType[*platform.Permanent](err)
	suspicious := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity}
	if !ok || len(ids) == 0 || !slices.Contains(suspicious, answer.Status) {
		return err
	}
	said := strings.ToLower(permanent.Say)
	aboutMedia := strings.Contains(said, "media") || strings.Contains(said, "attach")
	for _, id := range ids {
		aboutMedia = aboutMedia || missing(ctx, s, string(id))
	}
	switch {
	case aboutMedia && a.No > 1:
		return &platform.Unknown{Say: "The server has used a picture of this post already, so an earlier try may have worked. Daymark looks on the account before it tries again.", Err: permanent.Err}
	case aboutMedia:
		return &platform.Transient{Say: "The server does not have a picture of this post any more. Daymark uploads it again.", Err: permanent.Err, PrepareAgain: true}
	}
	return err
}
