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

// App is a developer's application.
type App struct {
	Name           string `json:"name"`
	ConsumerKey    string `json:"consumer_key"`
	ConsumerSecret string `json:"consumer_secret"`
	ReadOnly       bool   `json:"read_only,omitempty"`
}

// The stages of a token in the three-legged flow (RFC 5849 section 2).
const (
	Asked   = "asked"   // a request token that nobody has decided about
	Granted = "granted" // a request token that waits to be exchanged
	Access  = "access"  // an access token
	Ended   = "ended"   // used up, denied or revoked
)

// Token lets an application act for an account.
type Token struct {
	Value       string `json:"value"`
	Secret      string `json:"secret"`
	ConsumerKey string `json:"consumer_key"`
	Account     string `json:"account,omitempty"`
	ReadOnly    bool   `json:"read_only,omitempty"` // what the application could do when the token was made
	Stage       string `json:"stage"`
	Callback    string `json:"callback,omitempty"`
	Verifier    string `json:"verifier,omitempty"`
}

// Media is an upload.
type Media struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Category  string    `json:"category"`
	MIME      string    `json:"mime"`
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	Total     int       `json:"total"` // bytes announced
	Size      int       `json:"size"`  // bytes received
	SHA256    string    `json:"sha256"`
	Alt       string    `json:"alt,omitempty"`
	Open      bool      `json:"open,omitempty"`   // segments are still missing
	Next      int       `json:"next,omitempty"`   // the segment to come
	Polls     int       `json:"polls,omitempty"`  // how many more questions it answers with "pending"; below 0 it is never ready
	Failed    bool      `json:"failed,omitempty"` // it was no picture in the end
	CreatedAt time.Time `json:"created_at"`
}

// Life is how long an upload can be put on a post (expires_after_secs in X's answers).
const Life = 24 * time.Hour

// Key returns the name of the upload in answers, whose first part says what it is: 3 for a picture.
func (m Media) Key() string { return "3_" + m.ID }

// Post is a post.
type Post struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Text      string    `json:"text"`
	Media     []string  `json:"media,omitempty"`
	InReplyTo string    `json:"in_reply_to,omitempty"`
	App       string    `json:"app,omitempty"` // consumer key
	CreatedAt time.Time `json:"created_at"`
	Extra     Reactions `json:"extra,omitzero"` // reactions added by hand
	Deleted   bool      `json:"deleted,omitempty"`
}

// Reactions are counts added by hand to those of the audience.
type Reactions struct {
	Likes   int `json:"likes,omitempty"`
	Reposts int `json:"reposts,omitempty"`
	Replies int `json:"replies,omitempty"`
	Quotes  int `json:"quotes,omitempty"`
}

// Standing is what the network has done to an account.
type Standing struct {
	Account   string `json:"account"`
	Suspended bool   `json:"suspended"`
}
