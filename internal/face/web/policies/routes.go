package policies

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /policy", Needs: people.PostRead, Answer: d.Show},
		{Pattern: "POST /policy", Needs: people.PolicyManage, Answer: d.Save},
		{Pattern: "POST /policy/{campaign}/{kind}/remove", Needs: people.PolicyManage, Answer: d.Remove},
	}
}
