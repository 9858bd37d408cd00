package bluesky

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"daymark/internal/media"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/rules"
	"daymark/internal/platform/bluesky/xrpc"
)

// What pictures are made to fit. Older servers take a million bytes where the lexicon now has two; the side is what Bluesky's own
// app makes of pictures. The reference server drops uploads that no record uses some time after; how long is not documented.
const (
	pictureBytes = 1_000_000
	pictureSide  = 2000
	thumbSide    = 1200
	freshFor     = 30 * time.Minute
)

// handles is what Prepare keeps for a delivery.
type handles struct {
	Parts map[int]frozen `json:"parts"`
}

// frozen is one part as it goes out, whatever happens on the way.
type frozen struct {
	Key      string      `json:"rkey"`
	Post     record.Post `json:"record"`            // without its reply
	Of       string      `json:"of"`                // what it was made from
	Uploaded time.Time   `json:"uploaded,omitzero"` // when its pictures were
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
		out.Parts = map[int]frozen{}
	}
	return out, nil
}

// digest returns a text that is the same for the same part of the same content.
func digest(content platform.Content, part int) string {
	content.Parts = content.Parts[part : part+1]
	b, _ := json.Marshal(content) // plain texts and numbers always encode; the bytes of pictures are left out, their sums are in
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Prepare uploads the part's pictures and freezes its record under a key of its own. What prev has frozen stays as it is, since it
// may be out already; only its pictures are uploaded again when they have lain there for long.
func (c *Connector) Prepare(ctx context.Context, account platform.Account, content platform.Content, part int, prev platform.Handles) (platform.Handles, error) {
	s, err := c.session(account)
	if err != nil {
		return prev, err
	}
	h, err := readHandles(prev)
	if err != nil {
		return nil, &platform.Transient{Say: "What Daymark remembered about this post is unreadable. It prepares it again.", Err: err, PrepareAgain: true}
	}
	if part < 0 || part >= len(content.Parts) {
		return prev, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", part+1)}
	}
	now, of := c.o.Now(), digest(content, part)
	had, again := h.Parts[part]
	again = again && had.Of == of
	if again && (had.Uploaded.IsZero() || now.Sub(had.Uploaded) < freshFor) {
		return prev, nil
	}
	images, err := c.uploadAll(ctx, s, content.Parts[part].Pictures)
	if err != nil {
		return prev, err
	}
	if !again {
		if had, err = c.freeze(ctx, s, account, content, part, images); err != nil {
			return prev, err
		}
		had.Of = of
	}
	if len(images) > 0 {
		had.Uploaded = now
	}
	h.Parts[part] = had
	b, err := json.Marshal(h)
	if err != nil {
		return prev, fmt.Errorf("write handles: %w", err)
	}
	return b, nil
}

// uploadAll makes the pictures fit and uploads them. The same picture is the same upload however often it is sent.
func (c *Connector) uploadAll(ctx context.Context, s *xrpc.Client, pictures []platform.Picture) ([]record.Image, error) {
	var images []record.Image
	for i, pic := range pictures {
		if len(pic.Bytes) == 0 {
			return nil, &platform.Permanent{Code: "picture_missing", Say: "A picture of this post cannot be found any more. Add it again."}
		}
		fit, err := media.FitFrame(pic.Bytes, pic.FocusX, pic.FocusY, media.Limits{Bytes: pictureBytes, Side: pictureSide})
		if err != nil {
			said := "It cannot be read. Use another one."
			if e, ok := errors.AsType[*media.Error](err); ok {
				said = e.Say
			}
			return nil, &platform.Permanent{Code: "picture_unusable", Say: fmt.Sprintf("Picture %d: %s", i+1, said), Err: err}
		}
		blob, err := upload(ctx, s, fit)
		if err != nil {
			return nil, err
		}
		images = append(images, record.Image{Alt: pic.Alt, Image: blob, Aspect: record.Aspect{Width: fit.Width, Height: fit.Height}})
	}
	return images, nil
}

// upload sends one picture.
func upload(ctx context.Context, s *xrpc.Client, fit media.Fitted) (record.Blob, error) {
	var answer struct {
		Blob record.Blob `json:"blob"`
	}
	call := &xrpc.Call{Name: "com.atproto.repo.uploadBlob", Post: true, Body: fit.Bytes, Type: fit.MIME, Out: &answer}
	if err := s.Do(ctx, call); err != nil {
		return record.Blob{}, err
	}
	if b := answer.Blob; b.Type != "blob" || b.Ref.Link == "" || b.Size != len(fit.Bytes) || !strings.HasPrefix(b.MIME, "image/") {
		return record.Blob{}, &platform.Transient{Say: xrpc.SayNotBluesky, Err: fmt.Errorf("the upload of %d bytes came back as %d bytes of %q", len(fit.Bytes), b.Size, b.MIME)}
	}
	return answer.Blob, nil
}

// freeze makes the record of a part and chooses its key.
func (c *Connector) freeze(ctx context.Context, s *xrpc.Client, account platform.Account, content platform.Content, part int, images []record.Image) (frozen, error) {
	finder := c.finder()
	finder.Entry = account.Address // the account's own server resolves handles too
	body := rules.Compose(content.ContentNote, content.Parts[part].Text)
	facets, nobody, err := record.Facets(body, func(handle string) (string, error) { return finder.DID(ctx, handle) })
	if err != nil {
		return frozen{}, err
	}
	if len(nobody) > 0 {
		c.o.Log.WarnContext(ctx, "nobody has these handles, so they are not linked", "channel_id", account.Channel, "part", part+1, "handles", nobody)
	}
	key, at, err := c.key(content.At, part)
	if err != nil {
		return frozen{}, err
	}
	post := record.Post{Type: record.Collection, Text: body, Facets: facets, CreatedAt: record.Instant(at)}
	if content.Language != "" {
		post.Langs = []string{content.Language}
	}
	if len(images) > 0 {
		post.Embed = &record.Embed{Type: record.TypeImages, Images: images}
		if content.Sensitive {
			post.Labels = record.GraphicMedia()
		}
	} else if post.Embed, err = c.card(ctx, s, facets); err != nil {
		return frozen{}, err
	}
	if err := post.Check(); err != nil {
		return frozen{}, &platform.Permanent{Code: "bad_record", Say: "Daymark would have made a post that Bluesky's apps cannot show. Shorten the text or leave unusual links out, and tell Daymark's operator.", Err: err}
	}
	return frozen{Key: key, Post: post}, nil
}

// key returns a record key that this connector has not chosen before, and its instant: when the post is to go out, which is not
// past. A few microseconds tell posts of one instant apart, also those of other connectors, and a thread's parts stand in order.
func (c *Connector) key(due time.Time, part int) (string, time.Time, error) {
	var chance [4]byte
	if _, err := io.ReadFull(c.o.Random, chance[:]); err != nil {
		return "", time.Time{}, fmt.Errorf("choose a record key: %w", err)
	}
	at := c.o.Now()
	if due.After(at) {
		at = due
	}
	at = at.UTC().Truncate(time.Microsecond).Add(time.Duration(binary.BigEndian.Uint16(chance[2:])%1000)*time.Microsecond + time.Duration(part)*time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !at.After(c.last) && c.last.Sub(at) < time.Second {
		at = c.last.Add(time.Microsecond)
	}
	c.last = at
	return record.TID(at, binary.BigEndian.Uint16(chance[:])), at, nil
}

// card makes the card of the first link. A page that cannot be read has none; only a server that does not take the upload of the
// card's picture now makes it an error, and then the whole is prepared again.
func (c *Connector) card(ctx context.Context, s *xrpc.Client, facets []record.Facet) (*record.Embed, error) {
	address := ""
	for _, f := range facets {
		if f.Features[0].Type == record.TypeLink {
			address = f.Features[0].URI
			break
		}
	}
	if c.o.Cards == nil || address == "" {
		return nil, nil
	}
	read, err := c.o.Cards.Card(ctx, address)
	if err != nil {
		host := "unknown"
		if u, err := url.Parse(address); err == nil {
			host = u.Host
		}
		c.o.Log.InfoContext(ctx, "a link has no card", "host", host, "error", err)
		return nil, nil
	}
	external := &record.External{URI: address, Title: read.Title, Description: read.Description}
	if fit, err := media.Fit(bytes.Clone(read.Picture), media.Limits{Bytes: pictureBytes, Side: thumbSide}); err == nil {
		blob, err := upload(ctx, s, fit)
		switch platform.Outcome(err) {
		case platform.KindDone:
			external.Thumb = &blob
		case platform.KindPermanent: // it goes out without
		default:
			return nil, err
		}
	}
	return &record.Embed{Type: record.TypeExternal, External: external}, nil
}
