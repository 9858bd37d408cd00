package channels

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /channels", Needs: people.PostRead, Answer: d.List},
		{Pattern: "GET /connect/{network}", Needs: people.ChannelManage, Answer: d.Form},
		{Pattern: "POST /connect/{network}", Needs: people.ChannelManage, Answer: d.Connect},
		{Pattern: "GET /channels/connected", Needs: people.ChannelManage, Answer: d.Connected},
		{Pattern: "GET /channels/{id}", Needs: people.PostRead, Answer: d.Channel},
		{Pattern: "POST /channels/{id}/test", Needs: people.ChannelManage, Answer: d.Test},
		{Pattern: "POST /channels/{id}/country", Needs: people.ChannelManage, Answer: d.SetCountry},
		{Pattern: "POST /channels/{id}/labels", Needs: people.ChannelManage, Answer: d.SetLabels},
		{Pattern: "POST /channels/{id}/budget", Needs: people.ChannelManage, Answer: d.SetBudget},
		{Pattern: "POST /channels/{id}/archive", Needs: people.ChannelManage, Answer: d.Archive},
	}
}
