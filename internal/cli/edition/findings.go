package edition

import (
	"slices"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/judge"
	files "daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/content"
	"daymark/internal/flow/campaign/rules"
	"daymark/internal/flow/plan"
	"daymark/internal/org/fact"
)

// finding is one thing that the rules of content found in the words of a delivery.
type finding struct {
	lint.Finding
	WaivedBy string `json:"waived_by,omitempty"` // who lets it stand
	Reason   string `json:"reason,omitempty"`
}

// grave reports whether a finding keeps words from being sent for review.
func (f finding) grave() bool { return f.Severity == lint.Error && f.WaivedBy == "" }

// say is the finding in one line.
func (f finding) say() string {
	var b strings.Builder
	if f.Quote != "" {
		b.WriteString("“" + strings.Join(strings.Fields(f.Quote), " ") + "”: ")
	}
	b.WriteString(f.Message)
	if f.Suggestion != "" {
		b.WriteString(" " + f.Suggestion)
	}
	if f.WaivedBy != "" {
		b.WriteString(" (" + f.WaivedBy + " lets it stand: " + f.Reason + ")")
	}
	return b.String()
}

// judged puts what the rules say of an edition's posts beside its deliveries that are still to come. What they say of the
// edition as a whole is returned.
func judged(r *command.Run, a *app.App, edition int64, entries []book.Entry, list []planned) ([]finding, error) {
	now := a.Clock.Now()
	of, err := judge.Edition(r.Ctx, a.DB, a.Rules(), edition, now)
	if err != nil {
		return nil, err
	}
	type words struct {
		post     int64
		language string
	}
	found := map[words][]judge.Found{}
	for _, p := range of.Posts {
		for _, l := range p.Languages {
			found[words{p.Post.ID, l.Language}] = l.Findings
		}
	}
	for i, e := range entries {
		if (e.State != post.Held && e.State != post.Scheduled) || !e.Coming(now) {
			continue
		}
		for _, f := range found[words{e.Post, e.Language}] {
			if len(f.Places) > 0 && !slices.Contains(f.Places, e.Handle) {
				continue
			}
			one := finding{Finding: f.Finding}
			if f.Waiver != nil {
				one.WaivedBy, one.Reason = f.Waiver.Person, f.Waiver.Reason
			}
			list[i].Findings = append(list[i].Findings, one)
		}
	}
	var whole []finding
	for _, f := range of.Whole {
		whole = append(whole, finding{Finding: f})
	}
	return whole, nil
}

// foreseen puts what the rules say of a campaign's file beside the slots of a plan that is not made, in their order.
func foreseen(r *command.Run, a *app.App, loaded files.Loaded, year int, days civil.Range, laid []plan.Laid, list []planned) ([]finding, error) {
	words := content.Words{Campaign: loaded.Campaign, Observance: loaded.Observance, Facts: loaded.Facts, Year: year, Days: days}
	set, err := (*lint.Set)(nil), error(nil)
	if a == nil {
		words.Today = civil.Date{Year: 1, Month: time.January, Day: 1} // an imagined plan has no today: what is due can still be done
		set, err = rules.Shipped()
	} else {
		set, words.Today = a.Rules(), civil.DateOf(a.Clock.Now().UTC())
		words.Facts, err = known(r, a, loaded.Facts)
	}
	if err != nil {
		return nil, err
	}
	var whole []finding
	of := map[string][]content.Found{}
	for _, f := range content.Check(set, words) {
		if f.Message == "" {
			whole = append(whole, finding{Finding: f.Finding})
			continue
		}
		of[f.Message] = append(of[f.Message], f)
	}
	at := 0
	for _, l := range laid {
		for _, s := range l.Slots {
			for _, f := range of[l.Source.Message] {
				if f.Language == s.Language && concerns(f, l.Source, s.Place.Platform) {
					list[at].Findings = append(list[at].Findings, finding{Finding: f.Finding})
				}
			}
			at++
		}
	}
	return whole, nil
}

// known returns the facts of a campaign's folder as the database has them, where somebody has loaded or changed them.
func known(r *command.Run, a *app.App, own map[string]campaign.Fact) (map[string]campaign.Fact, error) {
	all, err := fact.All(r.Ctx, a.DB)
	if err != nil {
		return nil, err
	}
	for id, f := range own {
		if _, there := all[id]; !there {
			all[id] = f
		}
	}
	return all, nil
}

// concerns reports whether a finding about a file is about what goes out on a network: what has words of its own there does not
// say the common ones.
func concerns(f content.Found, s post.Source, network string) bool {
	if f.Network != "" {
		return f.Network == network
	}
	switch f.Field {
	case "text":
		return !slices.ContainsFunc(s.Variants, func(v post.Variant) bool {
			return v.Network == network && v.Language == f.Language && v.Part == max(f.Part, 0)+1
		})
	case "hashtags":
		_, own := s.NetworkTags[network]
		return !own
	}
	return true
}

// sayFindings prints what has to be mended or looked at, what several places share once.
func sayFindings(r *command.Run, list []planned, whole []finding) {
	seen := map[string]bool{}
	for _, p := range list {
		for _, f := range p.Findings {
			where := p.Message + " in " + p.Language
			if key := where + f.Rule + f.say(); f.Severity != lint.Note && !seen[key] {
				seen[key] = true
				r.Printf("%s %s: %s: %s\n", f.Severity, f.Rule, where, f.say())
			}
		}
	}
	for _, f := range whole {
		if f.Severity != lint.Note {
			r.Printf("%s %s: the campaign as a whole: %s\n", f.Severity, f.Rule, f.say())
		}
	}
}
