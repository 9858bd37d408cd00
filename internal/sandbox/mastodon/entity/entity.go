// Package entity writes what the sandbox Mastodon server knows in the shapes of the Mastodon API.
//
// The shapes follow https://docs.joinmastodon.org/entities/ as read for Mastodon 4.5; fields that a client may rely on to be
// there are there, empty where the sandbox has nothing to say. The package decides nothing and checks nothing.
package entity

import (
	"net/url"
	"time"

	"daymark/internal/sandbox/audience"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/prose"
)

// Maker makes entities for one server.
type Maker struct {
	Ledger   *ledger.Ledger
	Accounts []ledger.Account
	Seed     uint64 // of the audience
	Quiet    bool   // no audience reacts
}

// At makes entities as they are at an instant, with addresses below a base.
func (m *Maker) At(now time.Time, base string) View {
	return View{Maker: m, Now: now, Base: base}
}

// View is a maker at an instant, for one who looks.
type View struct {
	*Maker
	Now    time.Time
	Base   string // such as http://127.0.0.1:4040
	Viewer string // the handle of the account that asks, empty when nobody is logged in
}

// Find returns a seeded account by its handle.
func (m *Maker) Find(handle string) (ledger.Account, bool) {
	for _, a := range m.Accounts {
		if a.Handle == handle {
			return a, true
		}
	}
	return ledger.Account{}, false
}

// FindID returns a seeded account by its id.
func (m *Maker) FindID(id string) (ledger.Account, bool) {
	for _, a := range m.Accounts {
		if a.ID() == id {
			return a, true
		}
	}
	return ledger.Account{}, false
}

// Counts returns all reactions to a status: the audience's, those made here and those added by hand.
func (v View) Counts(s ledger.Status) audience.Counts {
	here := v.Ledger.Reactions(s.ID)
	counts := audience.Counts{Favourites: here.Favourites, Reblogs: here.Reblogs, Replies: here.Replies}
	a, known := v.Find(s.Account)
	if v.Quiet || !known || s.ReblogOf != "" {
		return counts
	}
	share := map[string]float64{"public": 1, "unlisted": 0.5, "private": 0.4}[s.Visibility]
	crowd := audience.Crowd{Seed: v.Seed, Followers: a.Followers, Share: share}
	return counts.Plus(crowd.At(s.ID, s.CreatedAt, v.Now))
}

// HTML returns the text of a status as Mastodon would send it.
func (v View) HTML(s ledger.Status) string {
	return prose.HTML(s.Text, prose.Places{Tag: v.tagURL, Account: v.mentioned})
}

// tagURL returns the page of a hashtag, whose letters Mastodon escapes in the address.
func (v View) tagURL(name string) string { return v.Base + "/tags/" + url.PathEscape(name) }

// mentioned returns the page of a mentioned account of this server.
func (v View) mentioned(user string) string {
	if _, known := v.Find(user); known {
		return v.Base + "/@" + user
	}
	return ""
}

// StatusURL returns the page of a status.
func (v View) StatusURL(s ledger.Status) string { return v.Base + "/@" + s.Account + "/" + s.ID }

// Instant writes an instant as Mastodon does.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Account is an account as everyone sees it.
type Account struct {
	ID             string  `json:"id"`
	Username       string  `json:"username"`
	Acct           string  `json:"acct"`
	DisplayName    string  `json:"display_name"`
	Locked         bool    `json:"locked"`
	Bot            bool    `json:"bot"`
	Discoverable   bool    `json:"discoverable"`
	Indexable      bool    `json:"indexable"`
	Group          bool    `json:"group"`
	CreatedAt      string  `json:"created_at"`
	Note           string  `json:"note"`
	URL            string  `json:"url"`
	URI            string  `json:"uri"`
	Avatar         string  `json:"avatar"`
	AvatarStatic   string  `json:"avatar_static"`
	Header         string  `json:"header"`
	HeaderStatic   string  `json:"header_static"`
	FollowersCount int     `json:"followers_count"`
	FollowingCount int     `json:"following_count"`
	StatusesCount  int     `json:"statuses_count"`
	LastStatusAt   *string `json:"last_status_at"`
	Emojis         []any   `json:"emojis"`
	Fields         []any   `json:"fields"`
	Source         *Source `json:"source,omitempty"` // only for the account itself
	Role           *Role   `json:"role,omitempty"`   // only for the account itself
}

// Source is what an account is told of its own settings.
type Source struct {
	Note                string  `json:"note"`
	Fields              []any   `json:"fields"`
	Privacy             string  `json:"privacy"`
	Sensitive           bool    `json:"sensitive"`
	Language            *string `json:"language"`
	FollowRequestsCount int     `json:"follow_requests_count"`
}

// Role is what an account may do on the server.
type Role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Color       string `json:"color"`
	Permissions string `json:"permissions"`
	Highlighted bool   `json:"highlighted"`
}

// Account returns an account.
func (v View) Account(a ledger.Account) Account {
	page, avatar := v.Base+"/@"+a.Handle, v.Base+"/avatars/"+a.Handle+".svg"
	out := Account{
		ID: a.ID(), Username: a.Handle, Acct: a.Handle, DisplayName: a.DisplayName, Discoverable: true,
		CreatedAt: "2020-01-01T00:00:00.000Z", Note: prose.HTML(a.Note, prose.Places{Tag: v.tagURL, Account: v.mentioned}),
		URL: page, URI: v.Base + "/users/" + a.Handle, Avatar: avatar, AvatarStatic: avatar, Header: avatar, HeaderStatic: avatar,
		FollowersCount: a.Followers, Emojis: []any{}, Fields: []any{},
	}
	statuses := v.Ledger.Statuses(a.Handle)
	out.StatusesCount = len(statuses)
	if len(statuses) > 0 {
		day := statuses[0].CreatedAt.UTC().Format("2006-01-02")
		out.LastStatusAt = &day
	}
	return out
}

// Own returns an account with what only it is told.
func (v View) Own(a ledger.Account) Account {
	out := v.Account(a)
	out.Source = &Source{Note: a.Note, Fields: []any{}, Privacy: "public"}
	out.Role = &Role{ID: "-99", Permissions: "0"}
	return out
}
