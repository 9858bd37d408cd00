package reporting

import (
	"daymark/internal/face/report/letter"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/reach/digest"
	"daymark/internal/postgres"
)

// lettersPage is where a person chooses letters about the figures.
type lettersPage struct {
	page.Frame
	Limited bool // there are none for them
	Kinds   []page.Option
}

// Letters answers with what a person gets.
func (d Desk) Letters(r ask.Request) (ask.Answer, error) {
	p := &lettersPage{Frame: page.Frame{Template: "digests", Title: r.Words.T("digest.title"), Door: "mail"}, Limited: !digest.May(r.Person)}
	wishes, err := digest.Of(r.Context(), d.db, r.Person)
	if err != nil {
		return ask.Answer{}, err
	}
	for _, kind := range digest.Kinds() {
		p.Kinds = append(p.Kinds, page.Option{Value: string(kind), Word: r.Words.T("digest." + string(kind)), Chosen: wishes[kind].Wanted})
	}
	return ask.Shown(p), nil
}

// Choose keeps what a person wants.
func (d Desk) Choose(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	var wanted []digest.Kind
	for _, kind := range r.PostForm["kind"] {
		wanted = append(wanted, digest.Kind(kind))
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return digest.Choose(r.Context(), tx, r.Person, wanted) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: letter.Settings, Said: r.Words.T("digest.saved")}, nil
}
