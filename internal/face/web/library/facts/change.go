package facts

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft"
	"daymark/internal/org/fact"
)

// editForm is the form of a fact, new where it has no version yet.
func editForm(r ask.Request, rec fact.Record, languages []string) form.Form {
	t := r.Words.T
	word := func(prefix, value string) page.Option { return page.Option{Value: value, Word: t(prefix + value)} }
	kinds := make([]page.Option, len(campaign.FactKinds))
	for i, k := range campaign.FactKinds {
		kinds[i] = word("lib.fact.kind.", string(k))
	}
	statuses := make([]page.Option, len(campaign.FactStatuses))
	for i, s := range campaign.FactStatuses {
		statuses[i] = word("lib.facts.status.", string(s))
	}
	levels := []page.Option{
		{Value: "A", Word: t("lib.fact.confidence.a")}, {Value: "B", Word: t("lib.fact.confidence.b")}, {Value: "C", Word: t("lib.fact.confidence.c")},
	}
	says := form.Group{Legend: t("lib.fact.sentences")}
	cites := form.Group{Legend: t("lib.fact.source")}
	cites.Controls = []form.Control{
		form.Line("cite", t("lib.fact.cite"), rec.Cite).As("source's name").Hinted(t("lib.fact.cite.hint")),
	}
	for _, l := range languages {
		says.Controls = append(says.Controls, form.Area("text-"+l, t("lib.fact.text", r.Words.Tongue(l)), rec.Texts[l], 3).In(l).As("text in "+l))
		if l != "en" {
			cites.Controls = append(cites.Controls, form.Line("cite-"+l, t("lib.fact.cites", r.Words.Tongue(l)), rec.Cites[l]).In(l).As("source's name in "+l))
		}
	}
	cites.Controls = append(cites.Controls,
		form.Line("source", t("lib.fact.page"), rec.Source.Name).As("source"),
		form.Exact("source-url", "url", t("lib.fact.url"), rec.Source.URL).As("link of the source").Hinted(t("lib.fact.url.hint")),
		form.Exact("year", "number", t("lib.fact.year"), form.Year(rec.Year)),
		form.Exact("data-year", "number", t("lib.fact.counted"), form.Year(rec.DataYear)).As("year of the data").Hinted(t("lib.fact.counted.hint")),
		form.Choice("confidence", t("lib.fact.confidence"), rec.Confidence, levels),
	)
	review := ""
	if rec.ReviewBy.Exists() {
		review = rec.ReviewBy.String()
	}
	f := form.Form{
		ID: "edit", Action: URL(rec.ID), Button: t("lib.fact.save"), Seen: fmt.Sprint(rec.Version),
		Groups: []form.Group{
			says,
			{Legend: t("lib.fact.figure"), Controls: []form.Control{
				form.Line("value", t("lib.fact.value"), rec.Value).Hinted(t("lib.fact.value.hint")),
				form.Choice("kind", t("lib.fact.kind"), string(rec.Kind), kinds),
				form.Area("scope", t("lib.fact.scope"), rec.Scope, 2).Hinted(t("lib.fact.scope.hint")),
			}},
			cites,
			{Legend: t("lib.fact.holds"), Controls: []form.Control{
				form.Exact("review", "date", t("lib.fact.review"), review).As("review date").Hinted(t("lib.fact.review.hint")),
				form.Choice("status", t("lib.fact.status"), string(rec.Status), statuses),
				form.Line("next", t("lib.fact.next"), rec.SupersededBy).As("superseded by").Hinted(t("lib.fact.next.hint")),
				form.Area("note", t("lib.fact.note"), rec.Note, 3).Hinted(t("lib.fact.note.hint")),
			}},
		},
	}
	if rec.Version == 0 {
		f.Action, f.Button, f.Main = "/facts", t("lib.fact.add"), true
		f.Groups = append([]form.Group{{Controls: []form.Control{form.Line("id", t("lib.fact.id"), rec.ID).Hinted(t("lib.fact.id.hint"))}}}, f.Groups...)
	}
	return f
}

// lookedForm is the form of who looked at the source again.
func lookedForm(r ask.Request, rec fact.Record) form.Form {
	return form.Form{
		ID: "looked", Action: URL(rec.ID) + "/checked", Button: r.Words.T("lib.fact.looked"), Main: true, Seen: fmt.Sprint(rec.Version),
		Groups: []form.Group{{Controls: []form.Control{
			form.Exact("until", "date", r.Words.T("lib.fact.until"), "").As("review date").Hinted(r.Words.T("lib.fact.until.hint")),
		}}},
	}
}

// read puts what was typed over a fact.
func read(typed url.Values, f campaign.Fact) campaign.Fact {
	f.Texts, f.Cites = form.Texts(typed, "text-", f.Texts), form.Texts(typed, "cite-", f.Cites)
	f.Value, f.Scope, f.Cite, f.Note = typed.Get("value"), typed.Get("scope"), typed.Get("cite"), typed.Get("note")
	f.Kind, f.Status, f.SupersededBy = campaign.FactKind(typed.Get("kind")), campaign.FactStatus(typed.Get("status")), typed.Get("next")
	if name, at := typed.Get("source"), typed.Get("source-url"); name != f.Source.Name || at != f.Source.URL {
		f.Source = observance.Source{Name: name, URL: at} // another page: what was known of the old one says nothing of it
	}
	f.Year, f.Confidence, f.ReviewBy = form.Number(typed.Get("year")), typed.Get("confidence"), dateOf(typed.Get("review"))
	f.DataYear = form.Number(typed.Get("data-year"))
	if f.DataYear == 0 && typed.Get("data-year") != "" {
		f.DataYear = -1 // no number: it is refused as no year
	}
	return f
}

// dateOf reads a day; what is none is no day, which is refused as missing.
func dateOf(typed string) civil.Date {
	day, err := civil.ParseDate(typed)
	if err != nil {
		return civil.Date{}
	}
	return day
}

// Save keeps what a person wrote of a fact.
func (d Desk) Save(r ask.Request) (ask.Answer, error) {
	return d.change(r, func(rec fact.Record, seen int) (draft.Renewed, error) {
		return draft.SaveFact(r.Context(), d.db, read(r.PostForm, rec.Fact), seen, r.Person, r.Now)
	}, func(p *factPage) *form.Form { return &p.Edit }, "lib.fact.kept")
}

// Looked keeps that a person looked at the source again, and until when the fact holds.
func (d Desk) Looked(r ask.Request) (ask.Answer, error) {
	return d.change(r, func(rec fact.Record, seen int) (draft.Renewed, error) {
		return draft.Renewed{}, draft.RenewFact(r.Context(), d.db, rec.ID, dateOf(r.PostForm.Get("until")), seen, r.Person, r.Now)
	}, func(p *factPage) *form.Form { return &p.Looked }, "lib.fact.checked")
}

// change does something to the fact that the path names, and answers with its page again where that cannot be done.
func (d Desk) change(r ask.Request, do func(fact.Record, int) (draft.Renewed, error), which func(*factPage) *form.Form, said string) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	rec, err := fact.Find(r.Context(), d.db, r.PathValue("id"))
	if err != nil {
		return ask.Answer{}, err
	}
	seen, err := strconv.Atoi(r.PostForm.Get("seen"))
	if err != nil || seen < 1 {
		seen = -1 // no version of it: refused as an old one
	}
	renewed, err := do(rec, seen)
	invalid, old := fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict)
	if !invalid && !old {
		if err != nil {
			return ask.Answer{}, err
		}
		looks, err := form.Send(r, d.db, d.again, renewed)
		if err != nil {
			return ask.Answer{}, err
		}
		return ask.Answer{To: URL(rec.ID), Said: r.Words.T(said, rec.ID), Looks: looks}, nil
	}
	p, pageErr := d.page(r, rec.ID)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	if invalid {
		which(p).Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	which(p).Meanwhile(r.PostForm, r.Words.T("lib.clash", p.Author))
	return ask.Answer{Page: p, Status: http.StatusConflict}, nil
}

// New answers with the form for a fact that is not there yet.
func (d Desk) New(r ask.Request) (ask.Answer, error) {
	p, err := d.newPage(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) newPage(r ask.Request) (*newPage, error) {
	spoken, err := form.Spoken(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	return &newPage{
		Frame: page.Frame{Template: "add", Title: r.Words.T("lib.fact.new"), Door: "facts"}, BackURL: "/facts", BackWord: r.Words.T("lib.facts.title"),
		Hint: r.Words.T("lib.fact.new.hint"),
		Edit: editForm(r, fact.Record{Fact: campaign.Fact{Kind: campaign.Detected, Confidence: "B", Status: campaign.Current}}, form.Tongues(spoken)),
	}, nil
}

// Add makes a new fact.
func (d Desk) Add(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	f := fact.Clean(read(r.PostForm, campaign.Fact{ID: r.PostForm.Get("id")}))
	_, err := draft.SaveFact(r.Context(), d.db, f, 0, r.Person, r.Now)
	problems := r.Words.Problems(err)
	if fault.Is(err, fault.Conflict) {
		problems = []fault.Problem{{Field: "id", Message: r.Words.Say(err)}}
	} else if err != nil && !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	if err == nil {
		return ask.Answer{To: URL(f.ID), Said: r.Words.T("lib.fact.added", f.ID)}, nil
	}
	p, err := d.newPage(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Edit.Mend(r.PostForm, problems)
	return ask.Again(p), nil
}
