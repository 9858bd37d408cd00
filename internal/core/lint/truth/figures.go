package truth

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/lint/figure"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// find returns the figures of a part, found once for all checks.
func find(v *prose.View, p prose.Part) []figure.Figure {
	return prose.Keep(p, "figures", func() []figure.Figure { return figure.Find(p.Words, v.Base) })
}

// UnsourcedFigure finds statistics in a post that names no fact. "Thousands of" is no figure that a source could have; a rule
// of its own says so.
func UnsourcedFigure(v *prose.View) []subject.Hit {
	if len(v.Facts) > 0 || v.HasToken("fact:") {
		return nil
	}
	var hits []subject.Hit
	for i, p := range v.Parts {
		for _, fig := range find(v, p) {
			if fig.Shape == figure.Vague {
				continue
			}
			hits = append(hits, v.Hit(i, fig.Start, fig.End, fmt.Sprintf("The figure “%s” has no source.", quote(p.Words, fig.Stretch))))
		}
	}
	return hits
}

func quote(f *prose.Folded, s prose.Stretch) string { return strings.TrimSpace(f.Plain[s.Start:s.End]) }

// figures are what a fact says in numbers, by shape.
type figures map[figure.Shape][]float64

// speaks reports whether the post says any figure. Most say none, and to read the facts for them takes longer than all the rest.
func speaks(v *prose.View) bool {
	return slices.ContainsFunc(v.Parts, func(p prose.Part) bool { return len(find(v, p)) > 0 })
}

// of returns the figures of a fact, in its value, in English and in the post's language, and every bare number among them: a value
// such as "39/23/22/16" says only with its sentence what it counts.
func of(f campaign.Fact, post string) (figures, []float64) {
	all := figures{}
	numbers := figure.Numbers(f.Value, "en")
	read := func(text, language string) {
		base, _, _ := strings.Cut(strings.ToLower(language), "-")
		for _, fig := range figure.Find(prose.Fold(text, nil), base) {
			if fig.Value > 0 {
				all[fig.Shape] = append(all[fig.Shape], fig.Value)
			}
		}
		numbers = append(numbers, figure.Numbers(text, base)...)
	}
	read(f.Value, "en")
	for language, text := range f.Texts {
		if base, _, _ := strings.Cut(strings.ToLower(language), "-"); base == "en" || base == post {
			read(text, language)
		}
	}
	return all, numbers
}

// Slack of rounding, behind a word such as "about": two points of a share, a twentieth of a count.
const (
	slackPoints = 2.0
	slackCount  = 0.05
)

// same reports whether a figure says a value, rounded where it says so.
func same(fig figure.Figure, value float64) bool {
	slack := 0.0
	switch {
	case fig.Shape == figure.Share && fig.About:
		slack = slackPoints
	case fig.About:
		slack = value * slackCount
	case fig.Shape == figure.Share:
		slack = 0.05
	}
	return math.Abs(fig.Value-value) <= slack+1e-9*value
}

// FigureDiffers finds figures that are none of those of the facts the post names, where one of these has a figure of the same shape.
func FigureDiffers(v *prose.View) []subject.Hit {
	if len(v.Facts) == 0 || !speaks(v) {
		return nil
	}
	shapes := map[figure.Shape]campaign.Fact{}
	allowed := figures{}
	var bare []float64
	for _, f := range v.Facts {
		list, numbers := of(f, v.Base)
		bare = append(bare, numbers...)
		for shape, values := range list {
			if _, known := shapes[shape]; !known {
				shapes[shape] = f
			}
			allowed[shape] = append(allowed[shape], values...)
		}
	}
	var hits []subject.Hit
	for i, p := range v.Parts {
		for _, fig := range find(v, p) {
			f, comparable := shapes[fig.Shape]
			matches := func(value float64) bool { return same(fig, value) }
			if !comparable || fig.Value == 0 || slices.ContainsFunc(allowed[fig.Shape], matches) || slices.ContainsFunc(bare, matches) {
				continue
			}
			hits = append(hits, v.Hit(i, fig.Start, fig.End, fmt.Sprintf("The text says “%s”. The fact %s says %s.", quote(p.Words, fig.Stretch), f.ID, value(f, allowed[fig.Shape]))))
		}
	}
	return hits
}

func value(f campaign.Fact, values []float64) string {
	if f.Value != "" {
		return f.Value
	}
	return strconv.FormatFloat(values[0], 'f', -1, 64)
}

// StaleFact finds facts that must not be stated on the day the post goes out, with what to say in their place. A fact whose
// review date is still to come is a mild hit: somebody can check it again before the post goes out.
func StaleFact(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for _, f := range v.Facts {
		ok, why := f.Usable(v.Day)
		if ok {
			continue
		}
		hit := subject.Hit{Part: -1, Field: subject.Facts, Message: why}
		hit.Mild = f.Status == campaign.Current && v.Today != (civil.Date{}) && !f.ReviewBy.Before(v.Today)
		if next, known := v.Known[f.SupersededBy]; known {
			hit.Suggestion = fmt.Sprintf("Say %s: “%s” (%s).", next.ID, sentence(next, v), next.Cite)
		}
		for i, p := range v.Parts {
			for _, in := range p.Inserted {
				if in.Token == "fact:"+f.ID && in.Start >= 0 && in.End <= len(p.Text) && in.Start < in.End {
					hit.Part, hit.Field, hit.Start, hit.End = i, subject.Text, in.Start, in.End
				}
			}
			if token := "{{fact:" + f.ID + "}}"; strings.Contains(p.Text, token) {
				at := strings.Index(p.Text, token)
				hit.Part, hit.Field, hit.Start, hit.End = i, subject.Text, at, at+len(token)
			}
		}
		hits = append(hits, hit)
	}
	return hits
}

// sentence returns what a fact says in the post's language, else in English.
func sentence(f campaign.Fact, v *prose.View) string {
	for _, language := range []string{v.Language, v.Base} {
		if s := f.Texts[language]; s != "" {
			return strings.TrimSuffix(s, ".")
		}
	}
	return strings.TrimSuffix(f.Texts["en"], ".")
}
