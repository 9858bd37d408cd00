package helplines

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /helplines", Needs: people.PostRead, Answer: d.List},
		{Pattern: "GET /helplines/{id}", Needs: people.PostRead, Answer: d.Helpline},
		{Pattern: "GET /new/helpline", Needs: people.HelplineEdit, Answer: d.New},
		{Pattern: "POST /helplines", Needs: people.HelplineEdit, Answer: d.Add},
		{Pattern: "POST /helplines/{id}", Needs: people.HelplineEdit, Answer: d.Save},
		{Pattern: "POST /helplines/{id}/check", Needs: people.HelplineCheck, Answer: d.Check},
		{Pattern: "POST /helplines/{id}/hold", Needs: people.HelplineCheck, Answer: d.Hold},
		{Pattern: "POST /helplines/{id}/retire", Needs: people.HelplineEdit, Answer: d.Retire},
	}
}
