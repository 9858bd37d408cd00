package outlook

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "POST /posts/{id}/preflight", Needs: people.PostSubmit, Answer: d.AskPost},
		{Pattern: "POST /editions/{id}/preflight", Needs: people.PostSubmit, Answer: d.AskEdition},
		{Pattern: "GET /punctuality", Needs: people.PostRead, Answer: d.Punctuality},
	}
}
