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
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
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
	Log     *slog.Logger
	Pages   *page.Set
	Secure  bool // people come over https
	Notice  string
	Version string
}

// Before answers what is below [link.Path], and hands the rest to next.
func (s Site) Before(next http.Handler) http.Handler {
	at := link.Path + "{token}"
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc(link.Path, s.to(s.nowhere))
	mux.HandleFunc("GET "+at, s.to(s.read))
	mux.HandleFunc("GET "+at+"/picture/{sha256}", s.to(s.picture))
	mux.HandleFunc("POST "+at+"/code", s.to(s.sendCode))
	mux.HandleFunc("POST "+at+"/enter", s.to(s.enter))
	mux.HandleFunc("POST "+at+"/approve", s.to(s.say(review.Approve, "")))
	mux.HandleFunc("POST "+at+"/changes", s.to(s.say(review.Changes, "comment")))
	mux.HandleFunc("POST "+at+"/hold", s.to(s.say(review.Hold, "why")))
	return mux
}

// Safe returns the path of a request as it may be logged: without the token of a link, which lets somebody read.
func Safe(path string) string {
	if rest, ok := strings.CutPrefix(path, link.Path); ok {
		_, after, _ := strings.Cut(rest, "/")
		return link.Path + "…/" + after
	}
	return path
}

// to turns what went wrong into a page. Nothing of a link's page is kept by browsers or found by search engines.
func (s Site) to(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		if err := answer(w, r); err != nil {
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
	words, kind := s.Pages.Words(), fault.KindOf(err)
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		kind, err = fault.Invalid, fault.Wrap(fault.Invalid, err, "That is too long to be sent. Shorten it; nothing was changed.")
	}
	p := &refusedPage{Frame: s.frame(r, "refused", words.T("link.no")), Text: fault.Say(err)}
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

func (s Site) write(w http.ResponseWriter, status int, p page.Page) error {
	var b bytes.Buffer
	if err := s.Pages.Render(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the visitor has gone; there is nobody to tell
	return nil
}

func (s Site) nowhere(http.ResponseWriter, *http.Request) error {
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
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	pass, err := link.Enter(r.Context(), s.DB, r.PathValue("token"), r.PostForm.Get("code"), s.Clock.Now())
	if fault.Is(err, fault.Invalid) {
		p, again := s.page(r)
		if again != nil {
			return again
		}
		p.Code.Problem = page.Fields(fault.Problems(err)).Of("code")
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

// say takes a verdict; its comment stands in a field of the form.
func (s Site) say(verdict, field string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
		}
		word := review.Word{Verdict: verdict}
		if field != "" {
			word.Comment = r.PostForm.Get(field)
		}
		_, err := link.Say(r.Context(), s.DB, r.PathValue("token"), s.pass(r), word, s.Clock.Now())
		if fault.Is(err, fault.Invalid) {
			p, again := s.page(r)
			if again != nil {
				return again
			}
			wrong := &p.Comment
			if verdict == review.Hold {
				wrong = &p.Why
			}
			wrong.Value, wrong.Problem = word.Comment, page.Fields(fault.Problems(err)).Of("comment")
			p.Mend = append(p.Mend, *wrong)
			return s.write(w, http.StatusUnprocessableEntity, p)
		}
		if err != nil {
			return err
		}
		back(w, r, "")
		return nil
	}
}

// pictures are the kinds of files that are shown as pictures; anything else would be a download.
var pictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// picture answers with a picture of the submission that the link leads to, and with no other.
func (s Site) picture(w http.ResponseWriter, r *http.Request) error {
	l, err := link.Find(r.Context(), s.DB, r.PathValue("token"))
	if err != nil {
		return err
	}
	if !readable(l.State(s.Clock.Now())) {
		return fault.New(fault.Conflict, "%s", l.Why(s.Clock.Now()))
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

// readable reports whether a link in a state still shows what it leads to.
func readable(state link.State) bool { return state == link.Open || state == link.Used }

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
