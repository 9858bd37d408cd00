package editing

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /new/post", Needs: people.PostWrite, Answer: d.Edit},
		{Pattern: "POST /new/post", Needs: people.PostWrite, Answer: d.Save},
		{Pattern: "POST /new/post/look", Needs: people.PostWrite, Answer: d.Look},
		{Pattern: "POST /new/post/keep", Needs: people.PostWrite, Answer: d.Keep},
		{Pattern: "GET /posts/{id}/edit", Needs: people.PostEdit, Answer: d.Edit},
		{Pattern: "POST /posts/{id}/edit", Needs: people.PostEdit, Answer: d.Save},
		{Pattern: "POST /posts/{id}/edit/look", Needs: people.PostEdit, Answer: d.Look},
		{Pattern: "POST /posts/{id}/edit/keep", Needs: people.PostEdit, Answer: d.Keep},
	}
}
