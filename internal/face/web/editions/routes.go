package editions

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "POST /campaigns/{id}/submit", Needs: people.PostSubmit, Answer: d.Submit},
		{Pattern: "GET /year", Needs: people.PostRead, Answer: d.Year},
		{Pattern: "GET /year/{year}", Needs: people.PostRead, Answer: d.Year},
		{Pattern: "POST /year/{year}/dates", Needs: people.PlanMake, Answer: d.EnterDates},
		{Pattern: "GET /editions/{id}", Needs: people.PostRead, Answer: d.Edition},
		{Pattern: "POST /editions/{id}/plan", Needs: people.PlanMake, Answer: d.PlanAgain},
		{Pattern: "POST /editions/{id}/theme", Needs: people.PostWrite, Answer: d.SetTheme},
		{Pattern: "POST /editions/{id}/dates", Needs: people.PlanMake, Answer: d.SetDates},
		{Pattern: "POST /editions/{id}/tasks/{task}", Needs: people.PostEdit, Answer: d.MarkTask},
		{Pattern: "GET /offers/{id}", Needs: people.PostRead, Answer: d.Offer},
		{Pattern: "POST /offers/{id}/accept", Needs: people.PostWrite, Answer: d.TakeOffer},
		{Pattern: "POST /offers/{id}/keep", Needs: people.PostWrite, Answer: d.KeepOurs},
	}
}
