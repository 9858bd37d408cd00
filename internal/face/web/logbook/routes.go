package logbook

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /audit", Needs: people.AuditRead, Answer: d.List},
		{Pattern: "GET /posts/{id}/history", Needs: people.PostRead, Answer: d.History},
	}
}
