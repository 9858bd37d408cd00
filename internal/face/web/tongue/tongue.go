// Package tongue chooses the language of a page: the person's own setting, else what was chosen in this browser, else what the
// browser asks for, else the organisation's language, else English.
//
// A choice in the browser is a cookie, so that it holds before log-in and on pages of review by link. The package knows no
// texts and no tables.
package tongue

import (
	"net/http"
	"slices"
	"time"

	"golang.org/x/text/language"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/page/texts"
)

// year is how long a browser keeps a choice.
const year = 365 * 24 * time.Hour

// codes are the languages of the interface, and matcher finds the one that a browser means.
var (
	codes   = codesOf(texts.Languages())
	matcher = matcherOf(codes)
)

func codesOf(list []texts.Language) []string {
	var codes []string
	for _, l := range list {
		codes = append(codes, l.Code)
	}
	return codes
}

func matcherOf(codes []string) language.Matcher {
	var tags []language.Tag
	for _, code := range codes {
		tags = append(tags, language.Make(code))
	}
	return language.NewMatcher(tags)
}

// names are how the cookie is called; the prefix binds it to this host (RFC 6265bis, section 4.1.3.2), and browsers take it over
// https only.
var names = []string{"__Host-daymark-language", "daymark-language"}

// Of returns the language for a request: of a person with a setting of their own, which may be empty, in an organisation with a
// language, which may be empty too.
func Of(r *http.Request, own, org string) string {
	if Known(own) {
		return own
	}
	for _, name := range names {
		if c, err := r.Cookie(name); err == nil && Known(c.Value) {
			return c.Value
		}
	}
	if asked, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")); err == nil && len(asked) > 0 {
		if _, at, sure := matcher.Match(asked...); sure >= language.High {
			return codes[at]
		}
	}
	if Known(org) {
		return org
	}
	return codes[0]
}

// Known reports whether the interface has a language.
func Known(code string) bool { return slices.Contains(codes, code) }

// Cookie returns the cookie that keeps a choice in the browser.
func Cookie(code string, secure bool) (*http.Cookie, error) {
	if !Known(code) {
		return nil, fault.New(fault.Invalid, "Daymark is not written in this language yet. Choose one from the list.")
	}
	name := names[1]
	if secure {
		name = names[0]
	}
	return &http.Cookie{Name: name, Value: code, Path: "/", MaxAge: int(year.Seconds()), Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}, nil
}

// Back returns the address to come back to after a choice: that of the page, or nothing where getting it again would not show it.
func Back(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	return r.URL.RequestURI()
}
