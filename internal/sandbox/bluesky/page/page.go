// Package page shows what was posted to the sandbox Bluesky server to a person with a browser.
//
// Its pages need no script and load nothing from elsewhere. Each says that this is a sandbox. Only what a record marks as a link, a
// hashtag or a mention is shown as one, as in Bluesky's own apps.
package page

import (
	_ "embed" // the page
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/sandbox/audience"
	"daymark/internal/sandbox/bluesky/desk"
	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
	"daymark/internal/sandbox/bluesky/method"

	"golang.org/x/text/language"
)

//go:embed timeline.html
var timelineText string

var timeline = template.Must(template.New("timeline").Parse(timelineText))

// length is how many posts a page has.
const length = 100

// Pages serves the pages of one server.
type Pages struct {
	Title   string
	Methods *method.Methods
	Now     func() time.Time
}

// data is what the page shows.
type data struct {
	Title, Heading string
	About          *ledger.Account
	Password       string
	Accounts       []ledger.Account
	Items          []item
	More           bool
	Live           bool
	Now            string
}

// item is one post on the page.
type item struct {
	Key, DID, Handle, Name string
	When, WhenISO          string
	Lang, Dir              string
	Pieces                 []piece
	Covered                string // why the pictures are covered; empty when they are not
	Images                 []picture
	Card                   *card
	Counts                 audience.Counts
	ReplyTo                string
}

// piece is a part of the text; one with an address is a link.
type piece struct{ Text, Href string }

type picture struct{ Src, Alt string }

type card struct{ Href, Title, Description, Host, Thumb string }

// Serve answers /, /profile/account, /profile/account/post/key and /hashtag/name.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request) {
	now := p.Now()
	d := data{
		Title: p.Title, Heading: "All accounts", Accounts: p.Methods.Accounts, Live: r.URL.Query().Get("live") == "1",
		Now: now.UTC().Format("2 January 2006, 15:04:05 UTC"),
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	did, key, tag := "", "", ""
	switch a, known := p.Methods.Find(parts[min(1, len(parts)-1)]); {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "This page can only be read.", http.StatusMethodNotAllowed)
		return
	case r.URL.Path == "/":
	case parts[0] == "hashtag" && len(parts) == 2:
		tag = parts[1]
		d.Heading = "#" + tag
	case parts[0] == "profile" && known && (len(parts) == 2 || len(parts) == 4 && parts[2] == "post"):
		did, d.Heading, d.About, d.Password = a.DID(), a.DisplayName, &a, desk.AppPassword(a)
		if len(parts) == 4 {
			key = parts[3]
		}
	default:
		http.NotFound(w, r)
		return
	}
	for _, rec := range p.Methods.Ledger.Records(did, lexicon.Post) {
		v := method.ReadPost(rec.Value)
		if key != "" && rec.Key != key || tag != "" && !hasTag(v, tag) {
			continue
		}
		if len(d.Items) == length {
			d.More = true
			break
		}
		d.Items = append(d.Items, p.show(rec, v, now))
	}
	if key != "" && len(d.Items) == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = timeline.Execute(w, d) // only a reader that has gone makes this fail
}

func hasTag(v method.PostValue, tag string) bool {
	for _, f := range v.Facets {
		for _, feature := range f.Features {
			if strings.EqualFold(feature.Tag, tag) {
				return true
			}
		}
	}
	return false
}

// show makes an item of a post.
func (p *Pages) show(r ledger.Record, v method.PostValue, now time.Time) item {
	a, _ := p.Methods.Find(r.DID)
	it := item{
		Key: r.Key, DID: r.DID, Handle: a.Handle, Name: a.DisplayName, When: r.At.UTC().Format("2 January 2006, 15:04 UTC"), WhenISO: v.CreatedAt,
		Pieces: pieces(v), Counts: p.Methods.Counts(r, now), Dir: "auto",
	}
	if len(v.Langs) > 0 {
		it.Lang, it.Dir = v.Langs[0], direction(v.Langs[0])
	}
	for _, l := range v.Labels.Values {
		it.Covered = l.Val
	}
	if _, key, ok := strings.Cut(v.Reply.Parent.URI, "/"+lexicon.Post+"/"); ok {
		it.ReplyTo = key
	}
	for _, img := range v.Embed.Images {
		it.Images = append(it.Images, picture{src(r.DID, img.Image.Ref.Link), img.Alt})
	}
	if x := v.Embed.External; x.URI != "" {
		u, _ := url.Parse(x.URI) // checked when it came
		it.Card = &card{Href: x.URI, Title: x.Title, Description: x.Description, Host: u.Host}
		if x.Thumb.Ref.Link != "" {
			it.Card.Thumb = src(r.DID, x.Thumb.Ref.Link)
		}
	}
	return it
}

// src returns where a blob is served.
func src(did, cid string) string {
	return "/xrpc/com.atproto.sync.getBlob?" + url.Values{"did": {did}, "cid": {cid}}.Encode()
}

// pieces cuts a text at its marks, which were checked when the post came.
func pieces(v method.PostValue) []piece {
	var out []piece
	at := 0
	for _, f := range v.Facets {
		start, end := f.Index.Start, f.Index.End
		if start < at || end > len(v.Text) || len(f.Features) == 0 {
			continue
		}
		href := f.Features[0].URI
		switch feature := f.Features[0]; {
		case feature.Tag != "":
			href = "/hashtag/" + url.PathEscape(feature.Tag)
		case feature.DID != "":
			href = "/profile/" + feature.DID
		}
		out = append(out, piece{Text: v.Text[at:start]}, piece{Text: v.Text[start:end], Href: href})
		at = end
	}
	return append(out, piece{Text: v.Text[at:]})
}

// direction returns which way a language is written.
func direction(code string) string {
	script, _ := language.Make(code).Script()
	if slices.Contains([]string{"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm"}, script.String()) {
		return "rtl"
	}
	return "ltr"
}
