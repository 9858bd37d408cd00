package people

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
)

const (
	maxName     = 100
	maxEmail    = 254 // RFC 5321 section 4.5.3.1.3: a path of 256 octets, less its two brackets
	minPassword = 12
	// maxPassword bounds the work that a password can ask of the hash; a passphrase of thirty words fits.
	maxPassword = 256
)

// check returns the new person in the form we keep, or every problem at once.
func check(n NewPerson) (NewPerson, error) {
	var problems []fault.Problem
	bad := func(field, message string) {
		problems = append(problems, fault.Problem{Field: field, Message: message})
	}

	email, wrong := CleanEmail(n.Email)
	if wrong != "" {
		bad("email", wrong)
	}
	name, wrong := CleanName(n.Name)
	if wrong != "" {
		bad("name", wrong)
	}
	if !slices.Contains(Roles(), n.Role) {
		bad("role", fmt.Sprintf("%q is not a role; use editor, reviewer, safeguarding, translator, chapter, moderator, manager or admin", n.Role))
	}
	languages, wrong := CleanLanguages(n.Languages)
	if wrong != "" {
		bad("languages", wrong)
	}
	if wrong := checkPassword(n.Password); wrong != "" {
		bad("password", wrong)
	}
	if err := fault.BadFields(problems); err != nil {
		return NewPerson{}, err
	}
	n.Email, n.Name, n.Languages = email, name, languages
	return n, nil
}

// CleanName returns a person's name in the form we keep, or what is wrong with it.
func CleanName(given string) (name, wrong string) {
	name = norm.NFC.String(strings.TrimSpace(given))
	_, _, unsafe := text.FirstUnsafe(name)
	switch count := utf8.RuneCountInString(name); {
	case count == 0:
		return "", "give the person's name"
	case count > maxName:
		return "", fmt.Sprintf("has %d characters; use at most %d", count, maxName)
	case !utf8.ValidString(name) || unsafe || strings.ContainsFunc(name, unicode.IsControl):
		return "", "must be one line of plain text"
	}
	return name, ""
}

// CleanLanguages returns language tags in the form we keep, each once, or what is wrong with them.
func CleanLanguages(given []string) (languages []string, wrong string) {
	languages = make([]string, 0, len(given))
	for _, l := range given {
		tag, err := language.Parse(strings.TrimSpace(l))
		if err != nil || tag == language.Und {
			return nil, fmt.Sprintf("%q is not a language; use tags such as en, fr or pt-BR", l)
		}
		if !slices.Contains(languages, tag.String()) {
			languages = append(languages, tag.String())
		}
	}
	return languages, ""
}

// CleanEmail returns an address in lower case with an ASCII domain, or what is wrong with it.
func CleanEmail(given string) (email, wrong string) {
	const want = "write an address such as ana@example.org"
	email = normalise(given)
	if email == "" {
		return "", "give an e-mail address; it is the name to log in with"
	}
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || domain == "" {
		return "", "is not an address; " + want
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", "has a domain that cannot exist; " + want
	}
	email = local + "@" + ascii
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || parsed.Name != "" {
		return "", "is not an address; " + want
	}
	if strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", "has letters before the @ that are not plain Latin ones; use another address of the person"
	}
	if len(email) > maxEmail {
		return "", fmt.Sprintf("has %d characters; an address has at most %d", len(email), maxEmail)
	}
	return email, ""
}

// checkPassword says what is wrong with a password, or nothing. Length counts, composition does not: NIST SP 800-63B,
// section 3.1.1.2 (https://pages.nist.gov/800-63-4/sp800-63b.html).
func checkPassword(password string) string {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "has bytes that are not text"
	case n < minPassword:
		return fmt.Sprintf("has %d characters; use at least %d, a few words in a row are good", n, minPassword)
	case n > maxPassword:
		return fmt.Sprintf("has %d characters; use at most %d", n, maxPassword)
	}
	return ""
}
