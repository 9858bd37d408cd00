package linked

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/tongue"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach/share"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/people/feed"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// Site answers whoever comes by a link.
type Site struct {
	DB      *postgres.DB
	Keys    seal.Keys // the first one seals letters
	Clock   clock.Clock
	Rules   *lint.Set // whose questions are answered
	Log     *slog.Logger
	Pages   *page.Sets
	Secure  bool // people come over https
	Notice  string
	Version string
}

// Way is one address below a link: what is asked, and who answers.
type Way struct {
	Pattern string // of [http.ServeMux]; {token} is the link's
	answer  func(Site, http.ResponseWriter, *http.Request) error
}

// Ways returns every address below a link. They are no routes of the team's pages: who comes by a link is nobody there, a log-in
// gives no right here, and reading writes no session. A test asks each of them as each role and as a stranger.
func Ways() []Way {
	const at = link.Path + "{token}"
	return []Way{
		{"GET " + at, Site.read},
		{"GET " + at + "/picture/{sha256}", Site.picture},
		{"POST " + at + "/code", Site.sendCode},
		{"POST " + at + "/enter", Site.enter},
		{"POST " + at + "/answers", Site.answer},
		{"POST " + at + "/approve", Site.approve},
		{"POST " + at + "/changes", Site.changes},
		{"POST " + at + "/hold", Site.hold},
	}
}

// Before answers what is below [link.Path], and hands the rest to next.
func (s Site) Before(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc(link.Path, s.to(Site.nowhere))
	for _, way := range Ways() {
		mux.HandleFunc(way.Pattern, s.to(way.answer))
	}
	return mux
}

// Safe returns the path of a request as it may be logged: without the token of a link, a calendar feed or a shared
// report, which lets somebody read.
func Safe(path string) string {
	if rest, ok := strings.CutPrefix(path, link.Path); ok {
		_, after, _ := strings.Cut(rest, "/")
		return link.Path + "…/" + after
	}
	for _, private := range []string{feed.Path, share.Path} {
		if strings.HasPrefix(path, private) {
			return private + "…"
		}
	}
	return path
}

// to turns what went wrong into a page. Nothing of a link's page is kept by browsers or found by search engines.
func (s Site) to(answer func(Site, http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		if err := answer(s, w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// statuses are what a browser gets for a kind of failure.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Forbidden: http.StatusForbidden, fault.Unavailable: http.StatusServiceUnavailable, fault.Internal: http.StatusInternalServerError,
}

func (s Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the visitor has gone
	}
	words, kind := s.spoken(r).Words(), fault.KindOf(err)
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		kind, err = fault.Invalid, fault.Wrap(fault.Invalid, err, "That is too long to be sent. Shorten it; nothing was changed.")
	}
	p := &refusedPage{Frame: s.frame(r, "refused", words.T("link.no")), Text: words.Say(err)}
	if token := r.PathValue("token"); token != "" && r.Method == http.MethodPost && kind != fault.NotFound && kind != fault.Internal {
		p.BackURL = link.Path + token
	}
	status := statuses[kind]
	if status >= http.StatusInternalServerError {
		p.Frame.Title, p.Text, p.Reference = words.T("fault.internal"), words.T("fault.internal.text"), rand.Text()[:6]
		s.Log.ErrorContext(r.Context(), "page of a link failed", "reference", p.Reference, "method", r.Method, "path", Safe(r.URL.Path), "error", err)
	} else {
		s.Log.InfoContext(r.Context(), "refused by link", "kind", kind.String(), "method", r.Method, "path", Safe(r.URL.Path))
	}
	if err := s.write(w, status, p); err != nil {
		s.Log.ErrorContext(r.Context(), "page of a failure failed", "reference", p.Reference, "error", err)
		http.Error(w, p.Text, status)
	}
}

// spoken returns the pages in the language that the visitor's browser asks for, or that they chose.
func (s Site) spoken(r *http.Request) *page.Set { return s.Pages.In(tongue.Of(r, "", "")) }

func (s Site) write(w http.ResponseWriter, status int, p page.Page) error {
	var b bytes.Buffer
	if err := s.Pages.In(page.Framed(p).Lang).Render(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the visitor has gone; there is nobody to tell
	return nil
}

func (Site) nowhere(http.ResponseWriter, *http.Request) error {
	return fault.New(fault.NotFound, "This link leads nowhere. Open it from the mail again, whole, or ask for a new one.")
}

// cookie is the name of the cookie that holds a pass. The prefix binds it to this host (RFC 6265bis, section 4.1.3.2).
func (s Site) cookie() string {
	if s.Secure {
		return "__Host-daymark-link"
	}
	return "daymark-link"
}

func (s Site) pass(r *http.Request) string {
	c, err := r.Cookie(s.cookie())
	if err != nil {
		return ""
	}
	return c.Value
}

// back leads to the page of the link, so that going back in the browser sends no form again.
func back(w http.ResponseWriter, r *http.Request, fragment string) {
	http.Redirect(w, r, link.Path+r.PathValue("token")+fragment, http.StatusSeeOther)
}

func (s Site) sendCode(w http.ResponseWriter, r *http.Request) error {
	if err := link.SendCode(r.Context(), s.DB, s.Keys[0], r.PathValue("token"), s.Clock.Now()); err != nil {
		return err
	}
	back(w, r, "#decide")
	return nil
}

func (s Site) enter(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	pass, err := link.Enter(r.Context(), s.DB, r.PathValue("token"), r.PostForm.Get("code"), s.Clock.Now())
	if fault.Is(err, fault.Invalid) {
		p, again := s.page(r)
		if again != nil {
			return again
		}
		p.Code.Problem = page.Fields(s.spoken(r).Words().Problems(err)).Of("code")
		p.Mend = append(p.Mend, p.Code)
		return s.write(w, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie(), Value: pass, Path: "/", MaxAge: int(link.PassLife.Seconds()), Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	back(w, r, "#decide")
	return nil
}

// pictures are the kinds of files that are shown as pictures; anything else would be a download.
var pictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// picture answers with a picture of the submission that the link leads to, and with no other.
func (s Site) picture(w http.ResponseWriter, r *http.Request) error {
	l, err := link.Find(r.Context(), s.DB, r.PathValue("token"))
	if err != nil {
		return err
	}
	if now := s.Clock.Now(); l.Why(now) != "" && l.State(now) != link.Used {
		return fault.New(fault.Conflict, "%s", l.Why(now))
	}
	card, _, err := link.Card(r.Context(), s.DB, l)
	if err != nil {
		return err
	}
	sum := r.PathValue("sha256")
	if !shows(card, sum) {
		return fault.New(fault.NotFound, "This picture does not belong to the post.")
	}
	blob, err := book.FindBlob(r.Context(), s.DB, sum)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if pictures[blob.MIME] {
		h.Set("Content-Type", blob.MIME)
	}
	h.Set("Content-Length", fmt.Sprint(len(blob.Bytes)))
	_, _ = w.Write(blob.Bytes) // the visitor has gone; there is nobody to tell
	return nil
}

// shows reports whether a card has a picture.
func shows(card review.Card, sum string) bool {
	for _, g := range card.Groups {
		for _, part := range g.Final.Parts {
			for _, p := range part.Pictures {
				if p.SHA256 == sum {
					return true
				}
			}
		}
		for _, part := range g.Final.Without {
			for _, p := range part.Pictures {
				if p.SHA256 == sum {
					return true
				}
			}
		}
	}
	return false
}
