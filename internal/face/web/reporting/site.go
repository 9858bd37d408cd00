package reporting

import (
	"bytes"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/face/report"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/tongue"
	"daymark/internal/flow/reach/handout"
	"daymark/internal/flow/reach/share"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// Site answers whoever comes by a link to a report. It sets no cookie and knows no log-in: who is logged in is nobody here.
type Site struct {
	DB      *postgres.DB
	Clock   clock.Clock
	Log     *slog.Logger
	Pages   *page.Sets
	Fonts   *lettering.Fonts
	Notice  string
	Version string
}

// Site returns what answers links, with the fonts of the desk.
func (d Desk) Site(c clock.Clock, log *slog.Logger, notice, version string) Site {
	return Site{DB: d.db, Clock: c, Log: log, Pages: d.pages, Fonts: d.fonts, Notice: notice, Version: version}
}

// sharedPage is a report as whoever came by a link reads it.
type sharedPage struct {
	page.Frame
	Sheet report.Sheet
	By    string
	PDF   string
}

// refusedPage says why nothing is shown.
type refusedPage struct {
	page.Frame
	Text      string
	Reference string
	BackURL   string
}

// Before answers what is below [share.Path], and hands the rest to next.
func (s Site) Before(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc(share.Path, s.to(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "This link leads nowhere. It has ended, or was taken back. Ask whoever sent it for another one.")
	}))
	mux.HandleFunc("GET "+share.Path+"{token}", s.to(s.read))
	mux.HandleFunc("GET "+share.Path+"{token}/report.pdf", s.to(s.pdf))
	return mux
}

// to turns what went wrong into a page. Nothing of a link's page is kept by browsers or found by search engines, and its address goes to
// nobody else.
func (s Site) to(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if err := answer(w, r); err != nil && r.Context().Err() == nil {
			s.fail(w, r, err)
		}
	}
}

func (s Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	words := s.Pages.In(tongue.Of(r, "", "")).Words()
	p := &refusedPage{Frame: s.frame("refused", words.T("report.shared.no"), words), Text: words.Say(err)}
	status := http.StatusNotFound
	if !fault.Is(err, fault.NotFound) {
		status, p.Text = http.StatusInternalServerError, words.T("fault.internal.text")
		s.Log.ErrorContext(r.Context(), "a shared report could not be shown", "err", err)
	}
	if err := s.write(w, status, p); err != nil {
		s.Log.ErrorContext(r.Context(), "the page of a failure could not be shown", "err", err)
		http.Error(w, p.Text, status)
	}
}

func (s Site) frame(template, title string, words page.Words) page.Frame {
	return page.Frame{Template: template, Title: title, Notice: s.Notice, Version: s.Version, Lang: words.Lang}
}

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

// found returns the link of a request, and how its report is put.
func (s Site) found(r *http.Request) (share.Link, report.Options, error) {
	l, err := share.Find(r.Context(), s.DB, r.PathValue("token"))
	if err != nil {
		return l, report.Options{}, err
	}
	org, err := profile.Get(r.Context(), s.DB)
	if err != nil {
		return l, report.Options{}, err
	}
	zone, err := time.LoadLocation(org.Zone)
	if err != nil {
		zone = time.UTC
	}
	return l, report.Options{Words: s.Pages.In(l.Language).Words(), Org: org.Name, Now: s.Clock.Now(), Zone: zone, Lessons: l.Lessons}, nil
}

func (s Site) read(w http.ResponseWriter, r *http.Request) error {
	l, o, err := s.found(r)
	if err != nil {
		return err
	}
	h, err := handout.Read(r.Context(), s.DB, l.Edition, o.Now, o.Zone)
	if err != nil {
		return err
	}
	sheet := report.Write(h, o)
	p := &sharedPage{
		Frame: s.frame("shared", sheet.Title, o.Words), Sheet: sheet, PDF: share.Path + r.PathValue("token") + "/report.pdf",
		By: o.Words.T("report.shared.by", o.Org, o.Words.Moment(l.ExpiresAt, o.Zone).Day),
	}
	p.Org = o.Org
	return s.write(w, http.StatusOK, p)
}

func (s Site) pdf(w http.ResponseWriter, r *http.Request) error {
	l, o, err := s.found(r)
	if err != nil {
		return err
	}
	file, err := report.Make(r.Context(), s.DB, l.Edition, report.AsPDF, o, s.Fonts)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", file.Type)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	_, _ = w.Write(file.Body) // the visitor has gone; there is nobody to tell
	return nil
}
