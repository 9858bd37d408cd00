// Package platform is the contract between Daymark and the social networks: what a connector must do, what it may answer,
// and in which ways it may fail.
//
// One room below this one speaks to each network and knows nothing of the others. [Connector] is what dispatch needs;
// [Accounts], [Deleter], [Meter], [Priced] and [Distinct] are what a network can do or asks for besides, found by type
// assertion. A connector says what became of a call with one of the error types in this package ([Outcome] tells them
// apart), because whether a post may be tried again depends on nothing else. The package does not talk to any network and
// does not know the database; it does not decide when to try again.
package platform

import (
	"context"
	"encoding/json"
	"time"
)

// Network names a network, such as "mastodon".
type Network string

// The networks that have a connector.
const (
	Mastodon Network = "mastodon" // Mastodon and the servers that speak its API
	X        Network = "x"        // X, which was Twitter
	Bluesky  Network = "bluesky"  // servers of the AT protocol that host posts of Bluesky
	ByHand   Network = "byhand"   // any other: a person posts there
)

// Account is a connected account with what is needed to act for it.
type Account struct {
	Channel  int64   // our own number for the channel, for logs and caches
	Network  Network // which connector serves it
	Address  string  // base URL of the server, such as "https://mastodon.example"
	Handle   string  // how people write the account, such as "@charity@mastodon.example"
	RemoteID string  // the account's id at the network
	Secret   Secret  // the connector's credentials
}

// Picture is one picture of a part, already cut and encoded for the network.
type Picture struct {
	SHA256 string  `json:"sha256"` // of Bytes, in lower-case hexadecimal
	MIME   string  `json:"mime"`
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Alt    string  `json:"alt"`
	FocusX float64 `json:"focus_x"` // -1 (left) to 1 (right)
	FocusY float64 `json:"focus_y"` // -1 (bottom) to 1 (top)
	Bytes  []byte  `json:"-"`       // filled for Prepare only
}

// Part is one status of a thread; most posts have one.
type Part struct {
	Text     string    `json:"text"`
	Pictures []Picture `json:"pictures"`
}

// Content is what a release says, final and for one network.
type Content struct {
	Parts       []Part `json:"parts"`
	ContentNote string `json:"content_note"` // shown before the text; empty for none
	Sensitive   bool   `json:"sensitive"`    // pictures are hidden until asked for
	Language    string `json:"language"`     // BCP 47, such as "en" or "pt-BR"
	Visibility  string `json:"visibility"`   // "public", "unlisted", "private" or "direct"

	At time.Time `json:"-"` // for Prepare: when it is to go out; zero is at once
}

// Capabilities is what a server allows at the moment it was asked. A zero limit means that the server sets none we know.
type Capabilities struct {
	MaxCharacters    int           `json:"max_characters"`
	MaxBytes         int           `json:"max_bytes"`      // of the text as UTF-8
	URLCharacters    int           `json:"url_characters"` // what a link counts for; 0 when it counts in full
	MaxPictures      int           `json:"max_pictures"`
	AltCharacters    int           `json:"alt_characters"`
	MaxPictureBytes  int64         `json:"max_picture_bytes"`
	MaxPicturePixels int64         `json:"max_picture_pixels"`
	PictureTypes     []string      `json:"picture_types"` // MIME types; empty when the server does not say
	NeedsPicture     bool          `json:"needs_picture"` // a post without a picture is refused
	ByHand           bool          `json:"by_hand"`       // a person posts, and comes back with the link
	Software         string        `json:"software"`      // such as "mastodon" or "gotosocial"; "unknown" when it does not say
	Version          string        `json:"version"`
	HonoursKey       bool          `json:"honours_key"` // the same key twice makes one post
	KeyLife          time.Duration `json:"key_life"`    // how long it does so
	Findable         bool          `json:"findable"`    // Find can answer Found and NotFound
	Settling         time.Duration `json:"settling"`    // how long after an attempt NotFound proves nothing
	FetchedAt        time.Time     `json:"fetched_at"`
}

// Issue is one reason why a content cannot go to a network as it is, or a warning about it.
type Issue struct {
	Part    int    // which part, from 0; -1 for the content as a whole
	Field   string // "text", "pictures", "alt", "content_note", "language" or "visibility"
	Code    string // a fixed word for programs, such as "too_long"
	Message string // what is wrong and how to mend it
	Warning bool   // the network takes it, but people should know
}

// Handles is what Prepare left at the network for all parts of a delivery. It is opaque JSON, saved before Publish and
// handed back unchanged.
type Handles json.RawMessage

// MarshalJSON returns the JSON as it is, null when there is none.
func (h Handles) MarshalJSON() ([]byte, error) { return json.RawMessage(h).MarshalJSON() }

// UnmarshalJSON keeps a copy of the JSON.
func (h *Handles) UnmarshalJSON(b []byte) error {
	*h = append((*h)[:0], b...)
	return nil
}

// Attempt is one try at one part of a delivery, as it was written down before the network is called.
type Attempt struct {
	Key       string    // idempotency key, the same for every try of this part until a definite refusal
	No        int       // which try this is, from 1
	Part      int       // which part of Content, from 0
	Content   Content   // pictures without their bytes
	Handles   Handles   // what Prepare returned
	ReplyTo   *Ref      // the part before this one
	Root      *Ref      // the first part of the thread
	StartedAt time.Time // when the first try of this part began
	Exclude   []string  // for Find: remote ids that belong to other deliveries of the account
}

// Ref names a post at its network.
type Ref struct {
	ID  string `json:"id"`
	URI string `json:"uri"`
}

// Receipt is a network's word that a post is out.
type Receipt struct {
	Ref Ref
	URL string    // where people read it
	At  time.Time // when it went out, by the network's clock
}

// FindState says what looking for an attempt at its network found out.
type FindState int

// What Find can answer. CannotTell is the zero value: it is what one knows before asking.
const (
	CannotTell FindState = iota // the network did not show enough; a person decides
	Found                       // the post is out
	NotFound                    // the post is not among those shown, and all were shown
)

// String returns the state as one word, for logs.
func (s FindState) String() string {
	switch s {
	case Found:
		return "found"
	case NotFound:
		return "not_found"
	case CannotTell:
		return "cannot_tell"
	}
	return "cannot_tell"
}

// Finding is the answer of Find.
type Finding struct {
	State   FindState
	Receipt Receipt // for Found
	Why     string  // for CannotTell and NotFound: a sentence for the person who decides
}

// Counts is what a network says about a post at one instant. A nil count is one that the network does not tell: absent is
// not zero.
type Counts struct {
	At          time.Time
	Favourites  *int64
	Boosts      *int64
	Replies     *int64
	Quotes      *int64
	Impressions *int64
	Clicks      *int64
	Gone        bool // the network says that the post is not there any more
}

// Rate is what a network said about how many more calls it takes.
type Rate struct {
	Limit     int
	Remaining int
	Reset     time.Time
}

// Identity is who an account is, by the network's word.
type Identity struct {
	RemoteID string
	Handle   string // with the server where the network has several, such as "@charity@mastodon.example"
	Name     string // display name
	URL      string // profile page

	Followers *int64 // how many follow the account; nil where the network does not tell
}

// Connector publishes to one network. Every method may be called from several goroutines.
type Connector interface {
	// Capabilities asks the account's server what it allows.
	Capabilities(ctx context.Context, account Account) (Capabilities, error)
	// Validate returns why content cannot go out under caps. It does no I/O.
	Validate(caps Capabilities, content Content) []Issue
	// Prepare uploads what the part needs and waits until it is ready. It publishes nothing and may be repeated; prev is
	// what it returned before, nil the first time. On an error the handles returned, if any, are still worth saving.
	Prepare(ctx context.Context, account Account, content Content, part int, prev Handles) (Handles, error)
	// Publish makes exactly one irreversible call.
	Publish(ctx context.Context, account Account, attempt Attempt) (Receipt, error)
	// Find looks for the post of an attempt whose outcome is unknown.
	Find(ctx context.Context, account Account, attempt Attempt) (Finding, error)
}

// Keyed is met by connectors that choose the post's key at the network in Prepare and keep it in the handles. The handles of an
// attempt whose answer was lost must be used again, so that the same post cannot be there twice under two keys.
type Keyed interface {
	KeepsKey() bool
}

// Silent is met by connectors whose Find never finds anything out. Their attempts are written down one by one, immediately before
// the call, so that little is left in doubt when a process dies.
type Silent interface {
	FindsNothing() bool
}

// Accounts is met by connectors that can say whom a credential belongs to.
type Accounts interface {
	Verify(ctx context.Context, account Account) (Identity, error)
}

// Deleter is met by connectors that can take a post down. A post that is already gone is a success.
type Deleter interface {
	Delete(ctx context.Context, account Account, ref Ref) error
}

// Meter is met by connectors that can tell how a post does. The answer is keyed by [Ref].ID; a post that the network says
// is gone has Gone set, one that could not be read is left out. With an error comes what had been read until then.
type Meter interface {
	Measure(ctx context.Context, account Account, refs []Ref) (map[string]Counts, error)
}
