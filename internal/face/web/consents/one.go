package consents

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/dispatch/consenting"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/postgres"
)

// onePage is one consent with all that can be done about it.
type onePage struct {
	page.Frame
	ID       int64
	Ref      string
	Mark     page.Mark
	Who      consent.Who
	Erased   bool
	Ended    bool
	Uses     string
	Networks string
	Tongues  string
	Until    string
	How      string
	Minor    bool
	By       string
	When     page.Moment
	Why      string
	EndedAt  page.Moment
	Links    []link
	Amend    sheet
	Add      sheet
	Withdraw form.Form
}

// link is something that the consent is there for.
type link struct {
	ID, Name, URL, Source, Uses, End string
}

// New asks for a new consent.
func (d Desk) New(r ask.Request) (ask.Answer, error) {
	p, err := d.blank(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) blank(r ask.Request) (*newPage, error) {
	tongues, err := form.Spoken(r.Context(), d.db)
	return &newPage{
		Frame: page.Frame{Template: "consent_new", Title: r.Words.T("consent.new"), Door: "consents"},
		Sheet: terms(r, "record", "/new/consent", r.Words.T("consent.record"), consent.Entry{}, tongues),
	}, err
}

// Record keeps a new consent.
func (d Desk) Record(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	who, t := typed(r.PostForm)
	var id int64
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		id, err = consent.Record(r.Context(), tx, d.keys[0], who, t, r.Person, r.Now, r.Zone)
		return err
	})
	if err == nil {
		return ask.Answer{To: at(id), Said: r.Words.T("consent.recorded", consent.Ref(id))}, nil
	}
	if !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	p, pageErr := d.blank(r)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	p.Sheet.mend(r.PostForm, r.Words.Problems(err))
	return ask.Again(p), nil
}

func at(id int64) string { return fmt.Sprintf("/consents/%d", id) }

// Show answers with one consent.
func (d Desk) Show(r ask.Request) (ask.Answer, error) {
	p, err := d.one(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) one(r ask.Request) (*onePage, error) {
	id, err := r.Number("id")
	if err != nil {
		return nil, err
	}
	var e consent.Entry
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		e, err = consent.Open(r.Context(), tx, d.keys, id, r.Person)
		return err
	}); err != nil {
		return nil, err
	}
	links, err := linking.Links(r.Context(), d.db, id)
	if err != nil {
		return nil, err
	}
	tongues, err := form.Spoken(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	t := r.Words.T
	p := &onePage{
		Frame: page.Frame{Template: "consent", Title: t("consent.one", e.Ref()), Door: "consents"}, ID: id, Ref: e.Ref(), Mark: mark(r.Words, e.Consent, r.Viewer), Who: e.Who,
		Erased: !e.ErasedAt.IsZero(), Ended: e.Ended != "", Uses: uses(r.Words, e.Uses), Networks: t("consent.networks.every"), Tongues: t("consent.languages.every"),
		Until: r.Words.LongDay(e.Until.String()), How: t("consent.how." + e.How), Minor: e.Minor, By: e.By, When: r.Words.Moment(e.At, r.Zone), EndedAt: r.Words.Moment(e.EndedAt, r.Zone),
	}
	if len(e.Networks) > 0 {
		var names []string
		for _, n := range e.Networks {
			names = append(names, r.Words.Network(n))
		}
		p.Networks = r.Words.Joined(names)
	}
	if len(e.Languages) > 0 {
		p.Tongues = r.Words.Tongues(e.Languages)
	}
	if e.Why != "" {
		p.Why = t("consent.why." + e.Why)
	}
	for _, l := range links {
		one := link{ID: fmt.Sprintf("link-%d", l.ID), Name: t("consent.picture"), Uses: uses(r.Words, l.Uses), End: fmt.Sprintf("%s/links/%d/end", at(id), l.ID)}
		if l.Post != 0 {
			one.Name, one.URL = page.Name(l.Message), fmt.Sprintf("/posts/%d", l.Post)
		} else {
			one.Source = "/media/" + l.Picture
		}
		p.Links = append(p.Links, one)
	}
	if p.Ended {
		return p, nil
	}
	p.Amend = terms(r, "amend", at(id), t("consent.amend.send"), e, tongues)
	p.Amend.Main = false
	p.Add = sheet{Form: form.Form{ID: "add", Action: at(id) + "/links", Button: t("consent.link.send"), Groups: []form.Group{{Controls: []form.Control{
		form.Exact("thing", "text", t("consent.thing"), "").Hinted(t("consent.thing.hint")),
	}}}}, Boxes: []boxes{useBoxes(r, "shows", t("consent.link.uses"), e.Uses)}}
	whys := []page.Option{{Word: t("consent.why.choose")}}
	for _, why := range consent.Whys() {
		whys = append(whys, page.Option{Value: why, Word: t("consent.why." + why)})
	}
	p.Withdraw = form.Form{ID: "withdraw", Action: at(id) + "/withdraw", Button: t("consent.withdraw.send"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Choice("why", t("consent.why"), "", whys).Hinted(t("consent.why.hint")),
		form.Area("said", t("consent.note"), "", 3).As("ended").Hinted(t("consent.note.hint")),
	}}}}
	return p, nil
}

// did answers after a change: with where its result is seen, or with the form that needs mending.
func (d Desk) did(r ask.Request, out consenting.Outcome, said string, err error, target func(*onePage, []fault.Problem)) (ask.Answer, error) {
	id, bad := r.Number("id")
	switch {
	case bad != nil:
		return ask.Answer{}, bad
	case err == nil && out.TakeDown != 0:
		return ask.Answer{To: fmt.Sprintf("/takedowns/%d", out.TakeDown), Said: said}, nil
	case err == nil:
		return ask.Answer{To: at(id), Said: said}, nil
	case !fault.Is(err, fault.Invalid):
		return ask.Answer{}, err
	}
	p, pageErr := d.one(r)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	target(p, r.Words.Problems(err))
	return ask.Again(p), nil
}

// Amend keeps a new version.
func (d Desk) Amend(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	who, t := typed(r.PostForm)
	out, err := consenting.Amend(r.Context(), d.db, d.keys[0], id, form.Number(r.PostForm.Get("seen")), who, t, r.Person, r.Now, r.Zone)
	return d.did(r, out, r.Words.T("consent.amended", consent.Ref(id)), err, func(p *onePage, problems []fault.Problem) { p.Amend.mend(r.PostForm, problems) })
}

// address is that of a picture's page, or of the picture itself, with whatever stands before it.
var address = regexp.MustCompile(`(?:^|/(?:media|pictures)/)([0-9a-f]{64})(?:$|[/?#])`)

var postAddress = regexp.MustCompile(`(?:^|/posts/)([1-9][0-9]{0,17})(?:$|[/?#])`)

// thing reads what a person typed or pasted: the number or the address of a post or of a picture.
func thing(typed string) linking.Thing {
	typed = strings.TrimSpace(typed)
	if m := address.FindStringSubmatch(typed); m != nil {
		return linking.Thing{Picture: m[1]}
	}
	if m := postAddress.FindStringSubmatch(typed); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err == nil {
			return linking.Thing{Post: n}
		}
	}
	return linking.Thing{}
}

// Link says that the consent is there for a post or a picture.
func (d Desk) Link(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	out, err := consenting.Link(r.Context(), d.db, id, thing(r.PostForm.Get("thing")), readUses(r.PostForm["shows"]), r.Person, r.Now)
	return d.did(r, out, r.Words.T("consent.linked", consent.Ref(id)), err, func(p *onePage, problems []fault.Problem) { p.Add.mend(r.PostForm, problems) })
}

// Unlink ends a link that was a mistake.
func (d Desk) Unlink(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	n, err := r.Number("link")
	if err != nil {
		return ask.Answer{}, err
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return linking.Remove(r.Context(), tx, id, n, r.Person, r.Now) })
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: at(id), Said: r.Words.T("consent.unlinked", consent.Ref(id))}, nil
}

// Withdraw ends the consent.
func (d Desk) Withdraw(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	out, err := consenting.Withdraw(r.Context(), d.db, d.keys, id, r.PostForm.Get("why"), r.PostForm.Get("said"), r.Person, r.Now, r.Zone)
	return d.did(r, out, r.Words.T("consent.withdrawn", consent.Ref(id), out.Held, out.Copies), err, func(p *onePage, problems []fault.Problem) { p.Withdraw.Mend(r.PostForm, problems) })
}

// Erase takes away who gave the consent.
func (d Desk) Erase(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return consent.Erase(r.Context(), tx, id, r.Person, r.Now) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: at(id), Said: r.Words.T("consent.erased", consent.Ref(id))}, nil
}

// Mark says that a post shows, names or quotes a person.
func (d Desk) Mark(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := consenting.Mark(r.Context(), d.db, id, r.Person, r.Now); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d", id), Said: r.Words.T("consent.marked")}, nil
}

// Unmark says that a post, or a picture, shows, names and quotes nobody after all.
func (d Desk) Unmark(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	if sum := r.PostForm.Get("picture"); sum != "" {
		err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return linking.UnmarkPicture(r.Context(), tx, sum, r.Person) })
		if err != nil {
			return ask.Answer{}, err
		}
		return ask.Answer{To: "/consents", Said: r.Words.T("consent.unmarked")}, nil
	}
	id, err := strconv.ParseInt(r.PostForm.Get("post"), 10, 64)
	if err != nil || id <= 0 {
		return ask.Answer{}, fault.New(fault.NotFound, "The address may be mistyped: it needs a number.")
	}
	if err := consenting.Unmark(r.Context(), d.db, id, r.Person, r.Now); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d", id), Said: r.Words.T("consent.unmarked")}, nil
}
