package entity

import (
	"slices"
	"strings"

	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/prose"
)

// Status is a post as the API shows it.
type Status struct {
	ID                 string       `json:"id"`
	URI                string       `json:"uri"`
	URL                string       `json:"url"`
	CreatedAt          string       `json:"created_at"`
	EditedAt           *string      `json:"edited_at"`
	InReplyToID        *string      `json:"in_reply_to_id"`
	InReplyToAccountID *string      `json:"in_reply_to_account_id"`
	Sensitive          bool         `json:"sensitive"`
	SpoilerText        string       `json:"spoiler_text"`
	Visibility         string       `json:"visibility"`
	Language           *string      `json:"language"`
	RepliesCount       int          `json:"replies_count"`
	ReblogsCount       int          `json:"reblogs_count"`
	FavouritesCount    int          `json:"favourites_count"`
	QuotesCount        int          `json:"quotes_count"`
	Favourited         bool         `json:"favourited"`
	Reblogged          bool         `json:"reblogged"`
	Muted              bool         `json:"muted"`
	Bookmarked         bool         `json:"bookmarked"`
	Pinned             bool         `json:"pinned"`
	Content            string       `json:"content"`
	Text               *string      `json:"text,omitempty"` // only in the answer to a deletion
	Reblog             *Status      `json:"reblog"`
	Application        *Application `json:"application"`
	Account            Account      `json:"account"`
	MediaAttachments   []Media      `json:"media_attachments"`
	Mentions           []Mention    `json:"mentions"`
	Tags               []Tag        `json:"tags"`
	Emojis             []any        `json:"emojis"`
	Filtered           []any        `json:"filtered"`
	Card               *struct{}    `json:"card"`
	Poll               *struct{}    `json:"poll"`
}

// Application is the program a status was made with.
type Application struct {
	Name    string  `json:"name"`
	Website *string `json:"website"`
}

// Mention is an account of this server named in a text.
type Mention struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Acct     string `json:"acct"`
	URL      string `json:"url"`
}

// Tag is a hashtag in a text.
type Tag struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Status returns a status.
func (v View) Status(s ledger.Status) Status {
	a, _ := v.Find(s.Account)
	counts := v.Counts(s)
	out := Status{
		ID: s.ID, URI: v.Base + "/users/" + s.Account + "/statuses/" + s.ID, URL: v.StatusURL(s), CreatedAt: Instant(s.CreatedAt),
		Sensitive: s.Sensitive, SpoilerText: s.Note, Visibility: s.Visibility, Language: orNull(s.Language),
		RepliesCount: counts.Replies, ReblogsCount: counts.Reblogs, FavouritesCount: counts.Favourites,
		Favourited: slices.Contains(s.Favourites, v.Viewer), Reblogged: v.boostOf(s.ID) != "",
		Content: v.HTML(s), Account: v.Account(a),
		MediaAttachments: v.attachments(s), Mentions: v.mentions(s.Text), Tags: v.tags(s.Text), Emojis: []any{}, Filtered: []any{},
	}
	if parent, ok := v.Ledger.Status(s.InReplyTo); ok {
		out.InReplyToID = &parent.ID
		if b, known := v.Find(parent.Account); known {
			id := b.ID()
			out.InReplyToAccountID = &id
		}
	}
	if app, ok := v.Ledger.App(s.Application); ok {
		out.Application = &Application{Name: app.Name, Website: orNull(app.Website)}
	}
	if of, ok := v.Ledger.Status(s.ReblogOf); ok {
		boosted := v.Status(of)
		out.Reblog, out.Content = &boosted, boosted.Content
	}
	return out
}

// Boost returns the viewer's own boost of a status, if there is one.
func (v View) Boost(id string) (ledger.Status, bool) {
	return v.Ledger.Status(v.boostOf(id))
}

func (v View) boostOf(id string) string {
	if v.Viewer == "" || v.Ledger.Reactions(id).Reblogs == 0 {
		return ""
	}
	for _, s := range v.Ledger.Statuses(v.Viewer) {
		if s.ReblogOf == id {
			return s.ID
		}
	}
	return ""
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (v View) attachments(s ledger.Status) []Media {
	out := []Media{}
	for _, id := range s.Media {
		if m, ok := v.Ledger.Media(id); ok {
			out = append(out, v.Media(m))
		}
	}
	return out
}

func (v View) tags(text string) []Tag {
	out := []Tag{}
	for _, name := range prose.Tags(text) {
		name = strings.ToLower(name)
		out = append(out, Tag{Name: name, URL: v.tagURL(name)})
	}
	return out
}

func (v View) mentions(text string) []Mention {
	out := []Mention{}
	for _, p := range prose.Split(text) {
		if p.Sort != prose.Mention {
			continue
		}
		if a, known := v.Find(p.Text[1:]); known {
			out = append(out, Mention{ID: a.ID(), Username: a.Handle, Acct: a.Handle, URL: v.Base + "/@" + a.Handle})
		}
	}
	return out
}

// Media is an uploaded picture. Its addresses are null until it is ready.
type Media struct {
	ID          string  `json:"id"`
	Type        string  `json:"type"`
	URL         *string `json:"url"`
	PreviewURL  *string `json:"preview_url"`
	RemoteURL   *string `json:"remote_url"`
	TextURL     *string `json:"text_url"`
	Meta        *Meta   `json:"meta"`
	Description *string `json:"description"`
	Blurhash    *string `json:"blurhash"`
}

// Meta says how large a picture is and what matters in it.
type Meta struct {
	Original Size  `json:"original"`
	Small    Size  `json:"small"`
	Focus    Focus `json:"focus"`
}

// Size is the size of a picture in pixels.
type Size struct {
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Size   string  `json:"size"`
	Aspect float64 `json:"aspect"`
}

// Focus is the point of a picture to keep in sight, each coordinate from -1 to 1.
type Focus struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Media returns a picture.
func (v View) Media(m ledger.Media) Media {
	out := Media{ID: m.ID, Type: "image", Description: orNull(m.Description)}
	if m.Ready() {
		out.URL = orNull(v.Base + "/media/" + m.ID + m.Extension)
		out.PreviewURL = out.URL
	}
	size := Size{Width: m.Width, Height: m.Height, Size: sizeText(m.Width, m.Height), Aspect: float64(m.Width) / float64(max(m.Height, 1))}
	out.Meta = &Meta{Original: size, Small: size, Focus: Focus{m.FocusX, m.FocusY}}
	return out
}
