package members

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /account", Needs: ask.Member, Answer: d.Own},
		{Pattern: "POST /account/password", Needs: ask.Member, Answer: d.ChangePassword},
		{Pattern: "POST /account/language", Needs: ask.Member, Answer: d.ChooseLanguage},
		{Pattern: "POST /account/sessions/{session}/end", Needs: ask.Member, Answer: d.EndOne},
		{Pattern: "POST /account/others/end", Needs: ask.Member, Answer: d.EndOthers},
		{Pattern: "GET /people", Needs: people.PeopleManage, Answer: d.List},
		{Pattern: "POST /people/invitations", Needs: people.PeopleManage, Answer: d.Invite},
		{Pattern: "POST /invitations/{id}/revoke", Needs: people.PeopleManage, Answer: d.Revoke},
		{Pattern: "GET /people/{id}", Needs: people.PeopleManage, Answer: d.Person},
		{Pattern: "POST /people/{id}", Needs: people.PeopleManage, Answer: d.Save},
		{Pattern: "POST /people/{id}/disable", Needs: people.PeopleManage, Answer: d.Disable},
		{Pattern: "POST /people/{id}/enable", Needs: people.PeopleManage, Answer: d.Enable},
	}
}
