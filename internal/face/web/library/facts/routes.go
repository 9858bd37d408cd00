package facts

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /facts", Needs: people.PostRead, Answer: d.List},
		{Pattern: "GET /facts/{id}", Needs: people.PostRead, Answer: d.Fact},
		{Pattern: "GET /new/fact", Needs: people.FactEdit, Answer: d.New},
		{Pattern: "POST /facts", Needs: people.FactEdit, Answer: d.Add},
		{Pattern: "POST /facts/{id}", Needs: people.FactEdit, Answer: d.Save},
		{Pattern: "POST /facts/{id}/checked", Needs: people.FactEdit, Answer: d.Looked},
	}
}
