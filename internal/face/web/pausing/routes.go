package pausing

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /pause", Needs: people.PostRead, Answer: d.Show},
		{Pattern: "POST /pause", Needs: people.PauseManage, Answer: d.Raise},
		{Pattern: "POST /pause/{id}/lift", Needs: people.PauseManage, Answer: d.Lift},
	}
}
