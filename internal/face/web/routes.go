package web

import (
	"net/http"

	"daymark/internal/org/people"
)

// Two needs beside the permissions of people: a route for everybody, and one for everybody who has logged in.
const (
	anyone people.Permission = "anyone"
	member people.Permission = "member"
)

// handler answers a request or returns what went wrong.
type handler func(w http.ResponseWriter, r *request) error

// route is one line of the table: what is asked, who may ask it, who answers.
type route struct {
	pattern string
	needs   people.Permission
	handle  handler
}

// routes is every page and every form of Daymark. A test asks each of them as each role.
func (s *server) routes() []route {
	return []route{
		{"GET /login", anyone, s.at(s.entering.LogInPage)},
		{"POST /login", anyone, s.at(s.entering.LogIn)},
		{"POST /logout", anyone, s.at(s.entering.LogOut)},
		{"GET /login/code", anyone, s.at(s.signing.Code)},
		{"POST /login/code", anyone, s.at(s.signing.TakeCode)},
		{"POST /login/passkey/begin", anyone, s.at(s.signing.LogInWithPasskey)},
		{"POST /login/passkey", anyone, s.at(s.signing.TakePasskey)},
		{"GET /login/provider", anyone, s.at(s.signing.GoToProvider)},
		{"GET /login/provider/back", anyone, s.at(s.signing.BackFromProvider)},
		{"GET /forgotten", anyone, s.at(s.entering.ForgottenPage)},
		{"POST /forgotten", anyone, s.at(s.entering.Forgotten)},
		{"GET /reset/{token}", anyone, s.at(s.entering.ResetPage)},
		{"POST /reset/{token}", anyone, s.at(s.entering.Reset)},
		{"GET /invitation/{token}", anyone, s.at(s.entering.InvitationPage)},
		{"POST /invitation/{token}", anyone, s.at(s.entering.TakeInvitation)},
		{"GET /first-run", anyone, s.at(s.entering.FirstRunPage)},
		{"POST /first-run", anyone, s.at(s.entering.FirstRun)},

		{"GET /{$}", member, s.home},
		{"GET /more", member, s.more},
		{"GET /sign-in", member, s.at(s.signing.Own)},
		{"POST /sign-in/codes/begin", member, s.at(s.signing.BeginCodes)},
		{"GET /sign-in/codes", member, s.at(s.signing.SetUp)},
		{"POST /sign-in/codes", member, s.at(s.signing.ConfirmCodes)},
		{"POST /sign-in/codes/renew", member, s.at(s.signing.RenewRecovery)},
		{"POST /sign-in/codes/off", member, s.at(s.signing.TurnOffCodes)},
		{"POST /sign-in/passkeys/begin", member, s.at(s.signing.MakePasskey)},
		{"POST /sign-in/passkeys", member, s.at(s.signing.AddPasskey)},
		{"POST /sign-in/passkeys/{passkey}/name", member, s.at(s.signing.RenamePasskey)},
		{"POST /sign-in/passkeys/{passkey}/remove", member, s.at(s.signing.RemovePasskey)},
		{"POST /sign-in/rule", people.PeopleManage, s.at(s.signing.SetRule)},
		{"GET /account", member, s.at(s.members.Own)},
		{"POST /account/password", member, s.at(s.members.ChangePassword)},
		{"POST /account/sessions/{session}/end", member, s.at(s.members.EndOne)},
		{"POST /account/others/end", member, s.at(s.members.EndOthers)},
		{"GET /people", people.PeopleManage, s.at(s.members.List)},
		{"POST /people/invitations", people.PeopleManage, s.at(s.members.Invite)},
		{"POST /invitations/{id}/revoke", people.PeopleManage, s.at(s.members.Revoke)},
		{"GET /people/{id}", people.PeopleManage, s.at(s.members.Person)},
		{"POST /people/{id}", people.PeopleManage, s.at(s.members.Save)},
		{"POST /people/{id}/disable", people.PeopleManage, s.at(s.members.Disable)},
		{"POST /people/{id}/enable", people.PeopleManage, s.at(s.members.Enable)},
		{"POST /people/{id}/codes/off", people.PeopleManage, s.at(s.signing.ForgetCodes)},
		{"GET /calendar", people.PostRead, s.calendar},
		{"GET /campaigns", people.PostRead, s.campaigns},
		{"POST /campaigns/{id}/submit", people.PostSubmit, s.at(s.editions.Submit)},
		{"GET /year", people.PostRead, s.at(s.editions.Year)},
		{"GET /year/{year}", people.PostRead, s.at(s.editions.Year)},
		{"POST /year/{year}/dates", people.PlanMake, s.at(s.editions.EnterDates)},
		{"GET /editions/{id}", people.PostRead, s.at(s.editions.Edition)},
		{"POST /editions/{id}/plan", people.PlanMake, s.at(s.editions.PlanAgain)},
		{"POST /editions/{id}/theme", people.PostWrite, s.at(s.editions.SetTheme)},
		{"POST /editions/{id}/dates", people.PlanMake, s.at(s.editions.SetDates)},
		{"POST /editions/{id}/tasks/{task}", people.PostEdit, s.at(s.editions.MarkTask)},
		{"GET /offers/{id}", people.PostRead, s.at(s.editions.Offer)},
		{"POST /offers/{id}/accept", people.PostWrite, s.at(s.editions.TakeOffer)},
		{"POST /offers/{id}/keep", people.PostWrite, s.at(s.editions.KeepOurs)},
		{"GET /posts/{id}", people.PostRead, s.at(s.judged.Post)},
		{"POST /posts/{id}/submit", people.PostSubmit, s.at(s.judged.Submit)},
		{"GET /posts/{id}/takedown", people.TakeDown, s.at(s.takingdown.Post)},
		{"POST /posts/{id}/takedown", people.TakeDown, s.at(s.takingdown.BeginPost)},
		{"GET /editions/{id}/takedown", people.TakeDown, s.at(s.takingdown.Edition)},
		{"POST /editions/{id}/takedown", people.TakeDown, s.at(s.takingdown.BeginEdition)},
		{"GET /helplines/{id}/takedown", people.TakeDown, s.at(s.takingdown.Helpline)},
		{"POST /helplines/{id}/takedown", people.TakeDown, s.at(s.takingdown.BeginHelpline)},
		{"GET /pictures/{sha256}/takedown", people.TakeDown, s.at(s.takingdown.Picture)},
		{"POST /pictures/{sha256}/takedown", people.TakeDown, s.at(s.takingdown.BeginPicture)},
		{"GET /takedowns/{id}", people.PostRead, s.at(s.takingdown.Result)},
		{"POST /takedowns/{id}/copies/{delivery}/{part}", people.TakeDown, s.at(s.takingdown.ByHand)},
		{"GET /compose", people.PostWrite, s.at(s.composing.Compose)},
		{"POST /compose", people.PostWrite, s.at(s.composing.Write)},
		{"GET /posts/{id}/words", people.PostEdit, s.at(s.composing.Words)},
		{"POST /posts/{id}/words", people.PostEdit, s.at(s.composing.Rewrite)},
		{"GET /posts/{id}/correct", people.PostWrite, s.at(s.composing.Correction)},
		{"POST /posts/{id}/correct", people.PostWrite, s.at(s.composing.Correct)},
		{"GET /posts/{id}/now", people.PostWrite, s.at(s.composing.Now)},
		{"POST /posts/{id}/now", people.PostWrite, s.at(s.composing.Hurry)},
		{"POST /posts/{id}/waivers", people.FindingWaive, s.at(s.judged.Waive)},
		{"POST /posts/{id}/answers", people.RuleAnswer, s.at(s.judged.AnswerOnPost)},
		{"GET /review", people.PostRead, s.at(s.judged.Queue)},
		{"GET /review/{id}", people.PostRead, s.at(s.judged.Card)},
		{"POST /review/{id}/answers", people.RuleAnswer, s.at(s.judged.AnswerOnCard)},
		{"POST /review/{id}/approve", people.PostRead, s.at(s.judged.Approve)}, // where the policy says so, an author may, too
		{"POST /review/{id}/changes", people.PostApprove, s.at(s.judged.AskChanges)},
		{"POST /review/{id}/withdraw", people.PostHold, s.at(s.judged.Withdraw)},
		{"POST /review/{id}/hold", people.PostHold, s.at(s.judged.Hold)},
		{"POST /review/{id}/lift", people.PostApprove, s.at(s.judged.Lift)},
		{"GET /review/{id}/links", people.OutsideName, s.at(s.linked.Links)},
		{"POST /review/{id}/links", people.OutsideName, s.at(s.linked.Make)},
		{"POST /review/{id}/links/{link}/revoke", people.OutsideName, s.at(s.linked.Revoke)},
		{"GET /outside", people.OutsideName, s.at(s.linked.Reviewers)},
		{"POST /outside", people.OutsideName, s.at(s.linked.Name)},
		{"POST /outside/{id}/safeguard", people.PeopleManage, s.at(s.linked.Safeguard)},
		{"POST /outside/{id}/remove", people.OutsideName, s.at(s.linked.Remove)},
		{"GET /policy", people.PostRead, s.at(s.policies.Show)},
		{"POST /policy", people.PolicyManage, s.at(s.policies.Save)},
		{"POST /policy/{campaign}/{kind}/remove", people.PolicyManage, s.at(s.policies.Remove)},
		{"GET /decisions", people.PostRead, s.at(s.deciding.Decisions)},
		{"GET /deliveries/{id}/by-hand", people.PostRead, s.at(s.deciding.Hand)},
		{"POST /deliveries/{id}/live", people.PostDecide, s.at(s.deciding.Live)},
		{"POST /deliveries/{id}/again", people.PostDecide, s.at(s.deciding.Again)},
		{"POST /deliveries/{id}/time", people.PostDecide, s.at(s.deciding.Time)},
		{"POST /deliveries/{id}/leave-out", people.PostDecide, s.at(s.deciding.LeaveOut)},
		{"POST /posts/{id}/time", people.PostDecide, s.at(s.deciding.TimeAll)},
		{"POST /posts/{id}/leave-out", people.PostDecide, s.at(s.deciding.LeaveOutAll)},
		{"POST /posts/{id}/preflight", people.PostSubmit, s.at(s.outlook.AskPost)},
		{"POST /editions/{id}/preflight", people.PostSubmit, s.at(s.outlook.AskEdition)},
		{"GET /punctuality", people.PostRead, s.at(s.outlook.Punctuality)},
		{"GET /published", people.PostRead, s.published},
		{"GET /reach", people.ReachRead, s.reach},
		{"GET /reach/{id}", people.ReachRead, s.reach},
		{"GET /channels", people.PostRead, s.at(s.channels.List)},
		{"GET /connect/{network}", people.ChannelManage, s.at(s.channels.Form)},
		{"POST /connect/{network}", people.ChannelManage, s.at(s.channels.Connect)},
		{"GET /channels/connected", people.ChannelManage, s.at(s.channels.Connected)},
		{"GET /channels/{id}", people.PostRead, s.at(s.channels.Channel)},
		{"POST /channels/{id}/test", people.ChannelManage, s.at(s.channels.Test)},
		{"POST /channels/{id}/country", people.ChannelManage, s.at(s.channels.SetCountry)},
		{"POST /channels/{id}/budget", people.ChannelManage, s.at(s.channels.SetBudget)},
		{"POST /channels/{id}/archive", people.ChannelManage, s.at(s.channels.Archive)},
		{"GET /facts", people.PostRead, s.at(s.facts.List)},
		{"GET /facts/{id}", people.PostRead, s.at(s.facts.Fact)},
		{"GET /new/fact", people.FactEdit, s.at(s.facts.New)},
		{"POST /facts", people.FactEdit, s.at(s.facts.Add)},
		{"POST /facts/{id}", people.FactEdit, s.at(s.facts.Save)},
		{"POST /facts/{id}/checked", people.FactEdit, s.at(s.facts.Looked)},
		{"GET /helplines", people.PostRead, s.at(s.helplines.List)},
		{"GET /helplines/{id}", people.PostRead, s.at(s.helplines.Helpline)},
		{"GET /new/helpline", people.HelplineEdit, s.at(s.helplines.New)},
		{"POST /helplines", people.HelplineEdit, s.at(s.helplines.Add)},
		{"POST /helplines/{id}", people.HelplineEdit, s.at(s.helplines.Save)},
		{"POST /helplines/{id}/check", people.HelplineCheck, s.at(s.helplines.Check)},
		{"POST /helplines/{id}/hold", people.HelplineCheck, s.at(s.helplines.Hold)},
		{"POST /helplines/{id}/retire", people.HelplineEdit, s.at(s.helplines.Retire)},
		{"GET /organisation", people.PostRead, s.at(s.library.Organisation)},
		{"POST /organisation", people.ProfileManage, s.at(s.library.SaveOrganisation)},
		{"GET /rules", people.PostRead, s.at(s.library.Rules)},
		{"GET /notices", people.PostRead, s.at(s.library.Notices)},
		{"POST /notices/{id}/done", people.PostRead, s.at(s.library.Done)},
		{"GET /you/mail", member, s.at(s.told.Show)},
		{"POST /you/mail", member, s.at(s.told.Save)},
		{"POST /you/mail/again", member, s.at(s.told.Again)},
		{"GET /pause", people.PostRead, s.at(s.pausing.Show)},
		{"POST /pause", people.PauseManage, s.at(s.pausing.Raise)},
		{"POST /pause/{id}/lift", people.PauseManage, s.at(s.pausing.Lift)},
		{"GET /pause/{id}/review", people.PostRead, s.at(s.deciding.Paused)},
		{"POST /pause/{id}/time", people.PostDecide, s.at(s.deciding.PausedTime)},
		{"POST /pause/{id}/leave-out", people.PostDecide, s.at(s.deciding.PausedLeaveOut)},
		{"GET /audit", people.AuditRead, s.at(s.logbook.List)},
		{"GET /audit/export", people.AuditRead, s.exportLog},
		{"GET /posts/{id}/history", people.PostRead, s.at(s.logbook.History)},
		{"GET /media/{sha256}", people.PostRead, s.media},
		{"/", member, s.nothing},
	}
}

func (s *server) router() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.admit(r))
	}
	return mux
}
