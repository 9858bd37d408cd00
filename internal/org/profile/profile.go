// Package profile is what the charity says of itself: its name, its link, what it offers to people whom a post troubled, its
// pages for professionals and for people at risk, and its time zone.
//
// One database holds one charity, so there is one profile. Its values fill tokens of every post: {{org}}, {{link}}, {{support}},
// {{resources_professionals}} and {{resources_at_risk}}. It does not know people, channels or posts.
package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lib/pq"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Profile is the charity as it presents itself.
type Profile struct {
	Name        string // fills {{org}}
	Link        string // fills {{link}}
	SupportNote string // for the team: where somebody whom this work troubles finds help; may be empty
	Zone        string // IANA name of the zone the team works in
	Language    string // of the pages for people whose browser asks for none that Daymark has; may be empty

	Support   map[string]string // by language: what a post says to somebody it troubled; fills {{support}}
	Resources map[string]string // by audience, one of Audiences: a page for it; fills {{resources_...}}
	Hosts     []string          // what links may lead to besides the profile's own pages, in small letters without a scheme
}

// Audiences are the people that may have a page of their own in the profile; everybody else has its link.
var Audiences = []string{campaign.Professionals, campaign.AtRisk}

// The most characters of each field. They are ours: a name and a link must leave room for words in a post of 300 characters.
const (
	maxName = 80
	maxLink = 200
	maxNote = 1000
	// A support note goes into posts beside the words themselves.
	maxSupport = 200
	maxHosts   = 100
)

const sqlGet = `
SELECT name, link, support_note, zone, COALESCE(interface, '') AS interface, support, resources, link_hosts
FROM profile
WHERE id = 1`

// Get returns the profile; NotFound while nobody has written one yet.
func Get(ctx context.Context, q postgres.Querier) (Profile, error) {
	var row struct {
		Name        string         `db:"name"`
		Link        string         `db:"link"`
		SupportNote string         `db:"support_note"`
		Zone        string         `db:"zone"`
		Language    string         `db:"interface"`
		Support     []byte         `db:"support"`
		Resources   []byte         `db:"resources"`
		Hosts       pq.StringArray `db:"link_hosts"`
	}
	err := q.GetContext(ctx, &row, sqlGet)
	if errors.Is(err, sql.ErrNoRows) {
		return Profile{}, fault.New(fault.NotFound, "The organisation has no profile yet; an admin gives its name, link and time zone first")
	}
	if err != nil {
		return Profile{}, fmt.Errorf("read the profile: %w", err)
	}
	p := Profile{Name: row.Name, Link: row.Link, SupportNote: row.SupportNote, Zone: row.Zone, Language: row.Language}
	if len(row.Hosts) > 0 {
		p.Hosts = row.Hosts
	}
	if p.Support, err = readMap(row.Support); err != nil {
		return Profile{}, fmt.Errorf("read the profile's support: %w", err)
	}
	if p.Resources, err = readMap(row.Resources); err != nil {
		return Profile{}, fmt.Errorf("read the profile's resources: %w", err)
	}
	return p, nil
}

// readMap reads a JSON object of texts; an empty one is nil, as in a profile that was never saved.
func readMap(b []byte) (map[string]string, error) {
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil || len(m) == 0 {
		return nil, err
	}
	return m, nil
}

const sqlSave = `
INSERT INTO profile (id, name, link, support_note, zone, support, resources, link_hosts, interface, updated_at)
VALUES (1, $1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''), clock_timestamp())
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, link = excluded.link, support_note = excluded.support_note, zone = excluded.zone,
    support = excluded.support, resources = excluded.resources, link_hosts = excluded.link_hosts,
    interface = excluded.interface,
    updated_at = excluded.updated_at`

// Save writes the profile and the audit entry of it; by is the person who does. An invalid profile is refused with every
// problem at once. Changing what fills a token changes what posts say: internal/flow/draft saves a profile and renews them.
func Save(ctx context.Context, tx *postgres.Tx, p Profile, by int64) error {
	p = Clean(p)
	if err := Validate(p); err != nil {
		return err
	}
	support, err := json.Marshal(orEmpty(p.Support))
	if err != nil {
		return fmt.Errorf("save the profile's support: %w", err)
	}
	resources, err := json.Marshal(orEmpty(p.Resources))
	if err != nil {
		return fmt.Errorf("save the profile's resources: %w", err)
	}
	hosts := pq.StringArray{}
	hosts = append(hosts, p.Hosts...)
	if _, err := tx.ExecContext(ctx, sqlSave, p.Name, p.Link, p.SupportNote, p.Zone, string(support), string(resources), hosts, p.Language); err != nil {
		return fmt.Errorf("save the profile: %w", err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "profile.saved", Kind: "profile",
		Detail: map[string]any{
			"name": p.Name, "link": p.Link, "support_note": p.SupportNote, "zone": p.Zone,
			"support": orEmpty(p.Support), "resources": orEmpty(p.Resources), "hosts": []string(hosts), "language": p.Language,
		},
	})
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// Tokens returns what the profile fills into posts in a language, by the token's name. A token of something that is not set, or
// not in this language, is not there: a text that has it waits.
func Tokens(p Profile, language string) map[string]string {
	values := map[string]string{"org": p.Name, "link": p.Link}
	if s, ok := locale.In(p.Support, language); ok {
		values["support"] = s
	}
	for audience, page := range p.Resources {
		values["resources_"+audience] = page
	}
	return values
}

// Clean returns the profile with outer spaces removed and letters in the composed form (Unicode NFC) that networks count. What
// is empty after that is gone; hosts are in small letters, in order, each once.
func Clean(p Profile) Profile {
	tidy := func(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }
	clean := Profile{
		Name: tidy(p.Name), Link: strings.TrimSpace(p.Link), SupportNote: tidy(strings.ReplaceAll(p.SupportNote, "\r\n", "\n")),
		Zone: strings.TrimSpace(p.Zone), Language: strings.TrimSpace(p.Language), Support: tidyMap(p.Support, tidy), Resources: tidyMap(p.Resources, strings.TrimSpace),
	}
	for _, host := range p.Hosts {
		if host = strings.ToLower(tidy(host)); host != "" {
			clean.Hosts = append(clean.Hosts, host)
		}
	}
	slices.Sort(clean.Hosts)
	clean.Hosts = slices.Compact(clean.Hosts)
	return clean
}

func tidyMap(m map[string]string, tidy func(string) string) map[string]string {
	var clean map[string]string
	for key, value := range m {
		if value = tidy(value); value != "" {
			if clean == nil {
				clean = map[string]string{}
			}
			clean[strings.TrimSpace(key)] = value
		}
	}
	return clean
}

// Validate returns an Invalid error with every problem of the profile, or nil.
func Validate(p Profile) error {
	var problems []fault.Problem
	bad := func(field, format string, args ...any) {
		problems = append(problems, fault.Wrong(field, format, args...))
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
	if tag, err := language.Parse(p.Language); p.Language != "" && (err != nil || tag.String() != p.Language || strings.Contains(p.Language, "-")) {
		bad("language", "%q is no language; use a code such as en or ar", p.Language)
	}
	for _, lang := range slices.Sorted(maps.Keys(p.Support)) {
		if wrong := checkSupport(lang, p.Support[lang]); wrong != "" {
			bad("support in "+lang, "%s", wrong)
		}
	}
	for _, audience := range slices.Sorted(maps.Keys(p.Resources)) {
		if !slices.Contains(Audiences, audience) {
			bad("resources", "%q is no audience with a page of its own; known are %s", audience, strings.Join(Audiences, " and "))
		} else if wrong := checkLink(p.Resources[audience]); wrong != "" {
			bad("resources for "+audience, "%s", wrong)
		}
	}
	if len(p.Hosts) > maxHosts {
		bad("hosts", "are %d; use at most %d", len(p.Hosts), maxHosts)
	}
	for _, host := range p.Hosts {
		if wrong := checkHost(host); wrong != "" {
			bad("hosts", "%s", wrong)
		}
	}
	return fault.BadFields(problems)
}

// checkSupport says what is wrong with the support note of a language, or nothing.
func checkSupport(lang, note string) string {
	if tag, err := language.Parse(lang); err != nil || tag.String() != lang {
		return fmt.Sprintf("%q is no language; use a tag such as en, fr or pt-BR", lang)
	}
	if n := utf8.RuneCountInString(note); n > maxSupport {
		return fmt.Sprintf("has %d characters; use at most %d, it goes into posts", n, maxSupport)
	}
	if _, _, unsafe := text.FirstUnsafe(note); unsafe || strings.ContainsFunc(note, unicode.IsControl) {
		return "must be one line of plain text"
	}
	if strings.Contains(note, "{{") || strings.Contains(note, "}}") {
		return "has double braces in it; write what it says"
	}
	return ""
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
