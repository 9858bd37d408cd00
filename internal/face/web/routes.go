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
		{"GET /login", anyone, s.logInPage},
		{"POST /login", anyone, s.logIn},
		{"POST /logout", anyone, s.logOut},
		{"GET /first-run", anyone, s.firstRunPage},
		{"POST /first-run", anyone, s.firstRun},

		{"GET /{$}", member, s.home},
		{"GET /more", member, s.more},
		{"GET /calendar", people.PostRead, s.calendar},
		{"GET /campaigns", people.PostRead, s.campaigns},
		{"POST /campaigns/{id}/submit", people.PostSubmit, s.at(s.editions.Submit)},
		{"GET /year", people.PostRead, s.at(s.editions.Year)},
		{"GET /year/{year}", people.PostRead, s.at(s.editions.Year)},
		{"POST /year/{year}/dates", people.PlanMake, s.at(s.editions.EnterDates)},
		{"GET /editions/{id}", people.PostRead, s.at(s.editions.Edition)},
		{"POST /editions/{id}/plan", people.PlanMake, s.at(s.editions.PlanAgain)},
		{"POST /editions/{id}/theme", people.PostEdit, s.at(s.editions.SetTheme)},
		{"POST /editions/{id}/dates", people.PlanMake, s.at(s.editions.SetDates)},
		{"POST /editions/{id}/tasks/{task}", people.PostEdit, s.at(s.editions.MarkTask)},
		{"GET /offers/{id}", people.PostRead, s.at(s.editions.Offer)},
		{"POST /offers/{id}/accept", people.PostEdit, s.at(s.editions.TakeOffer)},
		{"POST /offers/{id}/keep", people.PostEdit, s.at(s.editions.KeepOurs)},
		{"GET /posts/{id}", people.PostRead, s.at(s.judged.Post)},
		{"POST /posts/{id}/submit", people.PostSubmit, s.at(s.judged.Submit)},
		{"POST /posts/{id}/waivers", people.FindingWaive, s.at(s.judged.Waive)},
		{"POST /posts/{id}/answers", people.RuleAnswer, s.at(s.judged.AnswerOnPost)},
		{"GET /review", people.PostRead, s.at(s.judged.Queue)},
		{"GET /review/{id}", people.PostRead, s.at(s.judged.Card)},
		{"POST /review/{id}/answers", people.RuleAnswer, s.at(s.judged.AnswerOnCard)},
		{"POST /review/{id}/approve", people.PostApprove, s.at(s.judged.Approve)},
		{"POST /review/{id}/changes", people.PostApprove, s.at(s.judged.AskChanges)},
		{"POST /review/{id}/withdraw", people.PostApprove, s.at(s.judged.Withdraw)},
		{"GET /published", people.PostRead, s.published},
		{"GET /reach", people.ReachRead, s.reach},
		{"GET /reach/{id}", people.ReachRead, s.reach},
		{"GET /channels", people.PostRead, s.channels},
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
