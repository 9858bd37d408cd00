package results

import (
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/flow/reach/entered"
	"daymark/internal/postgres"
)

// enterForm asks for a figure: one that every charity has, or one of its own.
func enterForm(r ask.Request, edition int64) form.Form {
	t := r.Words.T
	names := []page.Option{}
	for _, name := range entered.Known() {
		names = append(names, page.Option{Value: name, Word: tabled.Name(r.Words, name)})
	}
	names = append(names, page.Option{Value: "own", Word: t("results.enter.own")})
	value := form.Line("value", t("results.enter.value"), "").Hinted(t("results.enter.value.hint"))
	value.Run = "ltr"
	return form.Form{
		ID: "enter", Action: tabled.URL(edition) + "/figures", Button: t("results.enter.send"), Groups: []form.Group{{Controls: []form.Control{
			form.Choice("figure", t("results.enter.name"), entered.Contacts, names),
			form.Line("own", t("results.enter.ownname"), "").As("name").Hinted(t("results.enter.ownname.hint")),
			value,
			form.Line("unit", t("results.enter.unit"), ""),
			form.Area("note", t("results.enter.note"), "", 2).Hinted(t("results.enter.note.hint")),
		}}},
	}
}

// Enter keeps a figure that somebody enters.
func (d Desk) Enter(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	in := entered.New{
		Name: typed.Line(r.PostForm, "figure"), Value: r.PostForm.Get("value"), Unit: r.PostForm.Get("unit"), Note: r.PostForm.Get("note"),
	}
	if in.Name == "own" || in.Name == "" {
		in.Name = typed.Line(r.PostForm, "own")
	}
	var changed bool
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		changed, err = entered.Enter(r.Context(), tx, r.Person, id, in)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		p, pageErr := d.edition(r)
		if pageErr != nil {
			return ask.Answer{}, pageErr
		}
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: tabled.URL(id) + "#entered", Said: typed.Said(r.Words, changed)}, nil
}
