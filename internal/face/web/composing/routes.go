package composing

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /compose", Needs: people.PostWrite, Answer: d.Compose},
		{Pattern: "POST /compose", Needs: people.PostWrite, Answer: d.Write},
		{Pattern: "GET /posts/{id}/words", Needs: people.PostEdit, Answer: d.Words},
		{Pattern: "POST /posts/{id}/words", Needs: people.PostEdit, Answer: d.Rewrite},
		{Pattern: "GET /posts/{id}/correct", Needs: people.PostWrite, Answer: d.Correction},
		{Pattern: "POST /posts/{id}/correct", Needs: people.PostWrite, Answer: d.Correct},
		{Pattern: "GET /posts/{id}/now", Needs: people.PostWrite, Answer: d.Now},
		{Pattern: "POST /posts/{id}/now", Needs: people.PostWrite, Answer: d.Hurry},
	}
}
