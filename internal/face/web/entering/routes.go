package entering

import (
	"daymark/internal/face/web/ask"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /login", Needs: ask.Anyone, Answer: d.LogInPage},
		{Pattern: "POST /login", Needs: ask.Anyone, Answer: d.LogIn},
		{Pattern: "POST /logout", Needs: ask.Anyone, Answer: d.LogOut},
		{Pattern: "GET /forgotten", Needs: ask.Anyone, Answer: d.ForgottenPage},
		{Pattern: "POST /forgotten", Needs: ask.Anyone, Answer: d.Forgotten},
		{Pattern: "GET /reset/{token}", Needs: ask.Anyone, Answer: d.ResetPage},
		{Pattern: "POST /reset/{token}", Needs: ask.Anyone, Answer: d.Reset},
		{Pattern: "GET /invitation/{token}", Needs: ask.Anyone, Answer: d.InvitationPage},
		{Pattern: "POST /invitation/{token}", Needs: ask.Anyone, Answer: d.TakeInvitation},
		{Pattern: "GET /first-run", Needs: ask.Anyone, Answer: d.FirstRunPage},
		{Pattern: "POST /first-run", Needs: ask.Anyone, Answer: d.FirstRun},
	}
}
