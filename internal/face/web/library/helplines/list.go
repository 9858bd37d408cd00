// Package helplines is the desk for the helplines that posts may offer: where each stands, who checked it and what they saw, and
// which posts show it.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The desk decides nothing: internal/org/
// helpline says whether a number may be shown, internal/flow/draft renews or holds the posts that show one.
package helplines

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/campaign/helplines"
	"daymark/internal/org/channel"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Soon is how long before a check runs out it is one to make again.
const Soon = 14 * 24 * time.Hour

// Desk is what the answers need.
type Desk struct {
	db    *postgres.DB
	again form.Again
}

// New returns a desk; again submits renewed posts.
func New(db *postgres.DB, again form.Again) Desk { return Desk{db: db, again: again} }

// URL returns the address of a helpline.
func URL(id string) string { return "/helplines/" + url.PathEscape(id) }

// List answers with the helplines by country, the checks to make before them.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	all, err := helpline.All(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	ours, err := d.ours(r)
	if err != nil {
		return ask.Answer{}, err
	}
	shipped, err := helplines.Directories()
	if err != nil {
		return ask.Answer{}, err
	}
	p := &listPage{
		Frame: page.Frame{Template: "helplines", Title: r.Words.T("lib.lines.title"), Door: "helplines"}, MayEdit: r.Person.May(people.HelplineEdit),
		Unsaid: len(ours) == 0,
	}
	for _, c := range helpline.Due(all, r.Now, Soon) {
		// A shipped list has dozens of lines that no post of ours would show; nobody has to call those.
		if c.Record.Last == nil && !slices.Contains(ours, c.Record.Country) {
			p.Unchecked++
			continue
		}
		p.Checks = append(p.Checks, due{
			Name: c.Record.Name, URL: URL(c.Record.ID), Mark: markOf(r, c.Record), Why: c.Why, By: r.Words.Moment(c.By, r.Zone), Soon: c.By.After(r.Now),
		})
	}
	p.Countries = countries(r, all, ours)
	for _, dir := range shipped {
		one := directory{Name: dir.Name, URL: view.HTTPOnly(dir.URL), Note: dir.Note}
		if dir.Country != "" {
			one.Country = countryName(r, dir.Country)
		}
		p.Directories = append(p.Directories, one)
	}
	return ask.Shown(p), nil
}

// ours returns the countries that channels in use say their readers are in.
func (d Desk) ours(r ask.Request) ([]string, error) {
	channels, err := channel.List(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, c := range channels {
		if c.Country != "" && !c.Archived() && !slices.Contains(list, c.Country) {
			list = append(list, c.Country)
		}
	}
	return list, nil
}

// countries groups helplines by country: ours first, then by name.
func countries(r ask.Request, all []helpline.Record, ours []string) []country {
	var list []country
	for _, rec := range all {
		id := "country-" + rec.Country
		at := slices.IndexFunc(list, func(c country) bool { return c.ID == id })
		if at < 0 {
			at = len(list)
			list = append(list, country{ID: id, Name: countryName(r, rec.Country), Ours: slices.Contains(ours, rec.Country)})
		}
		list[at].Lines = append(list[at].Lines, lineOf(r, rec))
	}
	slices.SortStableFunc(list, func(a, b country) int {
		if a.Ours != b.Ours {
			if a.Ours {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return list
}

// countryName returns the name of a country where the texts have one, with its code.
func countryName(r ask.Request, code string) string {
	if key := "country." + code; r.Words.Has(key) {
		return r.Words.T(key)
	}
	return code
}

// languageNames names the languages of a helpline: more than posts are written in.
func languageNames(r ask.Request, tags []string) string {
	list := make([]string, len(tags))
	for i, tag := range tags {
		list[i] = r.Words.Tongue(tag)
	}
	return r.Words.Joined(list)
}

func lineOf(r ask.Request, rec helpline.Record) line {
	l := line{
		ID: rec.ID, URL: URL(rec.ID), Mark: markOf(r, rec), Name: rec.Name, Phone: rec.Phone, TextTo: rec.Message,
		For: r.Words.T("lib.line.for." + rec.For), Languages: languageNames(r, rec.Languages), Holds: rec.Holds(r.Now),
	}
	if l.Holds {
		l.Until = r.Words.Moment(rec.Last.Until, r.Zone)
	}
	if rec.Interpret {
		l.Languages = r.Words.Joined(append(slices.DeleteFunc([]string{l.Languages}, func(s string) bool { return s == "" }), r.Words.T("lib.line.interpreters")))
	}
	if rec.Purpose == campaign.Reporting {
		l.Tags = append(l.Tags, r.Words.T("lib.line.reporting"))
	}
	if rec.Invented {
		l.Tags = append(l.Tags, r.Words.T("lib.line.invented"))
	}
	return l
}

// markOf says where a helpline stands now.
func markOf(r ask.Request, rec helpline.Record) page.Mark {
	id, icon, tone := "never", "circle-dashed", "look"
	switch c := rec.Last; {
	case rec.Retired:
		id, icon, tone = "retired", "ban", "quiet"
	case rec.Purpose == campaign.Reporting:
		id, icon, tone = "reporting", "hand", "quiet"
	case c == nil:
	case c.Version != rec.Version:
		id, icon, tone = "again", "pencil", "look"
	case c.Result == helpline.Dead:
		id, icon, tone = "dead", "octagon-x", "harm"
	case c.Result == helpline.Changed:
		id, icon, tone = "changed", "circle-alert", "harm"
	case !c.Until.After(r.Now):
		id, icon, tone = "over", "clock", "look"
	case !c.Until.After(r.Now.Add(Soon)):
		id, icon, tone = "soon", "clock", "look"
	default:
		id, icon, tone = "holds", "circle-check", "live"
	}
	return page.Mark{ID: id, Icon: icon, Word: r.Words.T("lib.line.mark." + id), Tone: tone}
}
