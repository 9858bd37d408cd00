package importing

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/begin"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/table"
	"daymark/internal/flow/draft/table/cell"
	"daymark/internal/org/people/parked"
	"daymark/internal/postgres"
)

// maxShown is how many posts the page shows; all of them are counted, and taken where all are wanted.
const maxShown = 200

// postsPage shows what a table would become.
type postsPage struct {
	page.Frame
	File     string
	Seen     string
	Read     string // how it was read, a sentence
	Problem  string // why no posts can be made of it yet
	Columns  []form.Control
	Settings []form.Control
	Zones    []string
	Keep     []page.Option // what the form that saves sends along
	Rows     []postRow
	Good     int
	Wrong    int
	There    int
	More     int // that are not shown
	Asks     bool
}

type postRow struct {
	Number   int // of its first row
	Rows     string
	Name     string
	Text     page.Text
	When     string
	Where    string
	Problems []string
	ThereURL string
	Good     bool
}

// asked is what the address says of a file.
type asked struct {
	table.Options
	encoding sheet.Encoding
	edition  int64
}

func settings(q url.Values) asked {
	a := asked{encoding: sheet.Encoding(q.Get("encoding"))}
	a.Order, a.Zone, a.Language, a.Everyone = cell.Order(q.Get("order")), strings.TrimSpace(q.Get("zone")), q.Get("language"), q.Get("accounts") == "all"
	if n, err := strconv.ParseInt(q.Get("edition"), 10, 64); err == nil && n > 0 {
		a.edition = n
	}
	return a
}

func (a asked) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"encoding": string(a.encoding), "order": string(a.Order), "zone": a.Zone, "language": a.Language} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if a.Everyone {
		v.Set("accounts", "all")
	}
	if a.edition > 0 {
		v.Set("edition", strconv.FormatInt(a.edition, 10))
	}
	return v
}

// Posts answers with what the person's table would become.
func (d Desk) Posts(r ask.Request) (ask.Answer, error) {
	p, _, err := d.posts(r, settings(r.URL.Query()))
	if fault.Is(err, fault.NotFound) {
		return ask.Answer{To: "/import", Said: r.Words.Say(err)}, nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) posts(r ask.Request, a asked) (*postsPage, []table.Draft, error) {
	ctx, t := r.Context(), r.Words.T
	parkedFile, err := parked.Parked(ctx, d.db, r.Person.ID, parked.Posts)
	if err != nil {
		return nil, nil, err
	}
	p := &postsPage{
		Frame: page.Frame{Template: "import_posts", Title: t("import.posts.title"), Door: "calendar"}, File: parkedFile.Name, Seen: parkedFile.Seen(), Zones: begin.Zones(),
	}
	for name, values := range a.values() {
		p.Keep = append(p.Keep, page.Option{Value: values[0], Word: name})
	}
	slices.SortFunc(p.Keep, func(a, b page.Option) int { return strings.Compare(a.Word, b.Word) })
	if err := d.fields(r, p, a); err != nil {
		return nil, nil, err
	}
	f, err := table.Open(parkedFile.Body, a.encoding)
	if err != nil {
		p.Problem = r.Words.Say(err)
		return p, nil, nil
	}
	p.Read = t("import.read", string(f.Encoding), t("import.sign."+map[rune]string{',': "comma", ';': "semicolon", '\t': "tab"}[f.Sign]))
	m, err := table.Recall(ctx, d.db, r.Person.ID, f.Header)
	if err != nil {
		return nil, nil, err
	}
	columns(r, p, f, m)
	ground, err := table.On(ctx, d.db, r.Person, r.Now)
	if err != nil {
		return nil, nil, err
	}
	drafts, err := table.Read(f, m, a.Options, ground)
	if err != nil {
		p.Problem = r.Words.Say(err)
		return p, nil, nil
	}
	if err := table.There(ctx, d.db, drafts, a.edition, ground.Channels); err != nil {
		return nil, nil, err
	}
	for _, one := range drafts {
		d.count(p, one)
		if len(p.Rows) == maxShown {
			p.More++
			continue
		}
		p.Rows = append(p.Rows, postLine(r, one, ground))
	}
	return p, drafts, nil
}

func (Desk) count(p *postsPage, one table.Draft) {
	switch {
	case !one.Good():
		p.Wrong++
	case one.There != 0:
		p.There++
	default:
		p.Good++
	}
	p.Asks = p.Asks || slices.ContainsFunc(one.Problems, func(x table.Problem) bool { return x.Ask })
}

func postLine(r ask.Request, one table.Draft, g table.Ground) postRow {
	s := one.Change.Source
	row := postRow{Number: one.Rows[0], Name: s.Message, Good: one.Good() && one.There == 0}
	var rows []string
	for _, n := range one.Rows[:min(len(one.Rows), 10)] {
		rows = append(rows, strconv.Itoa(n))
	}
	row.Rows = r.Words.T("import.rows", len(one.Rows), r.Words.Joined(rows))
	if languages := edit.Languages(s); len(languages) > 0 {
		row.Text = page.NewText(languages[0], s.Parts[0].Texts[languages[0]]).Short(160)
	}
	if s.When.Date != "" {
		zone := s.When.Zone
		if zone == "" {
			zone = r.Words.T("import.zone.own")
		}
		row.When = r.Words.T("import.when", r.Words.LongDay(s.When.Date), s.When.Clock, zone)
	}
	var where []string
	for _, c := range g.Channels {
		if slices.ContainsFunc(one.Change.Places, func(p edit.Place) bool { return p.Channel == c.ID }) {
			where = append(where, c.Name)
		}
	}
	row.Where = r.Words.Joined(where[:min(len(where), 10)])
	for _, p := range one.Problems {
		row.Problems = append(row.Problems, r.Words.T("import.problem", p.Row, r.Words.T("import.column."+strings.ReplaceAll(string(p.Column), " ", "_")), r.Words.Say(p.Err)))
	}
	if one.There != 0 {
		row.ThereURL = fmt.Sprintf("/posts/%d", one.There)
	}
	return row
}

// columns offers for each column of the file what it can be.
func columns(r ask.Request, p *postsPage, f table.File, m table.Mapping) {
	for i, name := range f.Header {
		options := []page.Option{{Word: r.Words.T("import.column.none")}}
		for _, c := range table.Columns() {
			options = append(options, page.Option{Value: string(c), Word: r.Words.T("import.column." + strings.ReplaceAll(string(c), " ", "_"))})
		}
		label := page.NewText("", name).Short(60).Body
		if label == "" {
			label = r.Words.T("import.column.unnamed", i+1)
		}
		hint := ""
		for _, row := range f.Rows {
			if cell := strings.TrimSpace(row[i]); cell != "" {
				hint = page.NewText("", cell).Short(40).Body
				break
			}
		}
		p.Columns = append(p.Columns, form.Choice(fmt.Sprintf("column-%d", i), label, string(m[i]), options).Hinted(hint))
	}
}

// fields offers what a person says of the file as a whole.
func (d Desk) fields(r ask.Request, p *postsPage, a asked) error {
	t := r.Words.T
	editions, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return err
	}
	into := r.EditionOptions(editions, a.edition)
	into[0].Word = t("import.alone")
	if len(r.Person.Campaigns) > 0 {
		into = into[1:] // what belongs to no campaign lies outside of theirs
	}
	languages := []page.Option{{Word: t("import.language.none")}}
	for _, code := range []string{"en", "fr", "es", "ar"} {
		languages = append(languages, page.Option{Value: code, Word: r.Words.Tongue(code)})
	}
	encodings := []page.Option{{Word: t("import.encoding.auto")}}
	for _, e := range sheet.Encodings() {
		encodings = append(encodings, page.Option{Value: string(e), Word: string(e)})
	}
	everyone := ""
	if a.Everyone {
		everyone = "all"
	}
	edition := ""
	if a.edition > 0 {
		edition = strconv.FormatInt(a.edition, 10)
	}
	zone := form.Line("zone", t("import.zone"), a.Zone).Hinted(t("import.zone.hint"))
	zone.List, zone.Run = "zones", "ltr"
	p.Settings = []form.Control{
		form.Choice("edition", t("import.into"), edition, into),
		form.Choice("order", t("import.order"), string(a.Order), []page.Option{
			{Word: t("import.order.ask")}, {Value: string(cell.DayFirst), Word: t("import.order.day")}, {Value: string(cell.MonthFirst), Word: t("import.order.month")},
		}),
		zone,
		form.Choice("accounts", t("import.accounts"), everyone, []page.Option{{Word: t("import.accounts.named")}, {Value: "all", Word: t("import.accounts.all")}}),
		form.Choice("language", t("import.language"), a.Language, languages),
		form.Choice("encoding", t("import.encoding"), string(a.encoding), encodings),
	}
	return nil
}

// Columns keeps what the person says of the columns, and shows what the table becomes by that.
func (d Desk) Columns(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	a := settings(r.PostForm)
	file, err := parked.Parked(r.Context(), d.db, r.Person.ID, parked.Posts)
	if err != nil {
		return ask.Answer{}, err
	}
	if f, err := table.Open(file.Body, a.encoding); err == nil && r.PostForm.Has("column-0") {
		m := make(table.Mapping, len(f.Header))
		for i := range m {
			if c := table.Column(r.PostForm.Get(fmt.Sprintf("column-%d", i))); slices.Contains(table.Columns(), c) {
				m[i] = c
			}
		}
		if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return table.Remember(r.Context(), tx, r.Person.ID, f.Header, m) }); err != nil {
			return ask.Answer{}, err
		}
	}
	return ask.Answer{To: "/import/posts?" + a.values().Encode() + "#posts"}, nil
}

// TakePosts writes the chosen posts, or all that can be.
func (d Desk) TakePosts(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	a := settings(r.PostForm)
	p, drafts, err := d.posts(r, a)
	if err != nil {
		return ask.Answer{}, err
	}
	back := "/import/posts?" + a.values().Encode()
	if r.PostForm.Get("seen") != p.Seen {
		return ask.Answer{To: back, Said: r.Words.T("import.other")}, nil
	}
	chosen := numbers(r.PostForm["post"])
	take := slices.DeleteFunc(drafts, func(one table.Draft) bool {
		return !one.Good() || one.There != 0 || (r.PostForm.Get("do") != "all" && !chosen[one.Rows[0]])
	})
	if len(take) == 0 {
		return ask.Answer{To: back, Said: r.Words.T("import.none")}, nil
	}
	var ids []int64
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		if ids, err = table.Keep(r.Context(), tx, take, a.edition, r.Person, r.Now); err != nil {
			return err
		}
		if p.Wrong == 0 && len(take) == p.Good {
			return parked.Drop(r.Context(), tx, r.Person.ID, parked.Posts)
		}
		return nil // the rest waits to be mended, or chosen
	})
	if err != nil {
		return ask.Answer{}, err
	}
	to := fmt.Sprintf("/calendar?month=%.7s", take[0].Change.Source.When.Date)
	if len(take) == 1 {
		to = fmt.Sprintf("/posts/%d", ids[0])
	}
	return ask.Answer{To: to, Said: r.Words.T("import.posts.taken", len(ids))}, nil
}
