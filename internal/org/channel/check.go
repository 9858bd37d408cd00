package channel

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
)

const (
	maxText   = 200
	maxLabel  = 40
	maxLabels = 20
	// maxCredentials is far above any token or key there is.
	maxCredentials = 16 << 10
)

var platformName = regexp.MustCompile(`^[a-z]+$`)

// check returns the new channel in the form we keep, or every problem at once.
func check(n NewChannel) (NewChannel, error) {
	var problems []fault.Problem
	bad := func(field, format string, args ...any) {
		problems = append(problems, fault.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if !platformName.MatchString(n.Platform) {
		bad("network", "%q is not the name of a network; use one such as mastodon", n.Platform)
	}
	address, wrong := checkAddress(n.Address, n.Sandbox)
	if wrong != "" {
		bad("address", "%s", wrong)
	}
	n.Address = address
	n.Handle = strings.TrimPrefix(strings.TrimSpace(n.Handle), "@")
	n.RemoteID = strings.TrimSpace(n.RemoteID)
	n.Name = norm.NFC.String(strings.TrimSpace(n.Name))
	for _, f := range []struct{ field, value, missing string }{
		{"handle", n.Handle, "give the account's name on the network"},
		{"account id", n.RemoteID, "the network did not tell the account's id; connect it again"},
		{"name", n.Name, "give the channel a name for the team"},
	} {
		if f.value == "" {
			bad(f.field, "%s", f.missing)
		} else if wrong := checkLine(f.value, maxText); wrong != "" {
			bad(f.field, "%s", wrong)
		}
	}
	n.Zone = strings.TrimSpace(n.Zone)
	if _, err := time.LoadLocation(n.Zone); err != nil || n.Zone == "" || n.Zone == "Local" {
		bad("zone", "%q is not a time zone; use a name such as Europe/London or Africa/Nairobi", n.Zone)
	}
	var unknown []string
	n.Languages, unknown = checkLanguages(n.Languages)
	for _, l := range unknown {
		bad("languages", "%q is not a language; use tags such as en, fr or pt-BR", l)
	}
	if len(n.Languages)+len(unknown) == 0 {
		bad("languages", "give at least one language, such as en")
	}
	n.Country = strings.TrimSpace(n.Country)
	if wrong := checkCountry(n.Country); wrong != "" {
		bad("country", "%s", wrong)
	}
	n.Labels = cleanLabels(n.Labels)
	for _, wrong := range wrongLabels(n.Labels) {
		bad("labels", "%s", wrong)
	}
	if n.Habits == nil {
		n.Habits = new(Usual())
	}
	for field, wrong := range n.Habits.wrong() {
		bad(field, "%s", wrong)
	}
	if len(n.Credentials) == 0 {
		bad("credentials", "are missing; connect the account again")
	} else if len(n.Credentials) > maxCredentials {
		bad("credentials", "are longer than %d bytes", maxCredentials)
	}
	return n, fault.BadFields(problems)
}

// checkAddress returns scheme and host in lower case, or what is wrong. Plain http is for this machine only: credentials go
// over this connection.
func checkAddress(given string, sandbox bool) (address, wrong string) {
	const want = "write the server as https://example.social"
	u, err := url.Parse(strings.TrimSpace(given))
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return "", "is not an address; " + want
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", "has more in it than a server; " + want
	}
	address = strings.ToLower(u.Scheme + "://" + u.Host)
	local := loopback(u.Hostname())
	switch {
	case sandbox && (u.Scheme != "http" || !local):
		return "", "a sandbox is on this machine; write it as http://127.0.0.1:8090"
	case u.Scheme == "https", u.Scheme == "http" && local:
		return address, ""
	case u.Scheme == "http":
		return "", "is not encrypted; use https://"
	}
	return "", fmt.Sprintf("begins with %s:; use https://", u.Scheme)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// checkLine says what is wrong with a line of text, or nothing.
func checkLine(s string, most int) string {
	if n := utf8.RuneCountInString(s); n > most {
		return fmt.Sprintf("has %d characters; use at most %d", n, most)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "must be one line of plain text"
	}
	return ""
}

// checkLanguages returns the tags in their canonical form, each once and in order, and those that are none.
func checkLanguages(given []string) (tags, unknown []string) {
	for _, l := range given {
		tag, err := language.Parse(strings.TrimSpace(l))
		if err != nil || tag == language.Und {
			unknown = append(unknown, l)
		} else if !slices.Contains(tags, tag.String()) {
			tags = append(tags, tag.String())
		}
	}
	return tags, unknown
}

func cleanLabels(given []string) []string {
	labels := make([]string, 0, len(given)) // never nil: the column is not null
	for _, l := range given {
		l = norm.NFC.String(strings.Join(strings.Fields(l), " "))
		if l != "" && !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	return labels
}
