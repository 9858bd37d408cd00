package deciding

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /decisions", Needs: people.PostRead, Answer: d.Decisions},
		{Pattern: "GET /deliveries/{id}/by-hand", Needs: people.PostRead, Answer: d.Hand},
		{Pattern: "POST /deliveries/{id}/live", Needs: people.PostDecide, Answer: d.Live},
		{Pattern: "POST /deliveries/{id}/again", Needs: people.PostDecide, Answer: d.Again},
		{Pattern: "POST /deliveries/{id}/time", Needs: people.PostDecide, Answer: d.Time},
		{Pattern: "POST /deliveries/{id}/leave-out", Needs: people.PostDecide, Answer: d.LeaveOut},
		{Pattern: "POST /posts/{id}/time", Needs: people.PostDecide, Answer: d.TimeAll},
		{Pattern: "POST /posts/{id}/leave-out", Needs: people.PostDecide, Answer: d.LeaveOutAll},
		{Pattern: "GET /pause/{id}/review", Needs: people.PostRead, Answer: d.Paused},
		{Pattern: "POST /pause/{id}/time", Needs: people.PostDecide, Answer: d.PausedTime},
		{Pattern: "POST /pause/{id}/leave-out", Needs: people.PostDecide, Answer: d.PausedLeaveOut},
	}
}
