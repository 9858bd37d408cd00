package library

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /organisation", Needs: people.PostRead, Answer: d.Organisation},
		{Pattern: "POST /organisation", Needs: people.ProfileManage, Answer: d.SaveOrganisation},
		{Pattern: "GET /rules", Needs: people.PostRead, Answer: d.Rules},
	}
}
