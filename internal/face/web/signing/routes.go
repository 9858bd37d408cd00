package signing

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
)

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /login/code", Needs: ask.Anyone, Answer: d.Code},
		{Pattern: "POST /login/code", Needs: ask.Anyone, Answer: d.TakeCode},
		{Pattern: "POST /login/passkey/begin", Needs: ask.Anyone, Answer: d.LogInWithPasskey},
		{Pattern: "POST /login/passkey", Needs: ask.Anyone, Answer: d.TakePasskey},
		{Pattern: "GET /login/provider", Needs: ask.Anyone, Answer: d.GoToProvider},
		{Pattern: "GET /login/provider/back", Needs: ask.Anyone, Answer: d.BackFromProvider},
		{Pattern: "GET /sign-in", Needs: ask.Member, Answer: d.Own},
		{Pattern: "GET " + again, Needs: ask.Member, Answer: d.Again},
		{Pattern: "POST " + again, Needs: ask.Member, Answer: d.SayAgain},
		{Pattern: "POST " + again + "/passkey/begin", Needs: ask.Member, Answer: d.ShowAgain},
		{Pattern: "POST " + again + "/passkey", Needs: ask.Member, Answer: d.TakeAgain},
		{Pattern: "POST /sign-in/codes/begin", Needs: ask.Member, Answer: d.proved(d.BeginCodes)},
		{Pattern: "GET /sign-in/codes", Needs: ask.Member, Answer: d.proved(d.SetUp)},
		{Pattern: "POST /sign-in/codes", Needs: ask.Member, Answer: d.proved(d.ConfirmCodes)},
		{Pattern: "POST /sign-in/codes/renew", Needs: ask.Member, Answer: d.proved(d.RenewRecovery)},
		{Pattern: "POST /sign-in/codes/off", Needs: ask.Member, Answer: d.proved(d.TurnOffCodes)},
		{Pattern: "POST /sign-in/passkeys/begin", Needs: ask.Member, Answer: d.proved(d.MakePasskey)},
		{Pattern: "POST /sign-in/passkeys", Needs: ask.Member, Answer: d.proved(d.AddPasskey)},
		{Pattern: "POST /sign-in/passkeys/{passkey}/name", Needs: ask.Member, Answer: d.RenamePasskey},
		{Pattern: "POST /sign-in/passkeys/{passkey}/remove", Needs: ask.Member, Answer: d.proved(d.RemovePasskey)},
		{Pattern: "POST /sign-in/rule", Needs: people.PeopleManage, Answer: d.SetRule},
		{Pattern: "POST /people/{id}/codes/off", Needs: people.PeopleManage, Answer: d.proved(d.ForgetCodes)},
	}
}
