package takingdown

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /posts/{id}/takedown", Needs: people.TakeDown, Answer: d.Post},
		{Pattern: "POST /posts/{id}/takedown", Needs: people.TakeDown, Answer: d.BeginPost},
		{Pattern: "GET /editions/{id}/takedown", Needs: people.TakeDown, Answer: d.Edition},
		{Pattern: "POST /editions/{id}/takedown", Needs: people.TakeDown, Answer: d.BeginEdition},
		{Pattern: "GET /helplines/{id}/takedown", Needs: people.TakeDown, Answer: d.Helpline},
		{Pattern: "POST /helplines/{id}/takedown", Needs: people.TakeDown, Answer: d.BeginHelpline},
		{Pattern: "GET /pictures/{sha256}/takedown", Needs: people.TakeDown, Answer: d.Picture},
		{Pattern: "POST /pictures/{sha256}/takedown", Needs: people.TakeDown, Answer: d.BeginPicture},
		{Pattern: "GET /takedowns/{id}", Needs: people.PostRead, Answer: d.Result},
		{Pattern: "POST /takedowns/{id}/copies/{delivery}/{part}", Needs: people.TakeDown, Answer: d.ByHand},
	}
}
