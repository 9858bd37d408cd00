package judge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/carried"
	"daymark/internal/flow/book/fill"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// lapseCheck is the name of the check whose rule speaks about helplines that nobody has checked lately.
const lapseCheck = "helpline_unchecked"

// ground is what judging needs to know besides the posts, read once.
type ground struct {
	rules  *lint.Set
	values fill.Values
	now    time.Time
	hosts  []string
	themes []observance.Theme
	topics []string
	days   civil.Range
	lines  carried.Lines
	lapse  *lint.Rule // nil where no rule speaks about unchecked helplines
	logos  map[string]bool
}

// gather reads what judging needs. Observances are as their campaign was loaded.
func gather(ctx context.Context, q postgres.Querier, rules *lint.Set, values fill.Values, now time.Time) (ground, error) {
	if rules == nil {
		return ground{}, noRules()
	}
	g := ground{rules: rules, values: values, now: now, hosts: values.Profile.LinkHosts(), lines: carried.Know(values.Lines)}
	for _, r := range rules.Rules() {
		if r.How == lint.Automatic && r.Check == lapseCheck {
			g.lapse = &r
		}
	}
	var err error
	if g.logos, err = picture.Logos(ctx, q); err != nil {
		return ground{}, err
	}
	e := values.Edition
	if e.ID == 0 {
		return g, nil
	}
	first, err := civil.ParseDate(e.FirstDay)
	if err != nil {
		return ground{}, fmt.Errorf("first day of edition %d: %w", e.ID, err)
	}
	last, err := civil.ParseDate(e.LastDay)
	if err != nil {
		return ground{}, fmt.Errorf("last day of edition %d: %w", e.ID, err)
	}
	g.days = civil.Range{Start: first, End: last}
	c, err := book.FindCampaign(ctx, q, e.Campaign)
	if err != nil {
		return ground{}, err
	}
	var o observance.Observance
	if err := json.Unmarshal(c.Observance, &o); err != nil {
		return ground{}, fmt.Errorf("observance of campaign %s: %w", e.Campaign, err)
	}
	g.themes, g.topics = o.Themes, []string{e.Campaign, o.ID}
	return g, nil
}

// subjectOf says what is common to all places of a matter.
func (g ground) subjectOf(m matter) lint.Subject {
	s := m.post.Source
	subject := lint.Subject{
		Language: m.language, ContentNote: s.ContentNote[m.language], Sensitive: s.Sensitive, Kind: s.Kind, CTA: s.CTA != "",
		Known: g.values.Facts, Themes: g.themes, Theme: g.values.Edition.Theme, Year: g.values.Edition.Year, Days: g.days,
		Topics: g.topics, Hosts: g.hosts, Message: m.post.Message, Today: civil.DateOf(g.now.UTC()),
	}
	for _, id := range s.StatedIn(m.language) {
		if f, ok := g.values.Facts[id]; ok {
			subject.Facts = append(subject.Facts, f)
		} else {
			subject.Facts = append(subject.Facts, campaign.Fact{ID: id, Status: campaign.DoNotUse, Note: "It is not among the facts that are kept here"})
		}
	}
	if s.Helpline != "" {
		subject.Countries = []string{s.Helpline}
	}
	return subject
}

// placed is a subject with the place that it goes to.
type placed struct {
	lint.Subject
	place  string
	filled fill.Filled
}

// subjects returns what is judged of a matter: what it would say at each place; where there is none, what is written.
func (g ground) subjects(m matter) []placed {
	var list []placed
	for _, f := range m.filled {
		if len(f.Words.Parts) == 0 {
			continue
		}
		s := g.subjectOf(m)
		s.Network, s.Account, s.At = f.Entry.Platform, f.Entry.Handle, f.Entry.DueAt.UTC()
		s.Filled, s.Parts, s.Hashtags = len(f.Missing) == 0, g.marked(f.Words.Parts), f.Words.Hashtags
		s.Country, s.Limits = g.values.Channels[f.Entry.Channel].Country, limits[f.Entry.Platform]
		if day, err := civil.ParseDate(f.Entry.DueDate); err == nil {
			s.Day = day
		}
		s.Helplines = g.lines.In(f.Words.Parts, s.Country, f.Entry.DueAt)
		if f.Line != nil {
			line := f.Line.Lint(f.Entry.DueAt)
			line.Valid = true // it holds now; that it runs out is said by lapses, because dispatch then sends the other text
			s.Helplines = append(slices.DeleteFunc(s.Helplines, func(l lint.Helpline) bool { return l.ID == line.ID }), line)
		}
		list = append(list, placed{Subject: s, place: f.Entry.Handle, filled: f})
	}
	if len(m.filled) > 0 {
		return list
	}
	words, ok := fill.Written(m.post.Source, m.language)
	if !ok {
		return nil
	}
	s := g.subjectOf(m)
	s.Parts, s.Hashtags = g.marked(words.Parts), words.Hashtags
	if day, err := civil.ParseDate(m.post.Source.When.Date); err == nil {
		s.Day = day
	}
	s.Helplines = g.lines.In(words.Parts, m.post.Source.Helpline, g.now)
	return []placed{{Subject: s}}
}

// marked returns parts in which the official logos are known as such.
func (g ground) marked(parts []lint.Part) []lint.Part {
	if len(g.logos) == 0 {
		return parts
	}
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i].Pictures = slices.Clone(parts[i].Pictures)
		for j := range parts[i].Pictures {
			parts[i].Pictures[j].Logo = g.logos[parts[i].Pictures[j].SHA256]
		}
	}
	return parts
}

// lapses says that the check of the number that a post shows runs out before the post goes out. On the last day that is an
// error: whoever reads the post then finds no number in it.
func (g ground) lapses(at placed) []lint.Finding {
	line, due := at.filled.Line, at.filled.Entry.DueAt
	if g.lapse == nil || line == nil || line.Holds(due) || line.Last == nil {
		return nil
	}
	f := lint.Finding{
		Rule: g.lapse.ID, Severity: lint.Warning, Part: -1, Field: "post", Language: at.Language, Quote: line.Name,
		Message: fmt.Sprintf("The check of this helpline runs out on %s, before the post goes out on %s.",
			line.Last.Until.UTC().Format("2 January 2006 at 15:04 UTC"), at.filled.Entry.DueDate),
		Suggestion: "Somebody checks the helpline again before then; otherwise the post goes out without its number.",
	}
	if due.Sub(g.now) <= 24*time.Hour {
		f.Severity = lint.Error
	}
	return []lint.Finding{f}
}
