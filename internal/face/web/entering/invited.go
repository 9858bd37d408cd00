package entering

import (
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/org/people"
	"daymark/internal/org/people/invitation"
)

func (d Desk) invitedForm(r ask.Request, i invitation.Invitation) *sheet {
	t := r.Words.T
	return d.sheet(r, t("invited.title"), t("invited.lede", i.By, i.Email, t("role."+string(i.Access.Role))), form.Form{
		ID: "invited", Action: "/invitation/" + r.PathValue("token"), Button: t("invited.button"), Main: true, Groups: []form.Group{{Controls: []form.Control{
			form.Line("name", t("first.name"), "").Completed("name"),
			form.Exact("password", "password", t("first.password"), "").Completed("new-password").Hinted(t("first.password.hint")),
		}}},
	})
}

// InvitationPage answers with the form that takes an invitation up. Looking at it uses nothing up: mail scanners follow links.
func (d Desk) InvitationPage(r ask.Request) (ask.Answer, error) {
	i, err := invitation.Look(r.Context(), d.db, r.PathValue("token"))
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(d.invitedForm(r, i)), nil
}

// TakeInvitation adds the invited person and lets them in.
func (d Desk) TakeInvitation(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	token := r.PathValue("token")
	if !d.guard.MayLogIn(r.Request) {
		return refused(d.invitedForm(r, invitation.Invitation{})), nil
	}
	person, err := invitation.Accept(r.Context(), d.db, token, r.PostForm.Get("name"), r.PostForm.Get("password"), people.Cost{})
	if fault.Is(err, fault.Invalid) {
		i, again := invitation.Look(r.Context(), d.db, token)
		if again != nil {
			return ask.Answer{}, again
		}
		p := d.invitedForm(r, i)
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	to, err := d.ways.Arrive(r, person, "/") // the organisation may ask a second step of them
	return ask.Answer{To: to, Said: r.Words.T("invited.done", person.Name)}, err
}
