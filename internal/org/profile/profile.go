// Package profile is what the charity says of itself: its name, its link, its support note and its time zone.
//
// One database holds one charity, so there is one profile. Its values fill the tokens {{org}} and {{link}} of every post. It
// does not know people, channels or posts.
package profile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Profile is the charity as it presents itself.
type Profile struct {
	Name        string // fills {{org}}
	Link        string // fills {{link}}
	SupportNote string // where somebody who needs help finds it; may be empty
	Zone        string // IANA name of the zone the team works in
}

// The most characters of each field. They are ours: a name and a link must leave room for words in a post of 300 characters.
const (
	maxName = 80
	maxLink = 200
	maxNote = 1000
)

const sqlGet = `
SELECT name, link, support_note, zone
FROM profile
WHERE id = 1`

// Get returns the profile; NotFound while nobody has written one yet.
func Get(ctx context.Context, q postgres.Querier) (Profile, error) {
	var row struct {
		Name        string `db:"name"`
		Link        string `db:"link"`
		SupportNote string `db:"support_note"`
		Zone        string `db:"zone"`
	}
	err := q.GetContext(ctx, &row, sqlGet)
	if errors.Is(err, sql.ErrNoRows) {
		return Profile{}, fault.New(fault.NotFound, "The organisation has no profile yet; an admin gives its name, link and time zone first")
	}
	if err != nil {
		return Profile{}, fmt.Errorf("read the profile: %w", err)
	}
	return Profile(row), nil
}

const sqlSave = `
INSERT INTO profile (id, name, link, support_note, zone, updated_at)
VALUES (1, $1, $2, $3, $4, clock_timestamp())
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, link = excluded.link, support_note = excluded.support_note, zone = excluded.zone,
    updated_at = excluded.updated_at`

// Save writes the profile and the audit entry of it; by is the person who does. An invalid profile is refused with every
// problem at once. Changing name or link changes what posts say: whoever calls this makes their releases anew.
func Save(ctx context.Context, tx *postgres.Tx, p Profile, by int64) error {
	p = Clean(p)
	if err := Validate(p); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlSave, p.Name, p.Link, p.SupportNote, p.Zone); err != nil {
		return fmt.Errorf("save the profile: %w", err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "profile.saved", Kind: "profile",
		Detail: map[string]any{"name": p.Name, "link": p.Link, "support_note": p.SupportNote, "zone": p.Zone},
	})
}

// Tokens returns what the profile fills into posts, by the token's name.
func Tokens(p Profile) map[string]string {
	return map[string]string{"org": p.Name, "link": p.Link}
}

// Clean returns the profile with outer spaces removed and letters in the composed form (Unicode NFC) that networks count.
func Clean(p Profile) Profile {
	tidy := func(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }
	return Profile{
		Name: tidy(p.Name), Link: strings.TrimSpace(p.Link), SupportNote: tidy(strings.ReplaceAll(p.SupportNote, "\r\n", "\n")),
		Zone: strings.TrimSpace(p.Zone),
	}
}

// Validate returns an Invalid error with every problem of the profile, or nil.
func Validate(p Profile) error {
	var problems []fault.Problem
	bad := func(field, format string, args ...any) {
		problems = append(problems, fault.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	switch n := utf8.RuneCountInString(p.Name); {
	case n == 0:
		bad("name", "give the organisation's name")
	case n > maxName:
		bad("name", "has %d characters; use at most %d, it goes into posts", n, maxName)
	case !utf8.ValidString(p.Name) || strings.ContainsFunc(p.Name, unicode.IsControl):
		bad("name", "must be one line of plain text")
	}
	if wrong := checkLink(p.Link); wrong != "" {
		bad("link", "%s", wrong)
	}
	switch n := utf8.RuneCountInString(p.SupportNote); {
	case n > maxNote:
		bad("support note", "has %d characters; use at most %d", n, maxNote)
	case !utf8.ValidString(p.SupportNote) || strings.ContainsFunc(p.SupportNote, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		bad("support note", "must be plain text")
	}
	if wrong := checkZone(p.Zone); wrong != "" {
		bad("zone", "%s", wrong)
	}
	return fault.BadFields(problems)
}

// checkLink says what is wrong with a link, or nothing. Plain http is for a page on this machine only.
func checkLink(link string) string {
	const want = "write a full address such as https://example.org"
	if link == "" {
		return "give the organisation's link; " + want
	}
	if n := utf8.RuneCountInString(link); n > maxLink {
		return fmt.Sprintf("has %d characters; use at most %d, it goes into posts", n, maxLink)
	}
	if strings.ContainsFunc(link, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "has a space in it; " + want
	}
	u, err := url.Parse(link)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return "is not an address; " + want
	}
	if u.User != nil {
		return "has a user name or password in it; leave it out"
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return ""
	}
	if u.Scheme == "http" {
		return "is not encrypted; use https://"
	}
	return fmt.Sprintf("begins with %s:; use https://", u.Scheme)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkZone says what is wrong with a zone, or nothing. "Local" is what a machine thinks, not a place.
func checkZone(zone string) string {
	if zone == "" {
		return "give a time zone such as Europe/London"
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return fmt.Sprintf("%q is not a time zone; use a name such as Europe/London or Africa/Nairobi", zone)
	}
	return ""
}
