package told

import (
	"daymark/internal/face/web/ask"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /you/mail", Needs: ask.Member, Answer: d.Show},
		{Pattern: "POST /you/mail", Needs: ask.Member, Answer: d.Save},
		{Pattern: "POST /you/mail/again", Needs: ask.Member, Answer: d.Again},
	}
}
