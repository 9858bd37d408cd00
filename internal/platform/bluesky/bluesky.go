// Package bluesky publishes to Bluesky, through the server of the AT protocol that keeps the account (its PDS).
//
// A post's record key is chosen and its record frozen in Prepare; Publish makes one createRecord with them, and Find asks for that
// very record. So a post is never there twice, and what became of an attempt can always be told, also after a 500, which
// proves nothing: a key that is in use is answered so. Servers mark no links, hashtags and mentions and make no cards of links, so
// the connector does. A content note is the first line of the text, because the network has none. Credentials are the two
// tokens of a session; the app password they came from is not kept. The connector keeps no state.
package bluesky

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"daymark/internal/core/text/bluesky"
	"daymark/internal/media"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/card"
	"daymark/internal/platform/bluesky/identity"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/rules"
	"daymark/internal/platform/bluesky/xrpc"
)

// Cards reads what a web page says of itself. [card.Reader] is one.
type Cards interface {
	Card(ctx context.Context, address string) (card.Card, error)
}

// Options are what the connector needs from the outside.
type Options struct {
	xrpc.Options
	Random    io.Reader                  // tells record keys of one microsecond apart
	Directory string                     // of did:plc; empty is the public one
	Entry     string                     // resolves handles; empty is Bluesky's own
	DNS       identity.TXT               // nil asks no name server
	Cards     Cards                      // nil makes no card of a link
	Web       func(server string) string // where people read what a server keeps; nil is bsky.app for all
	Log       *slog.Logger               // told what a post went out without; nil tells nobody
}

// Connector is the connector. It may be used from several goroutines.
type Connector struct {
	o Options

	mu   sync.Mutex
	last time.Time // of the latest record key
}

var (
	_ platform.Connector = (*Connector)(nil)
	_ platform.Keyed     = (*Connector)(nil)
	_ platform.Accounts  = (*Connector)(nil)
	_ platform.Refresher = (*Connector)(nil)
	_ platform.Deleter   = (*Connector)(nil)
	_ platform.Meter     = (*Connector)(nil)
	_ platform.Reader    = (*Connector)(nil)
)

// New returns a connector.
func New(o Options) *Connector {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Connector{o: o}
}

// KeepsKey says that the record key is in the handles.
func (*Connector) KeepsKey() bool { return true }

// What the network takes. Bluesky's own apps let people write 2,000 characters of alt text (MAX_ALT_TEXT in src/lib/constants.ts of
// https://github.com/bluesky-social/social-app); the record itself has no limit.
const (
	maxPictures = 4
	maxAlt      = 2000
)

// Capabilities asks the account's server what it is. What posts may be is the same everywhere.
func (c *Connector) Capabilities(ctx context.Context, account platform.Account) (platform.Capabilities, error) {
	s, err := c.session(account)
	if err != nil {
		return platform.Capabilities{}, err
	}
	var server struct {
		DID     string    `json:"did"`
		Domains *[]string `json:"availableUserDomains"`
	}
	if err := s.Do(ctx, &xrpc.Call{Name: "com.atproto.server.describeServer", Bare: true, Out: &server}); err != nil {
		return platform.Capabilities{}, err
	}
	if !strings.HasPrefix(server.DID, "did:") || server.Domains == nil {
		return platform.Capabilities{}, &platform.Transient{Say: xrpc.SayNotBluesky}
	}
	var health struct {
		Version string `json:"version"`
	}
	_ = s.Do(ctx, &xrpc.Call{Name: "_health", Bare: true, Out: &health}) // only the reference server has it
	return platform.Capabilities{
		MaxCharacters: bluesky.MaxGraphemes, MaxBytes: bluesky.MaxBytes, MaxPictures: maxPictures, AltCharacters: maxAlt,
		MaxPictureBytes: media.MaxSourceBytes, MaxPicturePixels: media.MaxSourcePixels, // it is encoded anew before it goes out
		PictureTypes: []string{"image/jpeg", "image/png", "image/webp", "image/gif"},
		Software:     "pds", Version: health.Version, HonoursKey: true, Findable: true, FetchedAt: c.o.Now(),
	}, nil
}

// Validate returns why content cannot go out under caps. It does no I/O.
func (*Connector) Validate(caps platform.Capabilities, content platform.Content) []platform.Issue {
	return rules.Check(caps, content)
}

// Verify asks the server whose session it is.
func (c *Connector) Verify(ctx context.Context, account platform.Account) (platform.Identity, error) {
	s, err := c.session(account)
	if err != nil {
		return platform.Identity{}, err
	}
	var me struct {
		DID    string `json:"did"`
		Handle string `json:"handle"`
	}
	if err := s.Do(ctx, &xrpc.Call{Name: "com.atproto.server.getSession", Out: &me}); err != nil {
		return platform.Identity{}, err
	}
	if !strings.HasPrefix(me.DID, "did:") || me.Handle == "" {
		return platform.Identity{}, &platform.Transient{Say: xrpc.SayNotBluesky}
	}
	if account.RemoteID != "" && me.DID != account.RemoteID {
		return platform.Identity{}, &platform.AuthExpired{Say: "These credentials belong to another account than the one that was connected. Connect the account again."}
	}
	var profile struct {
		Name      string `json:"displayName"`
		Followers *int64 `json:"followersCount"`
	}
	_ = s.Do(ctx, &xrpc.Call{Name: "app.bsky.actor.getProfile", Query: url.Values{"actor": {me.DID}}, Out: &profile}) // what it tells is nice to have
	return platform.Identity{RemoteID: me.DID, Handle: "@" + me.Handle, Name: profile.Name, URL: c.web(account) + "/profile/" + me.DID, Followers: profile.Followers}, nil
}

// Delete takes a post down. One that is not there any more is a success.
func (c *Connector) Delete(ctx context.Context, account platform.Account, ref platform.Ref) error {
	s, err := c.session(account)
	if err != nil {
		return err
	}
	call := &xrpc.Call{Name: "com.atproto.repo.deleteRecord", Post: true, Body: map[string]string{
		"repo": account.RemoteID, "collection": record.Collection, "rkey": ref.ID,
	}}
	if err := s.Do(ctx, call); err != nil && !call.Gone() {
		return err
	}
	return nil
}

// web returns where people read what the account's server keeps.
func (c *Connector) web(account platform.Account) string {
	if c.o.Web != nil {
		if at := c.o.Web(account.Address); at != "" {
			return strings.TrimSuffix(at, "/")
		}
	}
	return "https://bsky.app"
}
