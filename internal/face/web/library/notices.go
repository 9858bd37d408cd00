package library

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/planned"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"
)

// shownNotices is how many open matters the page lists.
const shownNotices = 200

// noticesPage lists what the team was told and nobody has seen to.
type noticesPage struct {
	page.Frame
	Matters []page.Matter
	Capped  bool // there are more
}

// Notices answers with the open matters.
func (d Desk) Notices(r ask.Request) (ask.Answer, error) {
	list, err := notice.OpenFor(r.Context(), d.db, r.Person.ID, shownNotices+1)
	if err != nil {
		return ask.Answer{}, err
	}
	p := &noticesPage{Frame: page.Frame{Template: "notices", Title: r.Words.T("lib.notices.title"), Door: "home"}, Capped: len(list) > shownNotices}
	for _, n := range list[:min(len(list), shownNotices)] {
		p.Matters = append(p.Matters, planned.Matter(r.Viewer, n, "notices"))
	}
	return ask.Shown(p), nil
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
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return notice.Done(r.Context(), tx, id, r.Person, r.Now) }); err != nil {
		return ask.Answer{}, err
	}
	to := "/"
	if r.PostForm.Get("back") == "notices" {
		to = "/notices"
	}
	return ask.Answer{To: to, Said: r.Words.T("lib.notice.said")}, nil
}
