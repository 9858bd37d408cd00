// Package page shows what was posted to the sandbox X server to a person with a browser.
//
// Its pages need no script and load nothing from elsewhere. Each says that this is a sandbox.
package page

import (
	_ "embed" // the page
	"fmt"
	"hash/fnv"
	"html"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/sandbox/x/api"
	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/words"
)

//go:embed timeline.html
var timelineText string

var timeline = template.Must(template.New("timeline").Parse(timelineText))

// length is how many posts a page has.
const length = 100

// Pages serves the pages of one server.
type Pages struct {
	Title     string
	Endpoints *api.Endpoints
	Now       func() time.Time
}

// data is what the page shows.
type data struct {
	Title    string
	Heading  string
	About    *ledger.Account
	Accounts []ledger.Account
	Items    []item
	Older    string // the address of the next page, empty when there is none
	Live     bool
	Now      string
}

// item is one post on the page.
type item struct {
	ID, Handle, Name string
	When, WhenISO    string
	Words            []word
	Length           int
	Media            []ledger.Media
	Counts           api.Counts
	ReplyTo          string
	App              string
}

// word is a stretch of a post's text, a link when it has a target.
type word struct{ Text, Target string }

// Serve answers /, /handle and /handle/status/id.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request) {
	e := p.Endpoints
	d := data{Title: p.Title, Heading: "All accounts", Accounts: e.Accounts, Live: r.URL.Query().Get("live") == "1", Now: p.Now().Format("2 January 2006, 15:04:05 UTC")}
	handle, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	id := strings.TrimPrefix(rest, "status/")
	a, known := e.Find(handle)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "This page can only be read.", http.StatusMethodNotAllowed)
		return
	case r.URL.Path == "/":
	case known:
		d.Heading, d.About = a.DisplayName, &a
		if post, exists := e.Ledger.Post(id); rest != "" && (!exists || post.Account != a.Handle) {
			http.NotFound(w, r)
			return
		}
	default:
		http.NotFound(w, r)
		return
	}
	before, _ := strconv.ParseUint(r.URL.Query().Get("max_id"), 10, 64)
	for _, post := range e.Ledger.Posts(a.Handle) {
		n, _ := strconv.ParseUint(post.ID, 10, 64)
		if before != 0 && n >= before || id != "" && post.ID != id {
			continue
		}
		if len(d.Items) == length {
			d.Older = "?max_id=" + d.Items[length-1].ID
			break
		}
		d.Items = append(d.Items, p.show(post))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = timeline.Execute(w, d) // only a reader that has gone makes this fail
}

// show makes an item of a post.
func (p *Pages) show(post ledger.Post) item {
	e := p.Endpoints
	a, _ := e.Find(post.Account)
	app, _ := e.Ledger.App(post.App)
	it := item{
		ID: post.ID, Handle: a.Handle, Name: a.DisplayName, ReplyTo: post.InReplyTo, App: app.Name, Length: words.Length(post.Text),
		When: post.CreatedAt.UTC().Format("2 January 2006, 15:04 UTC"), WhenISO: post.CreatedAt.UTC().Format(time.RFC3339), Counts: e.Counts(post, p.Now()),
	}
	at := 0
	for _, l := range words.Links(post.Text) {
		it.Words = append(it.Words, word{Text: post.Text[at:l.Start]}, word{Text: post.Text[l.Start:l.End], Target: l.Target})
		at = l.End
	}
	it.Words = append(it.Words, word{Text: post.Text[at:]})
	for _, id := range post.Media {
		if m, ok := e.Ledger.Media(id); ok {
			it.Media = append(it.Media, m)
		}
	}
	return it
}

// Avatar answers /avatars/handle.svg with the account's letter on a colour of its own.
func (p *Pages) Avatar(w http.ResponseWriter, r *http.Request) {
	a, known := p.Endpoints.Find(strings.TrimSuffix(r.PathValue("file"), ".svg"))
	if !known {
		http.NotFound(w, r)
		return
	}
	letter := a.Letter
	if letter == "" {
		first, _ := utf8.DecodeRuneInString(a.DisplayName + a.Handle)
		letter = strings.ToUpper(string(first))
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, a.Handle) // a hash never fails to be written to
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="96" height="96"><circle cx="24" cy="24" r="24" fill="hsl(%d 45%% 36%%)"/>`+
		`<text x="24" y="33" font-family="system-ui, sans-serif" font-size="26" fill="#fff" text-anchor="middle">%s</text></svg>`, h.Sum32()%360, html.EscapeString(letter))
}
