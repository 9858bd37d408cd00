package judged

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /posts/{id}", Needs: people.PostRead, Answer: d.Post},
		{Pattern: "POST /posts/{id}/submit", Needs: people.PostSubmit, Answer: d.Submit},
		{Pattern: "POST /posts/{id}/waivers", Needs: people.FindingWaive, Answer: d.Waive},
		{Pattern: "POST /posts/{id}/answers", Needs: people.RuleAnswer, Answer: d.AnswerOnPost},
		{Pattern: "GET /review", Needs: people.PostRead, Answer: d.Queue},
		{Pattern: "GET /review/{id}", Needs: people.PostRead, Answer: d.Card},
		{Pattern: "POST /review/{id}/answers", Needs: people.RuleAnswer, Answer: d.AnswerOnCard},
		{Pattern: "POST /review/{id}/approve", Needs: people.PostRead, Answer: d.Approve}, // where the policy says so, an author may, too
		{Pattern: "POST /review/{id}/changes", Needs: people.PostApprove, Answer: d.AskChanges},
		{Pattern: "POST /review/{id}/withdraw", Needs: people.PostHold, Answer: d.Withdraw},
		{Pattern: "POST /review/{id}/hold", Needs: people.PostHold, Answer: d.Hold},
		{Pattern: "POST /review/{id}/lift", Needs: people.PostApprove, Answer: d.Lift},
	}
}
