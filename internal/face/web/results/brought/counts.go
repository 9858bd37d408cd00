// Package brought is the desk for counts that no network tells: people read them there and bring them, in a table or post by post.
//
// A table is shown as what it would enter, with what is wrong with each line, before anything is kept. internal/flow/engagement/intake
// reads and enters; who entered what and when is kept there.
package brought

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/engagement"
	"daymark/internal/flow/engagement/intake"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// MaxUpload is how much a form with a table of counts may send.
const MaxUpload = 1 << 20

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /reach/{id}/import", Needs: people.ReachEnter, Answer: d.Import},
		{Pattern: "POST /reach/{id}/import", Needs: people.ReachEnter, Answer: d.Take},
		{Pattern: "GET /deliveries/{id}/counts", Needs: people.ReachEnter, Answer: d.Counts},
		{Pattern: "POST /deliveries/{id}/counts", Needs: people.ReachEnter, Answer: d.TakeCounts},
	}
}

// importPage takes counts that no network tells, from a table or post by post.
type importPage struct {
	page.Frame
	Edition string
	BackURL string
	Action  string // where the table is sent; empty for whoever works on some accounts only
	Columns string
	Table   page.Field
	Note    page.Field
	Problem string // what is wrong with the table as a whole
	Looked  bool
	Rows    []importRow
	Good    int
	Wrong   int
	Places  []placeLine
}

type importRow struct {
	Line    string
	Name    string
	When    page.Moment
	Figures []tabled.Cell
	Problem []string
}

type placeLine struct {
	URL, Name, Handle, Network, Language, Live string
	Due                                        page.Moment
	Counted                                    bool
}

// Import answers with the forms.
func (d Desk) Import(r ask.Request) (ask.Answer, error) {
	p, _, err := d.importing(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) importing(r ask.Request) (*importPage, book.Edition, error) {
	t := r.Words.T
	e, _, err := tabled.Chosen(r, d.db)
	if err != nil {
		return nil, e, err
	}
	p := &importPage{
		Frame: page.Frame{Template: "reach_import", Title: t("results.import.title"), Door: "reach"}, Edition: tabled.Title(r, e), BackURL: tabled.URL(e.ID),
		Columns: strings.Join(intake.Columns(), ", "),
		Table:   page.Field{ID: "table", Label: t("results.import.table"), Hint: t("results.import.table.hint")},
		Note:    page.Field{ID: "note", Label: t("results.import.note"), Hint: t("results.import.note.hint")},
	}
	accounts, err := tabled.Accounts(r, d.db)
	if err != nil {
		return nil, e, err
	}
	if accounts == nil {
		p.Action = tabled.URL(e.ID) + "/import"
	}
	places, err := intake.Places(r.Context(), d.db, e.ID)
	if err != nil {
		return nil, e, err
	}
	for _, one := range places {
		if !r.Within.Channel(one.Channel) {
			continue
		}
		p.Places = append(p.Places, placeLine{
			URL: countsURL(one.Delivery), Name: page.Name(one.Message), Handle: "@" + one.Handle, Network: r.Words.Network(one.Platform),
			Language: r.Words.Tongue(one.Language), Due: r.Words.Moment(one.DueAt, r.Zone), Live: view.HTTPOnly(one.URL), Counted: one.Counted,
		})
	}
	return p, e, nil
}

func countsURL(delivery int64) string { return fmt.Sprintf("/deliveries/%d/counts", delivery) }

// sent reads the table of a form: a file where one was chosen, else what stands in the field.
func sent(r *http.Request) (string, error) {
	err := r.ParseMultipartForm(MaxUpload)
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return "", fault.Wrap(fault.Invalid, err, "The file is larger than %d MB. Split it.", MaxUpload>>20)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return r.PostFormValue("table"), nil // none was chosen
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(file)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The file could not be read. Try again.")
	}
	if len(body) == 0 {
		return r.PostFormValue("table"), nil
	}
	text, _, err := sheet.Decode(body, "")
	return text, err
}

// Take looks at a table, or enters what is right of it.
func (d Desk) Take(r ask.Request) (ask.Answer, error) {
	text, readErr := sent(r.Request)
	p, e, err := d.importing(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Table.Value, p.Note.Value, p.Looked = text, r.PostFormValue("note"), true
	if readErr != nil {
		p.Problem = r.Words.Say(readErr)
		return ask.Again(p), nil
	}
	if strings.TrimSpace(p.Note.Value) == "" {
		p.Note.Problem, p.Looked = r.Words.T("results.import.note.missing"), false
		return ask.Again(p), nil
	}
	on := intake.On{Edition: e.ID, By: r.Person, Note: p.Note.Value, Now: r.Now, Zone: r.Zone}
	if r.PostFormValue("do") == "take" {
		kept := 0
		err := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
			kept, err = intake.Keep(r.Context(), tx, text, on)
			return err
		})
		if err == nil && kept > 0 {
			return ask.Answer{To: tabled.URL(e.ID), Said: r.Words.T("results.import.kept", kept)}, nil
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			return ask.Answer{}, err
		}
	}
	rows, err := intake.Look(r.Context(), d.db, text, on)
	if fault.Is(err, fault.Invalid) {
		p.Problem = r.Words.Say(err)
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	for _, one := range rows {
		p.Rows = append(p.Rows, importLine(r, one))
		if one.Err == nil {
			p.Good++
		} else {
			p.Wrong++
		}
	}
	return ask.Shown(p), nil
}

func importLine(r ask.Request, one intake.Row) importRow {
	row := importRow{Line: r.Words.T("import.line", one.Line), Name: one.Name, When: r.Words.Moment(one.At, r.Zone)}
	for i, n := range []*int64{one.Counts.Favourites, one.Counts.Boosts, one.Counts.Replies, one.Counts.Quotes, one.Counts.Impressions, one.Counts.Clicks} {
		if n != nil {
			row.Figures = append(row.Figures, tabled.Cell{Said: r.Words.T("results.import.figure", r.Words.T("figure."+compare.Figures()[i]), r.Words.Number(*n))})
		}
	}
	if problems := r.Words.Problems(one.Err); len(problems) > 0 {
		for _, p := range problems {
			row.Problem = append(row.Problem, r.Words.T("results.import.problem", column(r.Words, p.Field), p.Message))
		}
	} else if one.Err != nil {
		row.Problem = []string{r.Words.Say(one.Err)}
	}
	return row
}

// column names a column of a table as people read it.
func column(words page.Words, name string) string {
	for _, key := range []string{"figure." + name, "results.import.column." + name} {
		if words.Has(key) {
			return words.T(key)
		}
	}
	return name
}

// countsPage takes the counts of one post on one account.
type countsPage struct {
	page.Frame
	Name    string
	Where   string
	Live    string
	BackURL string
	Form    form.Form
}

// Counts answers with the form for the counts of a delivery.
func (d Desk) Counts(r ask.Request) (ask.Answer, error) {
	p, _, err := d.counts(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) counts(r ask.Request) (*countsPage, intake.Place, error) {
	id, err := r.Number("id")
	if err != nil {
		return nil, intake.Place{}, err
	}
	one, err := intake.PlaceOf(r.Context(), d.db, id)
	if err != nil {
		return nil, one, err
	}
	t := r.Words.T
	p := &countsPage{
		Frame: page.Frame{Template: "reach_counts", Title: t("results.counts.title", page.Name(one.Message)), Door: "reach"}, Name: page.Name(one.Message),
		Where: t("results.counts.where", "@"+one.Handle, r.Words.Network(one.Platform), r.Words.Tongue(one.Language)), Live: view.HTTPOnly(one.URL), BackURL: "/reach",
	}
	if one.Edition != 0 {
		p.BackURL = tabled.URL(one.Edition)
	}
	var controls []form.Control
	for _, name := range compare.Figures() {
		c := form.Line(name, t("figure."+name), "").Hinted("")
		c.Run = "ltr"
		controls = append(controls, c)
	}
	controls = append(controls, form.Line("note", t("results.import.note"), "").Hinted(t("results.import.note.hint")))
	p.Form = form.Form{ID: "counts", Action: countsURL(id), Button: t("results.counts.send"), Main: true, Groups: []form.Group{{Controls: controls}}}
	return p, one, nil
}

// TakeCounts enters the counts of a delivery, as they are now.
func (d Desk) TakeCounts(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, one, err := d.counts(r)
	if err != nil {
		return ask.Answer{}, err
	}
	counts, err := typedCounts(r)
	if err == nil {
		err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
			return engagement.Enter(r.Context(), tx, r.Person, one.Delivery, counts, r.Now, r.PostForm.Get("note"))
		})
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		problems := r.Words.Problems(err)
		if len(problems) == 0 {
			problems = []fault.Problem{{Message: r.Words.Say(err)}}
		}
		for i := range problems {
			if problems[i].Field == "figures" {
				problems[i].Field = compare.Figures()[0] // none was entered: it stands at the first
			}
		}
		p.Form.Mend(r.PostForm, problems)
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: p.BackURL, Said: r.Words.T("results.import.kept", 1)}, nil
}

// typedCounts reads the figures of a form; an empty field is one that nobody tells.
func typedCounts(r ask.Request) (platform.Counts, error) {
	var c platform.Counts
	var wrong []fault.Problem
	for i, into := range []**int64{&c.Favourites, &c.Boosts, &c.Replies, &c.Quotes, &c.Impressions, &c.Clicks} {
		name := compare.Figures()[i]
		cell := strings.TrimSpace(r.PostForm.Get(name))
		if cell == "" {
			continue
		}
		n, ok := intake.Count(cell)
		if !ok {
			wrong = append(wrong, fault.Wrong(name, "is no whole number"))
			continue
		}
		*into = &n
	}
	return c, fault.BadFields(wrong)
}
