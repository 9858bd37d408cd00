// Package x publishes to X, which was Twitter.
//
// It calls version 2 of X's API with a client of its own, signed by dghubble/oauth1 with the four keys of the charity's own
// application ([session]); accounts of applications that still have version 1.1 go through dghubble/go-twitter ([legacy]).
// Alt text is sent before a post goes out, a lost answer is looked up on the account's own timeline, and what X charges is
// known beforehand. It keeps no state but a short-lived note of whose keys it has seen, and does not decide when to try
// again.
package x

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"daymark/internal/core/text/x"
	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/session"
	"daymark/internal/platform/x/upload"
)

// Address is where X's API is.
const Address = session.Address

// Options are what the connector needs from the outside.
type Options = session.Options

// Credentials is what the secret of an account holds.
type Credentials = session.Credentials

// Connector is the connector. It may be used from several goroutines.
type Connector struct {
	o Options

	mu    sync.Mutex
	known map[string]seen // by access token
}

// seen is whose keys these are, and when X said so.
type seen struct {
	who platform.Identity
	at  time.Time
}

var (
	_ platform.Connector = (*Connector)(nil)
	_ platform.Accounts  = (*Connector)(nil)
	_ platform.Deleter   = (*Connector)(nil)
	_ platform.Meter     = (*Connector)(nil)
	_ platform.Priced    = (*Connector)(nil)
	_ platform.Distinct  = (*Connector)(nil)
	_ platform.Reader    = (*Connector)(nil)
)

// New returns a connector.
func New(o Options) *Connector {
	return &Connector{o: o, known: map[string]seen{}}
}

const (
	// knownFor is how long X is not asked again whose keys these are, since each question costs.
	knownFor = 24 * time.Hour
	// settling is how long after an attempt a timeline proves nothing: X may finish a request whose client has gone.
	settling = 3 * time.Minute
	// legacyVersion is the version in the capabilities of an account that is set to version 1.1.
	legacyVersion = "1.1"
)

// What X takes (https://docs.x.com/x-api/media/quickstart/best-practices, https://docs.x.com/x-api/media/metadata-create, seen in
// August 2026). An animated GIF would be the only picture of its post, so GIFs are left out.
var allowed = platform.Capabilities{
	MaxCharacters:   x.Max,
	URLCharacters:   x.Link,
	MaxPictures:     4,
	AltCharacters:   1000,
	MaxPictureBytes: upload.MaxSource, // it is made smaller before it goes out
	PictureTypes:    []string{"image/jpeg", "image/png", "image/webp"},
	Software:        "x",
	Version:         "2",
	Findable:        true,
	Settling:        settling,
}

// Capabilities asks X whether it knows the account, at most once a day, and returns what X allows. X does not tell its limits.
func (c *Connector) Capabilities(ctx context.Context, account platform.Account) (platform.Capabilities, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Capabilities{}, err
	}
	if _, err := c.whose(ctx, s); err != nil {
		return platform.Capabilities{}, err
	}
	caps := allowed
	caps.FetchedAt = c.o.Now().UTC()
	if s.Keys.API == session.Legacy {
		caps.Version, caps.PictureTypes, caps.AltCharacters, caps.MaxPictureBytes = legacyVersion, nil, 0, 0
	}
	return caps, nil
}

// whose returns whose keys a session has, as X said lately.
func (c *Connector) whose(ctx context.Context, s *session.Session) (platform.Identity, error) {
	key := s.Account.Address + " " + s.Keys.AccessToken + " " + s.Keys.AccessSecret
	c.mu.Lock()
	had, ok := c.known[key]
	c.mu.Unlock()
	if ok && c.o.Now().Sub(had.at).Abs() < knownFor {
		return had.who, nil
	}
	who, err := verify(ctx, s)
	if err != nil {
		return who, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[key] = seen{who, c.o.Now()}
	return who, nil
}

// Verify asks X whose keys these are.
func (c *Connector) Verify(ctx context.Context, account platform.Account) (platform.Identity, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Identity{}, err
	}
	return verify(ctx, s)
}

// verify asks X whose keys these are: version 1.1 where the account is set to it, and version 2 when that does not answer.
func verify(ctx context.Context, s *session.Session) (platform.Identity, error) {
	if s.Keys.API == session.Legacy {
		if who, err := legacy.Whose(ctx, s); err == nil || platform.Outcome(err) != platform.KindPermanent {
			return identity(s, who), err
		}
	}
	var got struct {
		Data entity.User `json:"data"`
	}
	if err := s.Get(ctx, &session.Call{}, "/2/users/me", url.Values{"user.fields": {"public_metrics"}}, &got); err != nil {
		return platform.Identity{}, err
	}
	if !entity.IsID(got.Data.ID) || got.Data.Handle == "" {
		return platform.Identity{}, &platform.Transient{Say: session.SayNotX}
	}
	return identity(s, got.Data), nil
}

// identity puts an account of X into the contract's form.
func identity(s *session.Session, u entity.User) platform.Identity {
	return platform.Identity{RemoteID: u.ID, Handle: "@" + u.Handle, Name: u.Name, URL: site(s) + "/" + u.Handle, Followers: u.Metrics.Followers}
}

// site returns where people read: x.com for X itself, and the same server for a sandbox.
func site(s *session.Session) string {
	if u, err := url.Parse(s.Account.Address); err == nil && u.Host != "api.x.com" && u.Host != "api.twitter.com" {
		return strings.TrimSuffix(s.Account.Address, "/")
	}
	return "https://x.com"
}

// link returns where people read a post.
func link(s *session.Session, id string) string {
	handle := strings.TrimPrefix(s.Account.Handle, "@")
	if handle == "" {
		handle = "i" // X leads on from there
	}
	return site(s) + "/" + handle + "/status/" + id
}

// Delete takes a post down. One that is not there any more is a success.
func (c *Connector) Delete(ctx context.Context, account platform.Account, ref platform.Ref) error {
	s, err := session.Open(c.o, account)
	if err != nil {
		return err
	}
	if !entity.IsID(ref.ID) {
		return &platform.Permanent{Code: "not_found", Say: fmt.Sprintf("%q is not the number of a post on X.", ref.ID)}
	}
	call := &session.Call{}
	if s.Keys.API == session.Legacy {
		err = legacy.Delete(ctx, s, call, ref.ID)
	} else {
		var got struct {
			Data struct {
				Deleted *bool `json:"deleted"`
			} `json:"data"`
		}
		err = s.Do(ctx, call, http.MethodDelete, "/2/tweets/"+ref.ID, nil, nil, "", &got)
		if err == nil && (got.Data.Deleted == nil || !*got.Data.Deleted) {
			err = &platform.Transient{Say: "X did not confirm that the post is gone. Daymark tries again."}
		}
	}
	if call.Gone() {
		return nil
	}
	return err
}
