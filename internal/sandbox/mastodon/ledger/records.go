package ledger

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Account is a person or organisation that has a page on the server. Accounts are given when the server starts; they are not
// kept in the journal.
type Account struct {
	Handle      string // the name after the @
	DisplayName string
	Letter      string // what its picture shows; the first letter of the name when empty
	Note        string // what it says of itself
	Followers   int    // how many read it, and so how many may react; nobody when zero
}

// ID returns the account's id, which depends on its handle alone.
func (a Account) ID() string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(a.Handle)) // a hash never fails to be written to
	return strconv.FormatUint(h.Sum64()>>8|1<<55, 10)
}

// App is a registered application.
type App struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Website      string    `json:"website,omitempty"`
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret"`
	RedirectURIs []string  `json:"redirect_uris"`
	Scopes       []string  `json:"scopes"`
	CreatedAt    time.Time `json:"created_at"`
}

// Token lets an application act, for an account or for itself.
type Token struct {
	Value     string    `json:"value"`
	ClientID  string    `json:"client_id"`
	Account   string    `json:"account,omitempty"` // empty for the application's own
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	Revoked   bool      `json:"revoked,omitempty"`
}

// Media is an uploaded picture.
type Media struct {
	ID          string    `json:"id"`
	Account     string    `json:"account"`
	MIME        string    `json:"mime"`
	Extension   string    `json:"extension"`
	Width       int       `json:"width"`
	Height      int       `json:"height"`
	Size        int       `json:"size"`
	SHA256      string    `json:"sha256"`
	Description string    `json:"description"`
	FocusX      float64   `json:"focus_x"`
	FocusY      float64   `json:"focus_y"`
	Polls       int       `json:"polls,omitempty"`  // how many more questions it answers with "not ready"; below 0 it is never ready
	Status      string    `json:"status,omitempty"` // the status it belongs to
	CreatedAt   time.Time `json:"created_at"`
}

// Ready reports whether the picture may be attached.
func (m Media) Ready() bool { return m.Polls == 0 }

// Status is a post, or somebody's boost of one.
type Status struct {
	ID          string    `json:"id"`
	Account     string    `json:"account"`
	Text        string    `json:"text"`
	Note        string    `json:"note,omitempty"` // the content note, spoiler_text to the API
	Sensitive   bool      `json:"sensitive,omitempty"`
	Visibility  string    `json:"visibility"`
	Language    string    `json:"language,omitempty"`
	Media       []string  `json:"media,omitempty"`
	InReplyTo   string    `json:"in_reply_to,omitempty"`
	ReblogOf    string    `json:"reblog_of,omitempty"`
	Application string    `json:"application,omitempty"` // client id
	Key         string    `json:"key,omitempty"`         // the idempotency key it was made with
	CreatedAt   time.Time `json:"created_at"`
	Favourites  []string  `json:"favourites,omitempty"` // accounts here that favourited it
	Extra       Reactions `json:"extra,omitzero"`       // reactions added by hand
	Deleted     bool      `json:"deleted,omitempty"`
}

// Reactions are counts added by hand to those of the audience.
type Reactions struct {
	Favourites int `json:"favourites,omitempty"`
	Reblogs    int `json:"reblogs,omitempty"`
	Replies    int `json:"replies,omitempty"`
}

// Key is an idempotency key that was used.
type Key struct {
	Account string    `json:"account"`
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
	Status  string    `json:"status,omitempty"` // the status it made
	Code    int       `json:"code,omitempty"`   // of a kept answer
	Body    string    `json:"body,omitempty"`   // of a kept answer
	Burnt   bool      `json:"burnt,omitempty"`  // kept before anything was made
	Breaks  bool      `json:"breaks,omitempty"` // a repeat meets a broken server
}
