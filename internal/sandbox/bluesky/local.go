package bluesky

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"daymark/internal/sandbox"
	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
	"daymark/internal/sandbox/bluesky/method"
	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mischief"
)

// localRoutes adds what a real server does not have, or not like this: switches under /sandbox/, pages and pictures.
func (s *Server) localRoutes(mux *http.ServeMux) {
	guarded := http.NewServeMux()
	guarded.HandleFunc("GET /sandbox/state", s.showState)
	guarded.HandleFunc("GET /sandbox/requests", func(w http.ResponseWriter, _ *http.Request) {
		method.WriteJSON(w, http.StatusOK, s.diary.Summary())
	})
	guarded.HandleFunc("GET /sandbox/faults", s.showFaults)
	guarded.HandleFunc("POST /sandbox/faults", s.addFaults)
	guarded.HandleFunc("DELETE /sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		s.plan.Clear()
		s.showFaults(w, r)
	})
	guarded.HandleFunc("POST /sandbox/react", s.react)
	guarded.HandleFunc("POST /sandbox/session", s.giveSession)
	// A page elsewhere, open in a browser on this machine, must not reach the switches either.
	inner := http.NewCrossOriginProtection().Handler(guarded)
	mux.HandleFunc("/sandbox/", func(w http.ResponseWriter, r *http.Request) {
		if !sandbox.FromHere(r.RemoteAddr) || !localName(r.Host) {
			method.Refuse(w, lexicon.No(http.StatusForbidden, "Forbidden", "the sandbox's switches answer this machine only"))
			return
		}
		inner.ServeHTTP(w, r)
	})
	mux.HandleFunc("/", s.pages.Serve)
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
	Posts    []PostState   `json:"posts"`
	Requests diary.Summary `json:"requests"`
}

// PostState is one post as it is kept, newest first.
type PostState struct {
	URI       string       `json:"uri"`
	CID       string       `json:"cid"`
	URL       string       `json:"url"` // of the sandbox's page
	Key       string       `json:"rkey"`
	Account   string       `json:"account"` // its handle
	Text      string       `json:"text"`
	Langs     []string     `json:"langs"`
	Labels    []string     `json:"labels"`
	Links     []string     `json:"links"` // marked in the text
	Tags      []string     `json:"tags"`
	Mentions  []string     `json:"mentions"`
	Card      string       `json:"card"` // the link of the card, empty without one
	ReplyTo   string       `json:"reply_to"`
	Root      string       `json:"root"`
	CreatedAt string       `json:"created_at"`
	Likes     int          `json:"likes"`
	Reposts   int          `json:"reposts"`
	Replies   int          `json:"replies"`
	Images    []ImageState `json:"images"`
}

// ImageState is one picture of a post.
type ImageState struct {
	CID    string `json:"cid"`
	MIME   string `json:"mime"`
	Alt    string `json:"alt"`
	Size   int    `json:"size"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// State returns all that was posted, as it would be answered by GET /sandbox/state.
func (s *Server) State() State {
	out := State{Now: s.opts.Clock.Now(), Posts: []PostState{}, Requests: s.diary.Summary()}
	for _, r := range s.ledger.Records("", lexicon.Post) {
		out.Posts = append(out.Posts, s.postState(r, out.Now))
	}
	return out
}

func (s *Server) postState(r ledger.Record, now time.Time) PostState {
	v := method.ReadPost(r.Value)
	owner, _ := s.methods.Find(r.DID)
	counts := s.methods.Counts(r, now)
	p := PostState{
		URI: r.URI(), CID: r.CID, URL: s.BaseURL() + "/profile/" + r.DID + "/post/" + r.Key, Key: r.Key, Account: owner.Handle,
		Text: v.Text, Langs: v.Langs, Card: v.Embed.External.URI, ReplyTo: v.Reply.Parent.URI, Root: v.Reply.Root.URI, CreatedAt: v.CreatedAt,
		Likes: counts.Favourites, Reposts: counts.Reblogs, Replies: counts.Replies, Images: []ImageState{},
	}
	for _, l := range v.Labels.Values {
		p.Labels = append(p.Labels, l.Val)
	}
	for _, f := range v.Facets {
		for _, feature := range f.Features {
			switch {
			case feature.URI != "":
				p.Links = append(p.Links, feature.URI)
			case feature.Tag != "":
				p.Tags = append(p.Tags, feature.Tag)
			case feature.DID != "":
				p.Mentions = append(p.Mentions, feature.DID)
			}
		}
	}
	for _, img := range v.Embed.Images {
		b, _ := s.ledger.Blob(r.DID, img.Image.Ref.Link)
		p.Images = append(p.Images, ImageState{b.CID, b.MIME, img.Alt, b.Size, b.Width, b.Height})
	}
	return p
}

func (s *Server) showState(w http.ResponseWriter, _ *http.Request) {
	method.WriteJSON(w, http.StatusOK, s.State())
}

func (s *Server) showFaults(w http.ResponseWriter, _ *http.Request) {
	method.WriteJSON(w, http.StatusOK, map[string]any{"faults": s.plan.Remaining(), "late": s.plan.Late()})
}

// addFaults plans one fault, or a list of them.
func (s *Server) addFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if !decode(w, r, &raw) {
		return
	}
	if raw[0] != '[' {
		raw = append(append(json.RawMessage{'['}, raw...), ']')
	}
	var list []mischief.Fault
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&list)
	if err == nil {
		err = s.plan.Add(list...)
	}
	if err != nil {
		method.Refuse(w, lexicon.No(http.StatusUnprocessableEntity, "InvalidRequest", "not a fault: %v", err))
		return
	}
	s.showFaults(w, r)
}

// React lets an account like or repost a post, by the last part of the collection's name.
func (s *Server) React(handle, how, uri string) error {
	a, _ := s.methods.Find(handle)
	c := &method.Call{Now: s.opts.Clock.Now(), Owner: a}
	return s.methods.React(c, "app.bsky.feed."+how, uri)
}

func (s *Server) react(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Account string `json:"account"`
		How     string `json:"how"` // "like" or "repost"
		Post    string `json:"post"`
	}
	if !decode(w, r, &asked) {
		return
	}
	if err := s.React(asked.Account, strings.ToLower(asked.How), asked.Post); err != nil {
		method.Refuse(w, lexicon.No(http.StatusUnprocessableEntity, "InvalidRequest", "%v", err))
		return
	}
	s.showState(w, r)
}

func (s *Server) giveSession(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Account string `json:"account"`
	}
	if !decode(w, r, &asked) {
		return
	}
	access, refresh, err := s.Session(asked.Account)
	if err != nil {
		method.Refuse(w, lexicon.No(http.StatusUnprocessableEntity, "InvalidRequest", "%v", err))
		return
	}
	method.WriteJSON(w, http.StatusOK, map[string]string{"accessJwt": access, "refreshJwt": refresh})
}

// decode reads one JSON value from a body, strictly; otherwise it answers with the reason.
func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		method.Refuse(w, lexicon.No(http.StatusBadRequest, "InvalidRequest", "the body is not the JSON this needs: %v", err))
		return false
	}
	return true
}
