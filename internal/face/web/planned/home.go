package planned

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// What Home looks at around now, and how many lines of each kind it shows.
const (
	homeBack  = 14 * 24 * time.Hour
	homeAhead = 60 * 24 * time.Hour
	homeLines = 5
)

// Home reads what needs this person.
func Home(ctx context.Context, q postgres.Querier, who view.Viewer) (*page.Home, error) {
	v := viewer{who}
	h := &page.Home{
		Frame:    page.Frame{Title: v.Words.T("home.title"), Door: "home"},
		Reviewer: v.Person.May(people.PostApprove), Editor: v.Person.May(people.PostSubmit), Writes: v.Person.May(people.PostWrite),
	}
	if err := v.waiting(ctx, q, h); err != nil {
		return nil, err
	}
	editions, err := v.editions(ctx, q)
	if err != nil {
		return nil, err
	}
	h.Next, h.HasNext = next(editions, v)
	near, err := v.ReadStands(ctx, q, book.EntryFilter{From: v.Now.Add(-homeBack), To: v.Now.Add(homeAhead)})
	if err != nil {
		return nil, err
	}
	h.Looks = v.looks(near)
	if h.Decide, err = decide.Count(ctx, q); err != nil {
		return nil, err
	}
	if err := v.needs(ctx, q, h, near); err != nil {
		return nil, err
	}
	var coming, sent []view.Stand
	for _, s := range near {
		if s.Live() && s.DueAt.After(v.Now) {
			coming = append(coming, s)
		}
		if s.State == post.Published {
			sent = append(sent, s)
		}
	}
	slices.Reverse(sent)
	onDay := func(s view.Stand) string { return fmt.Sprint(s.Post, v.DateOf(s, false)) }
	h.Coming = firsts(v.Lines(coming, false, onDay))
	h.Sent = firsts(v.Lines(sent, false, onDay))
	return h, nil
}

func firsts(lines []page.Line) []page.Line { return lines[:min(len(lines), homeLines)] }

// waiting fills in what waits for this person's word, and what waits for anybody's now.
func (v viewer) waiting(ctx context.Context, q postgres.Querier, h *page.Home) error {
	drafts, err := waiting.Drafts(ctx, q, v.Person)
	if err != nil {
		return err
	}
	var shown []waiting.Draft // what goes out at once, and the first that waits for this person
	var first int64
	for _, one := range drafts {
		mine := h.Reviewer && one.For(v.Person)
		if mine {
			h.Drafts++
		}
		if mine && first == 0 {
			first = one.Submission
			shown = append(shown, one)
		} else if one.Prompt && !one.Changes {
			shown = append(shown, one)
		}
	}
	cards, err := review.Some(ctx, q, v.Person, shown)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Prompt && c.Until.After(v.Now) && !c.Changes {
			h.Now = append(h.Now, page.Line{
				ID: fmt.Sprintf("now-%d", c.Submission), URL: fmt.Sprintf("/review/%d", c.Submission), Name: page.Heading(c.Message, c.Kind),
				Languages: v.Words.Tongue(c.Language), When: v.Words.Moment(c.Until, v.Zone),
			})
		}
		if c.Submission == first {
			h.First = page.Line{
				URL: fmt.Sprintf("/review/%d", c.Submission), Name: page.Heading(c.Message, c.Kind), Languages: v.Words.Tongue(c.Language),
				When: v.Words.Moment(c.First, v.Zone),
			}
		}
	}
	if h.Reviewer {
		h.Frame.Waiting = new(h.Drafts)
	}
	return nil
}

// next returns the edition that is on or comes soonest, a real one before a rehearsal.
func next(editions []edition, v viewer) (page.EditionLine, bool) {
	today := v.Now.In(v.Zone).Format(time.DateOnly)
	var best *edition
	for i := range editions {
		e := &editions[i]
		if e.LastDay < today {
			continue
		}
		if best == nil || (best.Rehearsal && !e.Rehearsal) || (best.Rehearsal == e.Rehearsal && e.FirstDay < best.FirstDay) {
			best = e
		}
	}
	if best == nil && len(editions) > 0 {
		best = &editions[0]
	}
	if best == nil {
		return page.EditionLine{}, false
	}
	return v.editionLine(*best), true
}

// risks lists the posts of which something is at risk, each once with what is found first, those due soonest first.
func (v viewer) risks(near []view.Stand) []page.Look {
	mark := page.Mark{ID: "risk", Icon: "triangle-alert", Word: v.Words.T("ahead.mark"), Tone: "look"}
	var out []page.Look
	seen := map[int64]bool{}
	for _, s := range near {
		if len(s.Risks) == 0 || seen[s.Post] || len(out) == homeLines {
			continue
		}
		seen[s.Post] = true
		text := v.Words.T("home.look", page.Heading(s.Message, s.Kind), s.Handle) + ". " + s.Risks[0].Say
		out = append(out, page.Look{Mark: mark, Text: text, URL: fmt.Sprintf("/posts/%d", s.Post)})
	}
	return out
}

// looks lists what a person has to decide or know, the most urgent first.
func (v viewer) looks(near []view.Stand) []page.Look {
	urgent := []page.Standing{"failed", "missed", "unknown", "decision", "overdue", page.Changes}
	out := v.risks(near)
	for _, want := range urgent {
		for _, s := range near {
			if s.Standing != want || len(out) == 2*homeLines {
				continue
			}
			text := v.Words.T("home.look", page.Heading(s.Message, s.Kind), s.Handle)
			if s.Problem != "" {
				text += ". " + s.Problem
			}
			out = append(out, page.Look{Mark: v.Words.MarkOf(s.Standing), Text: text, URL: fmt.Sprintf("/posts/%d", s.Post)})
		}
	}
	return out
}
