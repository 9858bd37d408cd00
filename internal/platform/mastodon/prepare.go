package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/session"
)

const (
	// freshFor is how long an upload is used without asking whether it is still there. Mastodon removes media that no
	// status uses after a day (app/workers/scheduler/vacuum_scheduler.rb).
	freshFor = 12 * time.Hour
	// readyWait is how long one Prepare waits for one picture in all.
	readyWait = time.Minute
)

// handles is what Prepare keeps for a delivery.
type handles struct {
	Software   string           `json:"software"`
	HonoursKey bool             `json:"honours_key"` // decided here, so that every try of a delivery does the same
	Parts      map[int][]upload `json:"parts"`       // by part, in the order of its pictures
}

// upload is one picture at the server.
type upload struct {
	SHA256 string    `json:"sha256"`
	Alt    string    `json:"alt"`
	Focus  string    `json:"focus,omitempty"`
	ID     string    `json:"id"`
	Ready  bool      `json:"ready"`
	At     time.Time `json:"at"`
}

// readHandles reads what an earlier Prepare left; nothing is an empty set.
func readHandles(h platform.Handles) (handles, error) {
	out := handles{}
	if len(h) > 0 {
		if err := json.Unmarshal(h, &out); err != nil {
			return handles{}, fmt.Errorf("read handles: %w", err)
		}
	}
	if out.Parts == nil {
		out.Parts = map[int][]upload{}
	}
	return out, nil
}

// Prepare uploads the part's pictures, unless prev has them, and waits until the server has worked them through.
func (c *Connector) Prepare(ctx context.Context, account platform.Account, content platform.Content, part int, prev platform.Handles) (platform.Handles, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return prev, err
	}
	h, err := readHandles(prev)
	if err != nil {
		return nil, &platform.Transient{Say: "What Daymark remembered about the uploads is unreadable. It uploads again.", Err: err, PrepareAgain: true}
	}
	if part < 0 || part >= len(content.Parts) {
		return prev, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", part+1)}
	}
	srv, err := c.server(ctx, s)
	if err != nil {
		return prev, err
	}
	if h.Software == "" {
		h.Software, h.HonoursKey = srv.Capabilities.Software, srv.Capabilities.HonoursKey
	}
	err = uploadAll(ctx, s, &h, part, content.Parts[part].Pictures)
	b, encodeErr := json.Marshal(h)
	if encodeErr != nil {
		return prev, fmt.Errorf("write handles: %w", encodeErr)
	}
	return b, err
}

// uploadAll brings the uploads of a part in line with its pictures. What succeeded is in h even when it fails.
func uploadAll(ctx context.Context, s *session.Session, h *handles, part int, pictures []platform.Picture) error {
	had := h.Parts[part]
	h.Parts[part] = had[:min(len(had), len(pictures))]
	for i, pic := range pictures {
		want := upload{SHA256: pic.SHA256, Alt: pic.Alt, Focus: focusOf(pic)}
		var now upload
		if i < len(h.Parts[part]) {
			now = h.Parts[part][i]
		}
		usable := now.SHA256 == want.SHA256 && now.Alt == want.Alt && now.Focus == want.Focus && now.ID != ""
		if usable && now.Ready && s.Now().Sub(now.At) < freshFor {
			continue
		}
		if !usable || missing(ctx, s, now.ID) {
			var err error
			if now, err = send(ctx, s, want, pic); err != nil {
				return err
			}
		}
		h.Parts[part] = append(h.Parts[part][:i], now)
		if err := await(ctx, s, now.ID); err != nil {
			return err
		}
		h.Parts[part][i].Ready = true
	}
	return nil
}

// send uploads one picture with its description and focus.
func send(ctx context.Context, s *session.Session, want upload, pic platform.Picture) (upload, error) {
	if len(pic.Bytes) == 0 {
		return want, &platform.Permanent{Code: "picture_missing", Say: "A picture of this post cannot be found any more. Add it again."}
	}
	answer := &session.Call{MIME: pic.MIME}
	var att *gomastodon.Attachment
	err := s.Do(ctx, session.Harmless, answer, func(ctx context.Context) (err error) {
		// A reader rather than a file: of a file go-mastodon would send the local path.
		att, err = s.API.UploadMediaFromMedia(ctx, &gomastodon.Media{File: bytes.NewReader(pic.Bytes), Description: want.Alt, Focus: want.Focus})
		return err
	})
	if err != nil {
		return want, err
	}
	if att.ID == "" {
		return want, &platform.Transient{Say: session.SayNotMastodon}
	}
	want.ID, want.At = string(att.ID), s.Now()
	return want, nil
}

// await asks for an upload until the server has worked it through
// (https://docs.joinmastodon.org/methods/media/#get: 206 while it has not).
func await(ctx context.Context, s *session.Session, id string) error {
	pause := 500 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		answer := &session.Call{}
		err := s.Do(ctx, session.Harmless, answer, func(ctx context.Context) error {
			return s.API.GetMediaStatus(ctx, &gomastodon.Attachment{ID: gomastodon.ID(id)})
		})
		switch {
		case err == nil:
			return nil
		case answer.Gone():
			return &platform.Transient{Say: "The server lost a picture. Daymark uploads it again.", Err: err, PrepareAgain: true}
		case answer.Status != http.StatusPartialContent:
			return err
		case waited >= readyWait:
			return &platform.Transient{Say: "The server still works on a picture. Daymark asks again.", Err: err}
		}
		pause = min(2*pause, 8*time.Second)
		if err := s.Sleep(ctx, pause); err != nil {
			return &platform.Transient{Say: "Daymark was stopped while the server worked on a picture. It goes on when it runs again.", Err: err}
		}
	}
}

// missing reports whether the server says that it does not have an upload (any more). In doubt it is there.
func missing(ctx context.Context, s *session.Session, id string) bool {
	answer := &session.Call{}
	_ = s.Do(ctx, session.Harmless, answer, func(ctx context.Context) error {
		return s.API.GetMediaStatus(ctx, &gomastodon.Attachment{ID: gomastodon.ID(id)})
	})
	return answer.Gone()
}

// focusOf writes a focal point as https://docs.joinmastodon.org/methods/media/#v2 wants it; the middle is left out.
func focusOf(pic platform.Picture) string {
	if pic.FocusX == 0 && pic.FocusY == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f,%.3f", pic.FocusX, pic.FocusY)
}
