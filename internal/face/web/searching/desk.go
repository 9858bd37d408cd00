// Package searching is the desk for the search over posts: by words in any language, by account, campaign, state and day.
//
// It finds nothing itself: internal/flow/book/search does, within the limits of the person. The desk changes nothing.
package searching

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
	"daymark/internal/flow/book/search"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// longest is how many letters of a query are read.
const longest = 300

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{{Pattern: "GET /search", Needs: people.PostRead, Answer: d.Search}}
}

// searchPage answers "where did we say that?".
type searchPage struct {
	page.Frame
	Words     string
	From, To  string
	Editions  []page.Option
	Accounts  []page.Option
	States    []page.Option
	Languages []page.Option
	Narrowed  bool // by a filter: the filters are open
	Asked     bool
	BadDay    bool
	Count     int
	Capped    int // how many were looked at, when there are more
	Rows      []row
	Pages     []link
}

// row is a post that was found.
type row struct {
	ID, URL, Name, Title string
	When                 page.Moment
	Places               int
	Snippets             []snippet
}

// snippet is some of what a post says in one language, with what was searched for marked.
type snippet struct {
	Language string
	Lang     string
	Dir      string
	Pieces   []piece
}

type piece struct {
	Text string
	Mark string // as templates mark it; empty for the rest
}

// link leads to one page of the results.
type link struct {
	No   int
	URL  string
	Here bool
}

// Search answers with the posts that pass a query.
func (d Desk) Search(r ask.Request) (ask.Answer, error) {
	t, values := r.Words.T, r.URL.Query()
	p := &searchPage{Frame: page.Frame{Template: "search", Title: t("search.title"), Door: "search"}}
	q := p.query(r, values)
	if err := d.choices(r, p, q); err != nil {
		return ask.Answer{}, err
	}
	if p.Asked = q.Narrowed(); !p.Asked {
		return ask.Shown(p), nil
	}
	found, err := search.Posts(r.Context(), d.db, r.Person, q)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Count = found.Total
	if found.More {
		p.Capped = search.Most
	}
	for _, f := range found.Posts {
		p.Rows = append(p.Rows, rowOf(r, f, q))
	}
	p.pages(values, q.Page)
	return ask.Shown(p), nil
}

// query reads what is searched for; what cannot be read does not narrow.
func (p *searchPage) query(r ask.Request, values url.Values) search.Query {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(values.Get(name), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	day := func(name string, add int) (string, time.Time) {
		date, err := civil.ParseDate(values.Get(name))
		if err != nil || date.Year < 1900 || date.Year > 2200 {
			p.BadDay = p.BadDay || values.Get(name) != ""
			return "", time.Time{}
		}
		return date.String(), time.Date(date.Year, date.Month, date.Day+add, 0, 0, 0, 0, r.Zone)
	}
	letters := []rune(strings.ToValidUTF8(values.Get("q"), ""))
	p.Words = strings.ReplaceAll(string(letters[:min(len(letters), longest)]), "\x00", "")
	q := search.Query{
		Words: p.Words, Edition: number("edition"), Channel: number("account"), Page: int(min(max(number("page"), 1), 10_000)),
	}
	for _, l := range texts.Languages() {
		if l.Code == values.Get("language") {
			q.Language = l.Code
		}
	}
	for _, s := range page.Standings() {
		if string(s) == values.Get("state") {
			q.Standing = string(s)
		}
	}
	p.From, q.From = day("from", 0)
	p.To, q.To = day("to", 1)
	p.Narrowed = q.Edition != 0 || q.Channel != 0 || q.Language != "" || q.Standing != "" || p.From != "" || p.To != ""
	return q
}

// choices fills in the filters.
func (d Desk) choices(r ask.Request, p *searchPage, q search.Query) error {
	editions, err := r.Viewer.Editions(r.Context(), d.db)
	if err != nil {
		return err
	}
	p.Editions = r.EditionOptions(editions, q.Edition)
	channels, err := channel.List(r.Context(), d.db)
	if err != nil {
		return err
	}
	p.Accounts = []page.Option{{Word: r.Words.T("search.any")}}
	for _, c := range channels {
		if r.Within.Channel(c.ID) {
			p.Accounts = append(p.Accounts, page.Option{Value: strconv.FormatInt(c.ID, 10), Word: c.Name, Chosen: c.ID == q.Channel})
		}
	}
	p.States, p.Languages = []page.Option{{Word: r.Words.T("search.any")}}, []page.Option{{Word: r.Words.T("search.any")}}
	for _, s := range page.Standings() {
		if s != "cancelled" { // what was left out is found nowhere
			p.States = append(p.States, page.Option{Value: string(s), Word: r.Words.MarkOf(s).Word, Chosen: string(s) == q.Standing})
		}
	}
	for _, l := range texts.Languages() {
		p.Languages = append(p.Languages, page.Option{Value: l.Code, Word: r.Words.Tongue(l.Code), Chosen: l.Code == q.Language})
	}
	return nil
}

// snippets is how many languages of a post are shown, where the words are in several.
const snippets = 2

// rowOf writes a post that was found with where the words stand in it.
func rowOf(r ask.Request, f search.Found, q search.Query) row {
	one := row{
		ID: fmt.Sprintf("found-%d", f.Post), URL: fmt.Sprintf("/posts/%d", f.Post), Name: page.Heading(f.Message, f.Source.Kind), Title: f.Title,
		When: r.Words.Moment(f.First, r.Zone), Places: f.Places,
	}
	for _, said := range f.Passages(q.Words, r.Words.Lang) {
		if len(one.Snippets) == snippets {
			break
		}
		text := page.NewText(said.Language, "")
		s := snippet{Language: r.Words.Tongue(said.Language), Lang: text.Lang, Dir: text.Dir}
		for _, piece := range said.Pieces {
			s.Pieces = append(s.Pieces, marked(piece))
		}
		one.Snippets = append(one.Snippets, s)
	}
	return one
}

func marked(p search.Piece) piece {
	if p.Mark {
		return piece{p.Text, "found"}
	}
	return piece{Text: p.Text}
}

// pages links the pages of the results.
func (p *searchPage) pages(values url.Values, here int) {
	const most = 10
	last := (p.Count + search.Size - 1) / search.Size
	if last < 2 {
		return
	}
	address := func(no int) string {
		v := url.Values{}
		for _, key := range []string{"q", "edition", "account", "state", "language", "from", "to"} {
			if s := values.Get(key); s != "" {
				v.Set(key, strings.ToValidUTF8(s, ""))
			}
		}
		v.Set("page", strconv.Itoa(no))
		return "/search?" + v.Encode()
	}
	first := max(1, min(here-most/2, last-most+1))
	for no := first; no <= min(first+most-1, last); no++ {
		p.Pages = append(p.Pages, link{no, address(no), no == here})
	}
}
