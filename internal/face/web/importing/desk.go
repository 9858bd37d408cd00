// Package importing is the desk for what comes in files and goes out as one: days from somebody's calendar (.ics), posts from a table
// (.csv), and the posts of the calendar as a table.
//
// Each exported method of [Desk] answers one route of face/web. A file is uploaded, shown as what it would become, with what is wrong
// with each entry, and nothing is kept before its person says yes; until then it is parked for them alone.
package importing

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft/table"
	"daymark/internal/flow/plan/almanac"
	"daymark/internal/org/people"
	"daymark/internal/org/people/parked"
	"daymark/internal/postgres"
)

// MaxUpload is how much a form with a file may send.
const MaxUpload = table.MaxBytes + 64<<10

// Desk is what the answers need.
type Desk struct {
	db      *postgres.DB
	shipped []observance.Observance
}

// New returns a desk; shipped are the days that Daymark comes with.
func New(db *postgres.DB, shipped []observance.Observance) Desk {
	return Desk{db: db, shipped: shipped}
}

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /import", Needs: people.PostRead, Answer: d.Choose},
		{Pattern: "POST /import/days", Needs: people.PlanMake, Answer: d.UploadDays},
		{Pattern: "GET /import/days", Needs: people.PlanMake, Answer: d.Days},
		{Pattern: "POST /import/days/take", Needs: people.PlanMake, Answer: d.TakeDays},
		{Pattern: "POST /import/own/{day}/remove", Needs: people.PlanMake, Answer: d.RemoveDay},
		{Pattern: "POST /import/posts", Needs: people.PostWrite, Answer: d.UploadPosts},
		{Pattern: "GET /import/posts", Needs: people.PostWrite, Answer: d.Posts},
		{Pattern: "POST /import/posts/columns", Needs: people.PostWrite, Answer: d.Columns},
		{Pattern: "POST /import/posts/take", Needs: people.PostWrite, Answer: d.TakePosts},
		{Pattern: "GET /export/posts", Needs: people.PostRead, Answer: d.Export},
	}
}

// choosePage offers what can be brought in and taken out.
type choosePage struct {
	page.Frame
	MayDays, MayPosts bool
	Problem           string
	At                string // the form with the problem: days or posts
	Own               []ownDay
	Editions          []page.Option
	Languages         []page.Option
}

type ownDay struct {
	ID, Name, Next string
}

// Choose answers with the forms for files.
func (d Desk) Choose(r ask.Request) (ask.Answer, error) {
	p, err := d.choose(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) choose(r ask.Request) (*choosePage, error) {
	t := r.Words.T
	p := &choosePage{
		Frame:   page.Frame{Template: "import", Title: t("import.title"), Door: "calendar"},
		MayDays: r.Person.May(people.PlanMake), MayPosts: r.Person.May(people.PostWrite),
	}
	own, err := almanac.Own(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		p.Own = append(p.Own, ownDay{ID: o.ID, Name: o.Name(r.Words.Lang), Next: d.next(r, o.Rule)})
	}
	editions, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	p.Editions = r.EditionOptions(editions, 0)
	p.Languages = []page.Option{{Word: t("cal.all")}}
	for _, code := range []string{"en", "fr", "es", "ar"} {
		p.Languages = append(p.Languages, page.Option{Value: code, Word: r.Words.Tongue(code)})
	}
	return p, nil
}

// upload parks a file, or answers with the forms and what is wrong with it.
func (d Desk) upload(r ask.Request, kind parked.Kind, to string, check func([]byte) error) (ask.Answer, error) {
	name, body, err := sent(r.Request)
	if err == nil {
		err = check(body)
	}
	if err == nil {
		err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return parked.Park(r.Context(), tx, r.Person.ID, kind, name, body) })
	}
	if fault.Is(err, fault.Invalid) {
		p, pageErr := d.choose(r)
		if pageErr != nil {
			return ask.Answer{}, pageErr
		}
		p.Problem, p.At = r.Words.Say(err), string(kind)
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: to}, nil
}

// sent reads the file of a form.
func sent(r *http.Request) (string, []byte, error) {
	if err := r.ParseMultipartForm(MaxUpload); err != nil {
		if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
			return "", nil, fault.Wrap(fault.Invalid, err, "The file is larger than %d MB. Split it.", table.MaxBytes>>20)
		}
		return "", nil, fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	file, head, err := r.FormFile("file")
	if err != nil {
		return "", nil, fault.Wrap(fault.Invalid, err, "Choose a file.")
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(file)
	if err != nil {
		return "", nil, fault.Wrap(fault.Invalid, err, "The file could not be read. Try again.")
	}
	return head.Filename, body, nil
}

// UploadDays takes a calendar file.
func (d Desk) UploadDays(r ask.Request) (ask.Answer, error) {
	return d.upload(r, parked.Days, "/import/days", func(body []byte) error {
		_, err := ics.Read(body)
		return err
	})
}

// UploadPosts takes a table.
func (d Desk) UploadPosts(r ask.Request) (ask.Answer, error) {
	return d.upload(r, parked.Posts, "/import/posts", func(body []byte) error {
		_, err := table.Open(body, "")
		return err
	})
}

func numbers(list []string) map[int]bool {
	m := map[int]bool{}
	for _, s := range list {
		if n, err := strconv.Atoi(s); err == nil {
			m[n] = true
		}
	}
	return m
}
