// Package page shows what was posted to the sandbox Mastodon server to a person with a browser.
//
// Its pages need no script and load nothing from elsewhere. Each says that this is a sandbox. They show every status,
// private ones too, because the person at this machine is the only one who can look.
package page

import (
	_ "embed" // the page
	"fmt"
	"hash/fnv"
	"html"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daymark/internal/sandbox/audience"
	"daymark/internal/sandbox/mastodon/entity"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/prose"

	"golang.org/x/text/language"
)

//go:embed timeline.html
var timelineText string

var timeline = template.Must(template.New("timeline").Parse(timelineText))

// length is how many statuses a page has.
const length = 100

// Pages serves the pages of one server.
type Pages struct {
	Title string
	View  func(*http.Request) entity.View
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

// item is one status on the page.
type item struct {
	ID, Handle, Name, Boosted string
	URL                       string
	When, WhenISO             string
	Visibility                string
	Lang, Dir                 string
	Note                      string
	HTML                      template.HTML
	Sensitive                 bool
	Media                     []entity.Media
	Counts                    audience.Counts
	ReplyTo                   string
	App                       string
}

// Serve answers /, /@account, /@account/id and /tags/name.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request) {
	view := p.View(r)
	d := data{Title: p.Title, Heading: "All accounts", Accounts: view.Accounts, Live: r.URL.Query().Get("live") == "1", Now: view.Now.Format("2 January 2006, 15:04:05 UTC")}
	handle, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/@"), "/")
	tag, isTag := strings.CutPrefix(r.URL.Path, "/tags/")
	keep := func(ledger.Status) bool { return true }
	switch a, known := view.Find(handle); {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "This page can only be read.", http.StatusMethodNotAllowed)
		return
	case r.URL.Path == "/":
		handle = ""
	case isTag:
		handle, d.Heading = "", "#"+tag
		keep = func(s ledger.Status) bool {
			return slices.ContainsFunc(prose.Tags(s.Text), func(t string) bool { return strings.EqualFold(t, tag) })
		}
	case strings.HasPrefix(r.URL.Path, "/@") && known:
		d.Heading, d.About = a.DisplayName, &a
		if _, exists := view.Ledger.Status(id); id != "" && !exists {
			http.NotFound(w, r)
			return
		}
		keep = func(s ledger.Status) bool { return id == "" || s.ID == id }
	default:
		http.NotFound(w, r)
		return
	}
	before, _ := strconv.ParseUint(r.URL.Query().Get("max_id"), 10, 64)
	for _, s := range view.Ledger.Statuses(handle) {
		n, _ := strconv.ParseUint(s.ID, 10, 64)
		if before != 0 && n >= before || !keep(s) {
			continue
		}
		if len(d.Items) == length {
			d.Older = "?max_id=" + d.Items[length-1].ID
			break
		}
		d.Items = append(d.Items, show(view, s))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = timeline.Execute(w, d) // only a reader that has gone makes this fail
}

// show makes an item of a status; of a boost, an item of what is boosted.
func show(view entity.View, s ledger.Status) item {
	it := item{ID: s.ID}
	if of, ok := view.Ledger.Status(s.ReblogOf); ok {
		it.Boosted = s.Account
		s = of
	}
	a, _ := view.Find(s.Account)
	it.Handle, it.Name, it.URL = s.Account, a.DisplayName, view.StatusURL(s)
	it.When, it.WhenISO = s.CreatedAt.UTC().Format("2 January 2006, 15:04 UTC"), entity.Instant(s.CreatedAt)
	it.Visibility, it.Note, it.Sensitive = s.Visibility, s.Note, s.Sensitive
	it.Lang, it.Dir = s.Language, direction(s.Language)
	it.HTML = template.HTML(view.HTML(s)) //nolint:gosec // prose.HTML escapes the text
	it.Counts = view.Counts(s)
	it.ReplyTo = s.InReplyTo
	for _, id := range s.Media {
		if m, ok := view.Ledger.Media(id); ok {
			it.Media = append(it.Media, view.Media(m))
		}
	}
	if app, ok := view.Ledger.App(s.Application); ok {
		it.App = app.Name
	}
	return it
}

// direction returns which way a language is written.
func direction(code string) string {
	if code == "" {
		return "auto"
	}
	script, _ := language.Make(code).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}

// Avatar answers /avatars/handle.svg with the account's letter on a colour of its own.
func (p *Pages) Avatar(w http.ResponseWriter, r *http.Request) {
	handle := strings.TrimSuffix(r.PathValue("file"), ".svg")
	a, known := p.View(r).Find(handle)
	if !known && handle != "sandbox" {
		http.NotFound(w, r)
		return
	}
	letter := a.Letter
	if letter == "" {
		first, _ := utf8.DecodeRuneInString(a.DisplayName + handle)
		letter = strings.ToUpper(string(first))
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, handle) // a hash never fails to be written to
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="96" height="96"><rect width="48" height="48" fill="hsl(%d 45%% 36%%)"/>`+
		`<text x="24" y="33" font-family="system-ui, sans-serif" font-size="26" fill="#fff" text-anchor="middle">%s</text></svg>`, h.Sum32()%360, html.EscapeString(letter))
}
