// Package short answers at the short links of posts: it sends whoever follows one on to its page.
//
// There is no session and no cookie, and nothing of the visitor is kept or passed on; what is counted is that a link was followed on a day.
// Programs that look at links by themselves are not counted, as far as they say what they are.
package short

import (
	"log/slog"
	"net/http"
	"strings"

	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book/link"
	"daymark/internal/postgres"
)

// Site answers at short links.
type Site struct {
	DB    *postgres.DB
	Clock clock.Clock
	Log   *slog.Logger
}

// Before answers what is below [link.Path], and hands the rest to next.
func (s Site) Before(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc(link.Path, func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound) })
	mux.HandleFunc("GET "+link.Path+"{code}", s.follow)
	return mux
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

func (s Site) follow(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex, nofollow")
	target, err := link.Follow(r.Context(), s.DB, r.PathValue("code"), s.Clock.Now(), Counted(r))
	switch {
	case r.Context().Err() != nil:
		return // whoever asked has gone
	case fault.Is(err, fault.NotFound):
		refuse(w, http.StatusNotFound)
		return
	case err != nil:
		s.Log.ErrorContext(r.Context(), "a short link failed", "error", err)
		refuse(w, http.StatusInternalServerError)
		return
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, target, http.StatusFound)
}

// programs are words in the names of programs that open links without a person having followed them: servers that make previews
// (each Mastodon server that receives a post opens its link), search engines, monitors. Words that many share come first.
var programs = []string{
	"bot", "crawl", "spider", "preview", "scan", "monitor", "check", "fetch", "http.rb", "mastodon", "pleroma", "akkoma", "misskey",
	"friendica", "lemmy", "cardyb", "bluesky", "facebookexternalhit", "meta-external", "whatsapp", "slurp", "embedly", "iframely",
	"curl/", "wget/", "python", "go-http-client", "okhttp", "axios", "java/", "libwww", "headless", "daymark",
}

// Counted reports whether a request is counted as a person following a link: not the look of a program, by its own word, and
// not what a browser loads before anybody asked (https://wicg.github.io/nav-speculation/prefetch.html).
func Counted(r *http.Request) bool {
	if r.Method != http.MethodGet || r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") != "" || r.Header.Get("X-Moz") != "" {
		return false
	}
	agent := strings.ToLower(r.UserAgent())
	if agent == "" {
		return false
	}
	for _, word := range programs {
		if strings.Contains(agent, word) {
			return false
		}
	}
	return true
}
