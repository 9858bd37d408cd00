// Package notices is the desk for what the team was told: the open matters and those that are done, by kind, page by page.
//
// That a matter is done is said for the whole team; that one has read the list, for oneself. The lists are internal/org/notify/inbox's.
package notices

import (
	"net/url"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/inbox"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /notices", Needs: people.PostRead, Answer: d.List},
		{Pattern: "POST /notices/read", Needs: people.PostRead, Answer: d.Read},
		{Pattern: "POST /notices/{id}/done", Needs: people.PostRead, Answer: d.Done},
	}
}

// listPage lists what the team was told.
type listPage struct {
	page.Frame
	Rows     []row
	Total    int
	Kinds    []page.Option // with how many there are of each
	States   []page.Option // open, or done
	Done     bool
	Narrowed bool // by kind
	Fresh    int  // open ones that the person has not read
	Last     int64
	Pages    []link
	Back     string // the address of this list
}

// row is a matter in the list.
type row struct {
	page.Matter
	Kind  string
	Fresh bool // the person has not read it
	By    string
	Ended page.Moment // when it was done
}

// link leads to one page of the list.
type link struct {
	No   int
	URL  string
	Here bool
}

// address returns that of a page of the list.
func address(f inbox.Filter) string {
	q := url.Values{}
	if f.Kind != "" {
		q.Set("kind", string(f.Kind))
	}
	if f.Done {
		q.Set("state", "done")
	}
	if f.Page > 1 {
		q.Set("page", strconv.Itoa(f.Page))
	}
	if len(q) == 0 {
		return "/notices"
	}
	return "/notices?" + q.Encode()
}

// asked reads a filter from a query; what it does not know is left out.
func asked(q url.Values) inbox.Filter {
	f := inbox.Filter{Done: q.Get("state") == "done", Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 && n < 1_000_000 {
		f.Page = n
	}
	for _, kind := range matter.Kinds() {
		if string(kind) == q.Get("kind") {
			f.Kind = kind
		}
	}
	return f
}

// List answers with the matters.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	t, f := r.Words.T, asked(r.URL.Query())
	list, err := inbox.List(r.Context(), d.db, r.Person, f)
	if err != nil {
		return ask.Answer{}, err
	}
	p := &listPage{
		Frame: page.Frame{Template: "notices", Title: t("lib.notices.title"), Door: "notices"}, Total: list.Total, Done: f.Done, Narrowed: f.Kind != "",
		Fresh: list.New, Last: list.Last, Back: address(f),
		States: []page.Option{{Word: t("notices.open"), Chosen: !f.Done}, {Value: "done", Word: t("notices.done"), Chosen: f.Done}},
	}
	for _, n := range list.Items {
		one := row{Matter: Matter(r.Viewer, n.Notice, p.Back), Kind: t("mail.kind." + string(n.Of)), Fresh: n.New, By: n.DoneBy}
		if n.DoneAt != nil {
			one.Ended = r.Words.Moment(*n.DoneAt, r.Zone)
		}
		p.Rows = append(p.Rows, one)
	}
	all := 0
	for _, n := range list.Kinds {
		all += n
	}
	p.Kinds = []page.Option{{Word: t("notices.kind.count", t("notices.kind.all"), all), Chosen: f.Kind == ""}}
	for _, kind := range matter.Kinds() {
		if n := list.Kinds[kind]; n > 0 || kind == f.Kind {
			p.Kinds = append(p.Kinds, page.Option{Value: string(kind), Word: t("notices.kind.count", t("mail.kind."+string(kind)), n), Chosen: kind == f.Kind})
		}
	}
	for no := 1; no <= (list.Total+inbox.Size-1)/inbox.Size && list.Total > inbox.Size; no++ {
		p.Pages = append(p.Pages, link{no, address(inbox.Filter{Kind: f.Kind, Done: f.Done, Page: no}), no == f.Page})
	}
	return ask.Shown(p), nil
}

// Read says that the person has read all that the page knew of.
func (d Desk) Read(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	last, err := strconv.ParseInt(r.PostForm.Get("last"), 10, 64)
	if err != nil || last < 0 {
		return ask.Answer{}, fault.New(fault.Invalid, "The form does not say up to where you have read. Open the notices and try again.")
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return inbox.ReadUpTo(r.Context(), tx, r.Person, last) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/notices", Said: r.Words.T("notices.read.said")}, nil
}

// Done says that a matter is seen to.
func (d Desk) Done(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return inbox.Done(r.Context(), tx, id, r.Person, r.Now) }); err != nil {
		return ask.Answer{}, err
	}
	to := "/"
	if back, err := url.Parse(r.PostForm.Get("back")); err == nil && back.Path == "/notices" && back.Host == "" {
		to = address(asked(back.Query()))
	}
	return ask.Answer{To: to, Said: r.Words.T("lib.notice.said")}, nil
}

// Matter writes something that the team was told; back names the page to come back to.
func Matter(v view.Viewer, n notice.Notice, back string) page.Matter {
	mark := page.Mark{ID: string(n.Level), Icon: "message-square", Word: v.Words.T("lib.notice.note"), Tone: "quiet"}
	switch n.Level {
	case notice.Error:
		mark.Icon, mark.Word, mark.Tone = "octagon-x", v.Words.T("lib.notice.error"), "harm"
	case notice.Warning:
		mark.Icon, mark.Word, mark.Tone = "triangle-alert", v.Words.T("lib.notice.warning"), "look"
	case notice.Note:
	}
	return page.Matter{ID: n.ID, Mark: mark, Say: n.Say, When: v.Words.Moment(n.At, v.Zone), Back: back, URL: matter.Path(n.Kind, n.SubjectID)}
}
