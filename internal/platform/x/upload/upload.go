// Package upload brings the pictures of a post to X: in one request or in pieces, waiting until X has worked them through, and
// with their alt texts. What it did is kept as [Handles], so that nothing is sent twice. It publishes nothing.
package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"daymark/internal/media"
	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/session"
)

const (
	// most and side are what X takes of a picture: "5 MB", of which this is the smaller reading, and 4096 pixels
	// (https://docs.x.com/x-api/media/quickstart/best-practices, seen in August 2026).
	most = 5_000_000
	side = 4096
	// oneShot is up to which size a picture is sent in one request. X takes 5 MB; in pieces a slow line gets each through
	// within the time-out.
	oneShot = 1 << 20
	// segment is the size of a piece.
	segment = 1 << 20
	// uploadLife is how long an upload can be used when X does not say; a margin is taken off either way.
	uploadLife = 24 * time.Hour
	margin     = time.Hour
	// readyWait is how long one Prepare waits for one picture in all.
	readyWait = time.Minute
)

// MaxSource is how many bytes a picture may have that is made as X takes it.
const MaxSource = media.MaxSourceBytes

// Handles is what is kept for a delivery.
type Handles struct {
	Parts map[int][]Picture `json:"parts"` // by part, in the order of its pictures
}

// Picture is one picture at X.
type Picture struct {
	SHA256    string    `json:"sha256"`
	Alt       string    `json:"alt"`
	ID        string    `json:"id"`
	Ready     bool      `json:"ready"`
	Described bool      `json:"described"` // X has taken the alt text
	Until     time.Time `json:"until"`     // when X forgets it
}

// Read reads what was kept; nothing is an empty set.
func Read(h platform.Handles) (Handles, error) {
	out := Handles{}
	if len(h) > 0 {
		if err := json.Unmarshal(h, &out); err != nil {
			return Handles{}, fmt.Errorf("read handles: %w", err)
		}
	}
	if out.Parts == nil {
		out.Parts = map[int][]Picture{}
	}
	return out, nil
}

// All brings the uploads of a part in line with its pictures. What succeeded is in h even when it fails.
func All(ctx context.Context, s *session.Session, h *Handles, part int, pictures []platform.Picture) error {
	had := h.Parts[part]
	h.Parts[part] = had[:min(len(had), len(pictures))]
	for i, pic := range pictures {
		var now Picture
		if i < len(h.Parts[part]) {
			now = h.Parts[part][i]
		}
		if now.SHA256 != pic.SHA256 || now.ID == "" || !s.Now().Before(now.Until) {
			var err error
			if now, err = send(ctx, s, pic); err != nil {
				return err
			}
		}
		if now.Alt != pic.Alt {
			now.Alt, now.Described = pic.Alt, false
		}
		h.Parts[part] = append(h.Parts[part][:i], now)
		if !now.Ready {
			if err := await(ctx, s, now.ID); err != nil {
				return err
			}
			h.Parts[part][i].Ready = true
		}
		if !now.Described && pic.Alt != "" {
			if err := describe(ctx, s, now.ID, pic.Alt); err != nil {
				return err
			}
		}
		h.Parts[part][i].Described = true
	}
	return nil
}

// stored is an upload as X answers with it.
type stored struct {
	Data struct {
		ID      string `json:"id"`
		Expires int    `json:"expires_after_secs"`
		Info    *state `json:"processing_info"`
	} `json:"data"`
}

// state is how far X is with an upload.
type state struct {
	State string `json:"state"`
	After int    `json:"check_after_secs"`
}

// send uploads one picture.
func send(ctx context.Context, s *session.Session, pic platform.Picture) (Picture, error) {
	out := Picture{SHA256: pic.SHA256, Alt: pic.Alt}
	if len(pic.Bytes) == 0 {
		return out, &platform.Permanent{Code: "picture_missing", Say: "A picture of this post cannot be found any more. Add it again."}
	}
	var got stored
	var err error
	if pic, err = fit(pic); err != nil {
		return out, err
	}
	if len(pic.Bytes) <= oneShot {
		err = s.Upload(ctx, &session.Call{}, "/2/media/upload", pic.MIME, map[string]string{"media_category": "tweet_image"}, pic.Bytes, &got)
	} else {
		got, err = sendPieces(ctx, s, pic)
	}
	if err != nil {
		return out, err
	}
	if !entity.IsID(got.Data.ID) {
		return out, &platform.Transient{Say: session.SayNotX}
	}
	life := time.Duration(got.Data.Expires) * time.Second
	if life <= margin || life > 7*24*time.Hour {
		life = uploadLife
	}
	out.ID, out.Until = got.Data.ID, s.Now().Add(life-margin)
	out.Ready = got.Data.Info == nil || got.Data.Info.State == "succeeded"
	return out, nil
}

// fit makes a picture as X takes it: one with a point that a crop keeps is cut as X would cut it, one that is too large is made smaller.
func fit(pic platform.Picture) (platform.Picture, error) {
	if pic.FocusX == 0 && pic.FocusY == 0 && len(pic.Bytes) <= most {
		return pic, nil
	}
	made, err := media.FitFrame(pic.Bytes, pic.FocusX, pic.FocusY, media.Limits{Bytes: most, Side: side})
	if err != nil {
		say := "A picture of this post cannot be read. Use another one."
		if e, ok := errors.AsType[*media.Error](err); ok {
			say = e.Say
		}
		return pic, &platform.Permanent{Code: "picture_unusable", Say: say, Err: err}
	}
	pic.Bytes, pic.MIME, pic.Width, pic.Height = made.Bytes, made.MIME, made.Width, made.Height
	return pic, nil
}

// sendPieces uploads one picture in pieces.
func sendPieces(ctx context.Context, s *session.Session, pic platform.Picture) (got stored, err error) {
	begin := map[string]any{"media_type": pic.MIME, "total_bytes": len(pic.Bytes), "media_category": "tweet_image"}
	if err := s.Post(ctx, &session.Call{}, "/2/media/upload/initialize", begin, &got); err != nil {
		return got, err
	}
	id := got.Data.ID
	if !entity.IsID(id) {
		return got, nil // the caller says so
	}
	for n := 0; n*segment < len(pic.Bytes); n++ {
		piece := pic.Bytes[n*segment : min((n+1)*segment, len(pic.Bytes))]
		var ignored struct{}
		err := s.Upload(ctx, &session.Call{Bodiless: true}, "/2/media/upload/"+id+"/append", "application/octet-stream", map[string]string{"segment_index": strconv.Itoa(n)}, piece, &ignored)
		if err != nil {
			return got, err
		}
	}
	err = s.Do(ctx, &session.Call{}, http.MethodPost, "/2/media/upload/"+id+"/finalize", nil, nil, "", &got)
	return got, err
}

// await asks for an upload until X has worked it through, as often as X says.
func await(ctx context.Context, s *session.Session, id string) error {
	for waited := time.Duration(0); ; {
		var got stored
		call := &session.Call{}
		err := s.Get(ctx, call, "/2/media/upload", url.Values{"command": {"STATUS"}, "media_id": {id}}, &got)
		switch {
		case call.Gone() || err == nil && got.Data.ID != id:
			return &platform.Transient{Say: "X lost a picture. Daymark uploads it again.", Err: err, PrepareAgain: true}
		case err != nil:
			return err
		case got.Data.Info == nil || got.Data.Info.State == "succeeded":
			return nil
		case got.Data.Info.State == "failed":
			return &platform.Permanent{Code: "picture_refused", Say: "X could not read a picture of this post. Use another, as JPEG or PNG."}
		case waited >= readyWait:
			return &platform.Transient{Say: "X still works on a picture. Daymark asks again."}
		}
		pause := min(max(time.Duration(got.Data.Info.After)*time.Second, time.Second), 15*time.Second)
		if err := s.Sleep(ctx, pause); err != nil {
			return &platform.Transient{Say: "Daymark was stopped while X worked on a picture. It goes on when it runs again.", Err: err}
		}
		waited += pause
	}
}

// describe gives X the alt text of a picture.
func describe(ctx context.Context, s *session.Session, id, alt string) error {
	body := map[string]any{"id": id, "metadata": map[string]any{"alt_text": map[string]string{"text": alt}}}
	var got stored
	if err := s.Post(ctx, &session.Call{}, "/2/media/metadata", body, &got); err != nil {
		return err
	}
	if got.Data.ID != id {
		return &platform.Transient{Say: "X did not confirm the alt text of a picture. Daymark sends it again; without it the post does not go out."}
	}
	return nil
}
