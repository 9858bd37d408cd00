package helplines

import (
	"net/http"
	"slices"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft"
	"daymark/internal/org/helpline"
	"daymark/internal/postgres"
)

// Check writes down what a person saw.
func (d Desk) Check(r ask.Request) (ask.Answer, error) {
	which := func(p *linePage) *form.Form { return &p.Check }
	return d.change(r, which, func(rec helpline.Record) (ask.Answer, error) {
		f := r.PostForm
		seen := form.Number(f.Get("seen"))
		if seen < 1 {
			seen = -1 // what the person looked at is not known: refused as an old one
		}
		made, renewed, err := draft.CheckHelpline(r.Context(), d.db, rec.ID, helpline.NewCheck{
			Version: seen, How: helpline.How(f.Get("how")), Result: helpline.Result(f.Get("result")), Saw: f.Get("saw"),
		}, r.Person, r.Now)
		if err != nil {
			return ask.Answer{}, plainer(r, err)
		}
		if made.Result == helpline.Works {
			until := r.Words.Moment(made.Until, r.Zone)
			return ask.Answer{Said: r.Words.T("lib.line.said.works", rec.Name, until.Day)}, nil
		}
		return d.sent(r, renewed, r.Words.T("lib.line.said."+string(made.Result), rec.Name))
	})
}

// plainer puts problems about what was not chosen more simply than their makers, who do not know that it is a choice.
func plainer(r ask.Request, err error) error {
	problems := slices.Clone(r.Words.Problems(err))
	for i, p := range problems {
		if (p.Field == "how" || p.Field == "result") && r.PostForm.Get(p.Field) == "" {
			problems[i].Message = r.Words.T("lib.choose.one")
		}
	}
	if len(problems) == 0 {
		return err
	}
	return fault.BadFields(problems)
}

// Save keeps what a person wrote of a helpline.
func (d Desk) Save(r ask.Request) (ask.Answer, error) {
	which := func(p *linePage) *form.Form { return &p.Edit }
	return d.change(r, which, func(rec helpline.Record) (ask.Answer, error) {
		if r.PostForm.Get("seen") != form.Print(rec.Helpline) {
			return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("lib.clash", rec.UpdatedBy))
		}
		if wrong := wrongSource(r, r.PostForm); wrong != nil {
			return ask.Answer{}, fault.BadFields(wrong)
		}
		is, renewed, err := draft.SaveHelpline(r.Context(), d.db, read(r.PostForm, rec.Helpline), r.Person, r.Now)
		if err != nil {
			return ask.Answer{}, err
		}
		said := "lib.line.said.kept"
		if is.Version != rec.Version {
			said = "lib.line.said.other"
		}
		return d.sent(r, renewed, r.Words.T(said, is.Name))
	})
}

// Retire takes a helpline out of use.
func (d Desk) Retire(r ask.Request) (ask.Answer, error) {
	which := func(p *linePage) *form.Form { return &p.Retire }
	return d.change(r, which, func(rec helpline.Record) (ask.Answer, error) {
		reason, err := reasonOf(r, "retire-reason")
		if err != nil {
			return ask.Answer{}, err
		}
		renewed, err := draft.RetireHelpline(r.Context(), d.db, rec.ID, reason, r.Person, r.Now)
		if err != nil {
			return ask.Answer{}, err
		}
		return d.sent(r, renewed, r.Words.T("lib.line.said.retired", rec.Name))
	})
}

// Hold holds every post that shows a helpline. They are not submitted again: a person looks first.
func (d Desk) Hold(r ask.Request) (ask.Answer, error) {
	which := func(p *linePage) *form.Form { return &p.Hold }
	return d.change(r, which, func(rec helpline.Record) (ask.Answer, error) {
		reason, err := reasonOf(r, "hold-reason")
		if err != nil {
			return ask.Answer{}, err
		}
		renewed, err := draft.HoldHelpline(r.Context(), d.db, rec.ID, reason, r.Person)
		if err != nil {
			return ask.Answer{}, err
		}
		a := ask.Answer{Said: r.Words.T("lib.line.said.held", len(renewed.Held))}
		a.Looks, err = form.Named(r, d.db, "lib.line.heldpost", renewed.Posts)
		return a, err
	})
}

// maxReason is how long a reason may be; it stands in the posts' history.
const maxReason = 500

func reasonOf(r ask.Request, field string) (string, error) {
	reason, wrong := form.Reason(r.Words, r.PostForm.Get(field), maxReason)
	if wrong != "" {
		return "", fault.BadField("reason", "%s", wrong)
	}
	return reason, nil
}

// sent puts what was renewed before reviewers again and says so.
func (d Desk) sent(r ask.Request, renewed draft.Renewed, said string) (ask.Answer, error) {
	looks, err := form.Send(r, d.db, d.again, renewed)
	if err != nil {
		return ask.Answer{}, err
	}
	if n := len(renewed.Live); n > 0 {
		looks = append(looks, r.Words.T("lib.line.said.live", n))
	}
	return ask.Answer{Said: said, Looks: looks}, nil
}

// change does something to the helpline that the path names, and answers with its page again where that cannot be done.
func (d Desk) change(r ask.Request, which func(*linePage) *form.Form, do func(helpline.Record) (ask.Answer, error)) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	rec, err := helpline.Find(r.Context(), d.db, r.PathValue("id"))
	if err != nil {
		return ask.Answer{}, err
	}
	a, err := do(rec)
	invalid, old := fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict)
	if !invalid && !old {
		a.To = URL(rec.ID)
		return a, err
	}
	p, pageErr := d.page(r, rec.ID)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	if which(p).ID == "" { // it is out of use by now, and has no such form any more
		return ask.Answer{}, err
	}
	if invalid {
		which(p).Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	which(p).Meanwhile(r.PostForm, r.Words.Say(err))
	return ask.Answer{Page: p, Status: http.StatusConflict}, nil
}

// New answers with the form for a helpline that is not there yet.
func (d Desk) New(r ask.Request) (ask.Answer, error) {
	p, err := d.newPage(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// usualDays is how long a check holds where nobody says otherwise, as in files.
const usualDays = 30

func (d Desk) newPage(r ask.Request) (*newPage, error) {
	rec := helpline.Record{Helpline: campaign.Helpline{For: campaign.HelplineAudiences[0], Purpose: campaign.Support, CheckDays: usualDays}}
	languages, err := d.languages(r.Context(), rec)
	if err != nil {
		return nil, err
	}
	return &newPage{
		Frame: page.Frame{Template: "add", Title: r.Words.T("lib.line.new"), Door: "helplines"}, BackURL: "/helplines",
		BackWord: r.Words.T("lib.lines.title"), Hint: r.Words.T("lib.line.new.hint"), Edit: editForm(r, rec, languages),
	}, nil
}

// Add makes a new helpline, which nobody has checked.
func (d Desk) Add(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	h := read(r.PostForm, campaign.Helpline{ID: r.PostForm.Get("id"), Invented: r.PostForm.Get("invented") == "yes"})
	problems := wrongSource(r, r.PostForm)
	if problems == nil {
		var made helpline.Record
		err := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
			made, err = helpline.Add(r.Context(), tx, h, r.Person, r.Now)
			return err
		})
		switch {
		case err == nil:
			return ask.Answer{To: URL(made.ID), Said: r.Words.T("lib.line.said.added", made.Name)}, nil
		case fault.Is(err, fault.Conflict):
			problems = []fault.Problem{{Field: "id", Message: r.Words.Say(err)}}
		case fault.Is(err, fault.Invalid):
			problems = r.Words.Problems(err)
		default:
			return ask.Answer{}, err
		}
	}
	p, err := d.newPage(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Edit.Mend(r.PostForm, problems)
	return ask.Again(p), nil
}
