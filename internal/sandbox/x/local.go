package x

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"daymark/internal/sandbox"
	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/page"
	"daymark/internal/sandbox/x/request"
	"daymark/internal/sandbox/x/signature"
	"daymark/internal/sandbox/x/words"
)

// address returns where the server is to be reached.
func (s *Server) address(r *http.Request) string {
	if base := s.BaseURL(); base != "" {
		return base
	}
	return "http://" + r.Host
}

// localRoutes adds the three-legged flow, and what a real server does not have: switches under /sandbox/, pages and pictures.
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
	guarded.HandleFunc("GET /sandbox/switches", s.showSwitches)
	guarded.HandleFunc("POST /sandbox/switches", s.turn)
	guarded.HandleFunc("POST /sandbox/react", s.react)
	guarded.HandleFunc("POST /sandbox/keys", s.giveKeys)
	guarded.HandleFunc("POST /oauth/authorize", s.page(s.desk.Decide))
	// A page elsewhere, open in a browser on this machine, must not reach the switches either.
	inner := http.NewCrossOriginProtection().Handler(guarded)
	fromHere := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !sandbox.FromHere(r.RemoteAddr) || !localName(r.Host) {
			request.Plain(http.StatusForbidden, "the sandbox's switches answer this machine only").Write(w)
			return
		}
		inner.ServeHTTP(w, r)
	})
	mux.Handle("/sandbox/", fromHere)
	mux.Handle("POST /oauth/authorize", fromHere)
	mux.HandleFunc("GET /oauth/authorize", s.page(s.desk.Ask))
	mux.HandleFunc("POST /oauth/request_token", s.page(s.requestToken))
	mux.HandleFunc("POST /oauth/access_token", s.page(s.accessToken))
	mux.HandleFunc("GET /media/{id}", s.api.File)
	pages := &page.Pages{Title: s.opts.Title, Endpoints: s.api, Now: s.opts.Clock.Now}
	mux.HandleFunc("GET /avatars/{file}", pages.Avatar)
	mux.HandleFunc("/", pages.Serve)
	unknown := func(w http.ResponseWriter, _ *http.Request) {
		request.Old(http.StatusNotFound, 34, "Sorry, that page does not exist.").Write(w)
	}
	mux.HandleFunc("/2/", unknown)
	mux.HandleFunc("/1.1/", unknown)
}

// page turns a handler that may refuse into one that answers with the refusal.
func (s *Server) page(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			s.refuse(w, r, r.URL.Path, err)
		}
	}
}

// requestToken begins the three-legged flow. Its request is signed by the application alone.
func (s *Server) requestToken(w http.ResponseWriter, r *http.Request) error {
	old := route{pattern: "POST /1.1/oauth"}
	h, err := signature.Parse(r.Header.Get("Authorization"))
	if err != nil || h.Token != "" {
		return unauthorized(old)
	}
	form, values, err := s.formValues(w, r)
	if err != nil {
		return err
	}
	if err := s.check(r, h, form, ledger.Token{}, "", old); err != nil {
		return err
	}
	if h.Callback == "" { // RFC 5849 section 3.5 lets a client send parameters in the body as well
		h.Callback = values.Get("oauth_callback")
	}
	app, _ := s.ledger.App(h.ConsumerKey)
	return s.desk.Request(w, app, h)
}

// accessToken ends the three-legged flow.
func (s *Server) accessToken(w http.ResponseWriter, r *http.Request) error {
	old := route{pattern: "POST /1.1/oauth"}
	h, err := signature.Parse(r.Header.Get("Authorization"))
	if err != nil {
		return unauthorized(old)
	}
	form, values, err := s.formValues(w, r)
	if err != nil {
		return err
	}
	t, _ := s.ledger.Token(h.Token)
	if err := s.check(r, h, form, t, ledger.Granted, old); err != nil {
		return err
	}
	app, _ := s.ledger.App(h.ConsumerKey)
	return s.desk.Exchange(w, app, t, h, values)
}

// formValues returns a form as it was sent, which is what is signed, and what it says.
func (s *Server) formValues(w http.ResponseWriter, r *http.Request) (string, url.Values, error) {
	form, err := s.formOf(&request.Call{W: w, R: r})
	if err != nil {
		return "", nil, err
	}
	values, err := url.ParseQuery(form)
	if err != nil {
		return "", nil, request.Invalid("", form, "the form is malformed")
	}
	return form, values, nil
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
	Switches Switches      `json:"switches"`
	Posts    []PostState   `json:"posts"`
	Requests diary.Summary `json:"requests"`
}

// PostState is one post as it is kept, newest first.
type PostState struct {
	ID        string       `json:"id"`
	URL       string       `json:"url"`
	Account   string       `json:"account"`
	Text      string       `json:"text"`
	Length    int          `json:"length"` // as X counts it
	InReplyTo string       `json:"in_reply_to_tweet_id"`
	CreatedAt time.Time    `json:"created_at"`
	Likes     int          `json:"likes"`
	Reposts   int          `json:"reposts"`
	Replies   int          `json:"replies"`
	Media     []MediaState `json:"media"`
}

// MediaState is one picture of a post.
type MediaState struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
	MIME   string `json:"mime"`
	Alt    string `json:"alt"`
}

// State returns all that was posted, as it would be answered by GET /sandbox/state.
func (s *Server) State() State {
	now := s.opts.Clock.Now()
	out := State{Now: now, Switches: s.Switches(), Posts: []PostState{}, Requests: s.diary.Summary()}
	for _, p := range s.ledger.Posts("") {
		counts := s.api.Counts(p, now)
		state := PostState{
			ID: p.ID, URL: s.BaseURL() + "/" + p.Account + "/status/" + p.ID, Account: p.Account, Text: p.Text, Length: words.Length(p.Text), InReplyTo: p.InReplyTo,
			CreatedAt: p.CreatedAt, Likes: counts.Likes, Reposts: counts.Reposts, Replies: counts.Replies, Media: []MediaState{},
		}
		for _, id := range p.Media {
			m, _ := s.ledger.Media(id)
			state.Media = append(state.Media, MediaState{m.ID, m.SHA256, m.MIME, m.Alt})
		}
		out.Posts = append(out.Posts, state)
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
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		request.Plain(http.StatusUnprocessableEntity, "not a fault: "+err.Error()).Write(w)
		return
	}
	if err := s.plan.Add(list...); err != nil {
		request.Plain(http.StatusUnprocessableEntity, err.Error()).Write(w)
		return
	}
	s.showFaults(w, r)
}

func (s *Server) showSwitches(w http.ResponseWriter, _ *http.Request) {
	request.WriteJSON(w, http.StatusOK, s.Switches())
}

// turn sets the switches that are named and leaves the others.
func (s *Server) turn(w http.ResponseWriter, r *http.Request) {
	to := s.Switches()
	if !decode(w, r, &to) {
		return
	}
	s.Turn(to)
	s.showSwitches(w, r)
}

// React adds reactions to a post by hand.
func (s *Server) React(id string, more Reactions) error { return s.api.React(id, more) }

func (s *Server) react(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Post string `json:"post"`
		Reactions
	}
	if !decode(w, r, &asked) {
		return
	}
	if err := s.React(asked.Post, asked.Reactions); err != nil {
		request.Plain(http.StatusUnprocessableEntity, err.Error()).Write(w)
		return
	}
	s.showState(w, r)
}

func (s *Server) giveKeys(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Account  string `json:"account"`
		ReadOnly bool   `json:"read_only"`
	}
	if !decode(w, r, &asked) {
		return
	}
	keys, err := s.Keys(asked.Account, asked.ReadOnly)
	if err != nil {
		request.Plain(http.StatusUnprocessableEntity, err.Error()).Write(w)
		return
	}
	request.WriteJSON(w, http.StatusOK, keys)
}

// decode reads one JSON value from a body, strictly; otherwise it answers with the reason.
func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		request.Plain(http.StatusBadRequest, "the body is not the JSON this needs: "+err.Error()).Write(w)
		return false
	}
	return true
}
