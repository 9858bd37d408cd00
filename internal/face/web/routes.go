package web

import (
	"net/http"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/consents"
	"daymark/internal/face/web/drawing"
	"daymark/internal/face/web/editing/versions"
	"daymark/internal/face/web/gallery"
	"daymark/internal/face/web/learning"
	"daymark/internal/face/web/results"
	"daymark/internal/face/web/results/brought"
	"daymark/internal/face/web/results/years"
	"daymark/internal/org/people"
)

// handler answers a request or returns what went wrong.
type handler func(w http.ResponseWriter, r *request) error

// route is one line of the table: what is asked, who may ask it, who answers.
type route struct {
	pattern string
	needs   people.Permission
	handle  handler
}

// routes is every page and every form of Daymark: those of the desks, and what needs more than an answer. A test asks each of them
// as each role.
func (s *server) routes() []route {
	all := []route{
		{"GET /more", ask.Member, s.more},
		{"GET /campaigns", people.PostRead, s.campaigns},
		{"GET /published", people.PostRead, s.published},
		{"GET /audit/export", people.AuditRead, s.exportLog},
		{"GET /media/{sha256}", people.PostRead, s.media},
		{"POST /language", ask.Anyone, s.language},
		{"/", ask.Member, s.nothing},
	}
	for _, desk := range s.desks() {
		for _, r := range desk.Routes() {
			all = append(all, route{r.Pattern, r.Needs, s.at(r.Answer)})
		}
	}
	return all
}

// desks answer the routes that end in a page or in going elsewhere.
func (s *server) desks() []ask.Desk {
	return []ask.Desk{
		s.entering, s.signing, s.members, s.told, s.editions, s.judged, s.takingdown, s.composing, s.editing, versions.New(s.DB), s.linked, s.policies, s.deciding, s.outlook,
		s.channels, s.facts, s.helplines, s.library, s.pausing, s.logbook, s.calendar, s.homing, s.notices, s.dayof, s.searching, s.importing, s.subscribing,
		s.campaigning, s.messages, learning.New(s.DB), s.reporting, consents.New(s.DB, s.Keys), results.New(s.DB), years.New(s.DB), brought.New(s.DB), drawing.New(s.DB), gallery.New(s.DB, s.Again),
	}
}

func (s *server) router() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.admit(r))
	}
	return mux
}
