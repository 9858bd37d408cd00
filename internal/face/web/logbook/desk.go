// Package logbook is the desk for the log of who did what, when and from where: for all, with filters, and for one post; and the log
// as a file.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. It changes nothing. Addresses and sessions
// are shown only to those who may read the whole log.
package logbook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// rowsShown is how many rows a page has.
const rowsShown = 50

// logPage lists rows of the log.
type logPage struct {
	page.Frame
	Filtered  bool // the page of all rows, with its filters; else the history of a post
	People    []page.Option
	Kinds     []page.Option
	Actions   []string
	Action    string
	Subject   string // the number of the one of that kind
	Day       string
	Rows      []row
	Where     bool // shows from where each was done
	OlderURL  string
	NewestURL string // empty on the first page
	BackURL   string // from a post's history to the post
	CSVURL    string
	LinesURL  string
	Head      string
	HeadAt    page.Moment
}

// row is one row of the log.
type row struct {
	ID         string // row-12
	Number     int64
	When       page.Moment
	Second     string
	Who        string
	Action     string
	Code       string // the action as filters and exports have it
	Subject    string
	SubjectURL string
	Via        string
	Address    string
	Details    []detail
}

// detail is one fact of a row.
type detail struct{ Name, Value string }

// kinds are the kinds of things that rows are about, as the filter offers them.
var kinds = []string{
	"answer", "campaign", "channel", "consent", "correction", "delivery", "edition", "fact", "helpline", "licence", "notice", "pause", "person",
	"post", "profile", "submission", "takedown", "task",
}

// pages are the kinds that have a page of their own by their number.
var pages = map[string]string{"post": "/posts/", "edition": "/editions/", "channel": "/channels/", "takedown": "/takedowns/"}

// List answers with the log, narrowed as the query says.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	f, q, err := d.filter(r)
	if err != nil {
		return ask.Answer{}, err
	}
	t := r.Words.T
	p := &logPage{
		Frame: page.Frame{Template: "audit", Title: t("audit.title"), Door: "audit"}, Filtered: true, Where: true,
		Action: f.Action, Day: q.Get("day"), Subject: q.Get("subject"),
	}
	team, err := people.List(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	p.People = []page.Option{{Word: t("audit.anybody")}}
	for _, one := range team {
		p.People = append(p.People, page.Option{Value: strconv.FormatInt(one.ID, 10), Word: one.Name, Chosen: one.ID == f.Person})
	}
	p.Kinds = []page.Option{{Word: t("audit.anything")}}
	for _, kind := range kinds {
		p.Kinds = append(p.Kinds, page.Option{Value: kind, Word: page.Name(kind), Chosen: kind == f.Kind})
	}
	if p.Actions, err = audit.Actions(r.Context(), d.db); err != nil {
		return ask.Answer{}, err
	}
	head, err := audit.Newest(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Head, p.HeadAt = head.String(), r.Words.Moment(head.At, r.Zone)
	if err := d.rows(r, p, f, "/audit", q); err != nil {
		return ask.Answer{}, err
	}
	q.Del("before")
	file := func(as audit.Format) string {
		q.Set("format", string(as))
		return "/audit/export?" + q.Encode()
	}
	p.CSVURL, p.LinesURL = file(audit.CSV), file(audit.JSONLines)
	return ask.Shown(p), nil
}

// History answers with what was done to one post, its deliveries and its copies.
func (d Desk) History(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	at := fmt.Sprintf("/posts/%d", id)
	p := &logPage{Frame: page.Frame{Template: "audit", Title: r.Words.T("audit.history"), Door: "calendar"}, Where: r.Person.May(people.AuditRead), BackURL: at}
	f := audit.Filter{Post: id}
	if f.Before, err = before(r.URL.Query()); err != nil {
		return ask.Answer{}, err
	}
	if err := d.rows(r, p, f, at+"/history", url.Values{}); err != nil {
		return ask.Answer{}, err
	}
	if len(p.Rows) == 0 && f.Before == 0 {
		return ask.Answer{}, fault.New(fault.NotFound, "There is no post with the number %d.", id)
	}
	return ask.Shown(p), nil
}

// rows reads one page of the log, and one row more to know whether there is a next one.
func (d Desk) rows(r ask.Request, p *logPage, f audit.Filter, at string, q url.Values) error {
	f.Limit = rowsShown + 1
	list, err := audit.List(r.Context(), d.db, f)
	if err != nil {
		return err
	}
	for _, one := range list[:min(len(list), rowsShown)] {
		p.Rows = append(p.Rows, rowOf(r, one, p.Where))
	}
	address := func(before int64) string {
		next := url.Values{}
		for name, values := range q {
			if name != "before" && values[0] != "" {
				next[name] = values
			}
		}
		if before > 0 {
			next.Set("before", strconv.FormatInt(before, 10))
		}
		if len(next) == 0 {
			return at
		}
		return at + "?" + next.Encode()
	}
	if len(list) > rowsShown {
		p.OlderURL = address(list[rowsShown-1].ID)
	}
	if f.Before > 0 {
		p.NewestURL = address(0)
	}
	return nil
}

func rowOf(r ask.Request, a audit.Row, where bool) row {
	one := row{
		ID: fmt.Sprintf("row-%d", a.ID), Number: a.ID, When: r.Words.Moment(a.At, r.Zone), Second: a.At.In(r.Zone).Format(":05"),
		Who: a.PersonName, Action: page.Name(strings.ReplaceAll(a.Action, ".", " ")), Code: a.Action, Subject: page.Name(a.Kind),
	}
	if a.Person == 0 {
		one.Who = r.Words.T("audit.daymark")
	}
	if a.SubjectID != 0 {
		one.Subject += " " + strconv.FormatInt(a.SubjectID, 10)
		if to := pages[a.Kind]; to != "" {
			one.SubjectURL = to + strconv.FormatInt(a.SubjectID, 10)
		}
	}
	if where && a.From.Via != "" {
		one.Via, one.Address = r.Words.T("audit.via."+strings.ReplaceAll(string(a.From.Via), " ", "_")), a.From.Address
	}
	for name, value := range a.Detail {
		one.Details = append(one.Details, detail{page.Name(name), written(value)})
	}
	slices.SortFunc(one.Details, func(a, b detail) int { return strings.Compare(a.Name, b.Name) })
	return one
}

// longest is how many characters of a fact the page shows; the export has all.
const longest = 300

// written writes a fact of a row for people.
func written(value any) string {
	text, ok := value.(string)
	if !ok {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(value); err != nil {
			return ""
		}
		text = strings.TrimSpace(b.String())
	}
	return page.Text{Body: text}.Short(longest).Body
}

// filter reads the query of the log's page, and returns what of it counts.
func (d Desk) filter(r ask.Request) (audit.Filter, url.Values, error) {
	asked, kept := r.URL.Query(), url.Values{}
	f := audit.Filter{Action: strings.TrimSpace(asked.Get("action")), Kind: asked.Get("kind")}
	for _, name := range []string{"person", "action", "kind", "subject", "day", "before"} {
		if v := strings.TrimSpace(asked.Get(name)); v != "" {
			kept.Set(name, v)
		}
	}
	var err error
	if f.Before, err = before(asked); err != nil {
		return f, nil, err
	}
	for _, number := range []struct {
		name string
		to   *int64
	}{{"person", &f.Person}, {"subject", &f.ID}} {
		text := kept.Get(number.name)
		if text == "" {
			continue
		}
		if *number.to, err = strconv.ParseInt(text, 10, 64); err != nil || *number.to <= 0 {
			return f, nil, fault.New(fault.Invalid, "%s", r.Words.T("audit.number", text))
		}
	}
	if f.ID != 0 && f.Kind == "" {
		return f, nil, fault.New(fault.Invalid, "%s", r.Words.T("audit.kind.needed"))
	}
	if day := kept.Get("day"); day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return f, nil, fault.New(fault.Invalid, "%s", r.Words.T("audit.day.wrong", day))
		}
		y, m, n := at.Date()
		f.Since, f.Until = time.Date(y, m, n, 0, 0, 0, 0, r.Zone), time.Date(y, m, n+1, 0, 0, 0, 0, r.Zone)
	}
	return f, kept, nil
}

// before reads the cursor of a page.
func before(q url.Values) (int64, error) {
	text := q.Get("before")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "The address may be mistyped: it needs a number.")
	}
	return n, nil
}
