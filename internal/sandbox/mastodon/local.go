package mastodon

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"time"

	"daymark/internal/sandbox"
	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mastodon/api"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/oauth"
	"daymark/internal/sandbox/mastodon/page"
	"daymark/internal/sandbox/mastodon/request"
	"daymark/internal/sandbox/mischief"
)

// localRoutes adds what a real server does not have, or not like this: switches under /sandbox/, pages and pictures.
func (s *Server) localRoutes(mux *http.ServeMux) {
	guarded := http.NewServeMux()
	guarded.HandleFunc("GET /sandbox/state", s.showState)
	guarded.HandleFunc("GET /sandbox/requests", func(w http.ResponseWriter, _ *http.Request) {
		request.WriteJSON(w, http.StatusOK, s.diary.Summary())
	})
	guarded.HandleFunc("GET /sandbox/faults", s.showFaults)
	guarded.HandleFunc("POST /sandbox/faults", s.addFaults)
	guarded.HandleFunc("DELETE /sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		s.plan.Clear()
		s.showFaults(w, r)
	})
	guarded.HandleFunc("POST /sandbox/react", s.react)
	guarded.HandleFunc("POST /sandbox/token", s.giveToken)
	decision := route{"POST /oauth/authorize", anyone, "", append([]string{"account", "deny"}, oauth.ConsentParams...), s.decide}
	guarded.HandleFunc(decision.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, decision) })
	// A page elsewhere, open in a browser on this machine, must not reach the switches either.
	inner := http.NewCrossOriginProtection().Handler(guarded)
	fromHere := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !sandbox.FromHere(r.RemoteAddr) || !localName(r.Host) {
			request.No(http.StatusForbidden, "the sandbox's switches answer this machine only").Write(w)
			return
		}
		inner.ServeHTTP(w, r)
	})
	mux.Handle("/sandbox/", fromHere)
	mux.Handle("POST /oauth/authorize", fromHere)
	mux.HandleFunc("GET /media/{file}", s.api.File)
	pages := &page.Pages{Title: s.opts.Title, View: s.view}
	mux.HandleFunc("GET /avatars/{file}", pages.Avatar)
	mux.HandleFunc("/", pages.Serve)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { api.NotFound().Write(w) })
}

// localName reports whether a Host header names this machine, which a rebound domain name does not.
func localName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// State is the answer of GET /sandbox/state.
type State struct {
	Now      time.Time     `json:"now"` // product time
	Statuses []StatusState `json:"statuses"`
	Requests diary.Summary `json:"requests"`
}

// StatusState is one status as it is kept, newest first; boosts are left out.
type StatusState struct {
	ID          string       `json:"id"`
	URL         string       `json:"url"`
	Account     string       `json:"account"`
	Text        string       `json:"text"`
	SpoilerText string       `json:"spoiler_text"`
	Visibility  string       `json:"visibility"`
	Language    string       `json:"language"`
	Sensitive   bool         `json:"sensitive"`
	InReplyTo   string       `json:"in_reply_to_id"`
	CreatedAt   time.Time    `json:"created_at"`
	Key         string       `json:"idempotency_key"`
	Favourites  int          `json:"favourites"`
	Reblogs     int          `json:"reblogs"`
	Replies     int          `json:"replies"`
	Media       []MediaState `json:"media"`
}

// MediaState is one picture of a status.
type MediaState struct {
	ID          string  `json:"id"`
	SHA256      string  `json:"sha256"`
	MIME        string  `json:"mime"`
	Description string  `json:"description"`
	FocusX      float64 `json:"focus_x"`
	FocusY      float64 `json:"focus_y"`
}

// State returns all that was posted, as it would be answered by GET /sandbox/state.
func (s *Server) State() State {
	view := s.maker.At(s.opts.Clock.Now(), s.BaseURL())
	out := State{Now: view.Now, Statuses: []StatusState{}, Requests: s.diary.Summary()}
	for _, st := range s.ledger.Statuses("") {
		if st.ReblogOf != "" {
			continue
		}
		counts := view.Counts(st)
		state := StatusState{
			ID: st.ID, URL: view.StatusURL(st), Account: st.Account, Text: st.Text, SpoilerText: st.Note, Visibility: st.Visibility, Language: st.Language,
			Sensitive: st.Sensitive, InReplyTo: st.InReplyTo, CreatedAt: st.CreatedAt, Key: st.Key,
			Favourites: counts.Favourites, Reblogs: counts.Reblogs, Replies: counts.Replies, Media: []MediaState{},
		}
		for _, id := range st.Media {
			m, _ := s.ledger.Media(id)
			state.Media = append(state.Media, MediaState{m.ID, m.SHA256, m.MIME, m.Description, m.FocusX, m.FocusY})
		}
		out.Statuses = append(out.Statuses, state)
	}
	return out
}

func (s *Server) showState(w http.ResponseWriter, _ *http.Request) {
	request.WriteJSON(w, http.StatusOK, s.State())
}

func (s *Server) showFaults(w http.ResponseWriter, _ *http.Request) {
	request.WriteJSON(w, http.StatusOK, map[string]any{"faults": s.plan.Remaining(), "late": s.plan.Late()})
}

// addFaults plans one fault, or a list of them.
func (s *Server) addFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if !decode(w, r, &raw) {
		return
	}
	var list []mischief.Fault
	if raw[0] != '[' {
		raw = append(append(json.RawMessage{'['}, raw...), ']')
	}
	if err := strict(raw, &list); err != nil {
		request.No(http.StatusUnprocessableEntity, "not a fault: %v", err).Write(w)
		return
	}
	if err := s.plan.Add(list...); err != nil {
		request.No(http.StatusUnprocessableEntity, "%v", err).Write(w)
		return
	}
	s.showFaults(w, r)
}

// React adds reactions to a status by hand.
func (s *Server) React(id string, more ledger.Reactions) error { return s.api.React(id, more) }

func (s *Server) react(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Status string `json:"status"`
		ledger.Reactions
	}
	if !decode(w, r, &asked) {
		return
	}
	if err := s.React(asked.Status, asked.Reactions); err != nil {
		request.No(http.StatusUnprocessableEntity, "%v", err).Write(w)
		return
	}
	s.showState(w, r)
}

func (s *Server) giveToken(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Account string   `json:"account"`
		Scopes  []string `json:"scopes"`
	}
	if !decode(w, r, &asked) {
		return
	}
	token := s.Token(asked.Account, asked.Scopes...)
	if token == "" {
		request.No(http.StatusUnprocessableEntity, "account %q is not one of this sandbox", asked.Account).Write(w)
		return
	}
	request.WriteJSON(w, http.StatusOK, map[string]string{"access_token": token, "token_type": "Bearer"})
}

// decode reads one JSON value from a body, strictly; otherwise it answers with the reason.
func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		request.No(http.StatusBadRequest, "the body is not the JSON this needs: %v", err).Write(w)
		return false
	}
	return true
}

// strict reads JSON and refuses fields it does not know.
func strict(raw []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}
