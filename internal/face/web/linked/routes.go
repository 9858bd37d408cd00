package linked

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /review/{id}/links", Needs: people.OutsideName, Answer: d.Links},
		{Pattern: "POST /review/{id}/links", Needs: people.OutsideName, Answer: d.Make},
		{Pattern: "POST /review/{id}/links/{link}/revoke", Needs: people.OutsideName, Answer: d.Revoke},
		{Pattern: "GET /outside", Needs: people.OutsideName, Answer: d.Reviewers},
		{Pattern: "POST /outside", Needs: people.OutsideName, Answer: d.Name},
		{Pattern: "POST /outside/{id}/safeguard", Needs: people.PeopleManage, Answer: d.Safeguard},
		{Pattern: "POST /outside/{id}/remove", Needs: people.OutsideName, Answer: d.Remove},
	}
}
