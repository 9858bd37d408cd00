package home

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/glance"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/org/licence"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
)

// waiting fills in what waits for this person's word, and what waits for anybody's now.
func (v viewer) waiting(ctx context.Context, p *homePage) error {
	reviewer := v.Person.May(people.PostApprove)
	if !reviewer { // the list of drafts is long, and only what goes out at once is theirs to see here
		if is, err := glance.AnyPrompt(ctx, v.db, v.Now); err != nil || !is {
			return err
		}
	}
	drafts, err := waiting.Drafts(ctx, v.db, v.Person)
	if err != nil {
		return err
	}
	var shown []waiting.Draft // what goes out at once, and the first that waits for this person
	var first int64
	for _, one := range drafts {
		mine := reviewer && one.For(v.Person)
		if mine {
			p.Drafts++
		}
		if mine && first == 0 {
			first = one.Submission
			shown = append(shown, one)
		} else if one.Prompt && !one.Changes {
			shown = append(shown, one)
		}
	}
	cards, err := review.Some(ctx, v.db, v.Person, shown)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Prompt && c.Until.After(v.Now) && !c.Changes {
			p.Now = append(p.Now, page.Line{
				ID: fmt.Sprintf("now-%d", c.Submission), URL: fmt.Sprintf("/review/%d", c.Submission), Name: page.Heading(c.Message, c.Kind),
				Languages: v.Words.Tongue(c.Language), When: v.Words.Moment(c.Until, v.Zone),
			})
		}
		if c.Submission == first {
			p.First = page.Line{
				URL: fmt.Sprintf("/review/%d", c.Submission), Name: page.Heading(c.Message, c.Kind), Languages: v.Words.Tongue(c.Language),
				When: v.Words.Moment(c.First, v.Zone),
			}
		}
	}
	if reviewer {
		p.Frame.Waiting = new(p.Drafts)
	}
	return nil
}

// own fills in the drafts that this person goes on with.
func (v viewer) own(ctx context.Context, p *homePage) error {
	list, err := glance.Own(ctx, v.db, v.of, lines)
	for _, d := range list {
		p.Own = append(p.Own, own{
			ID: fmt.Sprintf("own-%d", d.Post), URL: fmt.Sprintf("/posts/%d", d.Post), Name: page.Heading(d.Message, d.Kind),
			Mark: v.Words.MarkOf(page.StandingOf(d.State, d.Hold, page.Standing(d.Review))), When: v.Words.Moment(d.First, v.Zone),
		})
	}
	return err
}

// verdicts are how the page shows what somebody said.
var verdicts = map[string]page.Mark{
	"approve":  {ID: "approve", Icon: "thumbs-up", Tone: "live"},
	"changes":  {ID: "changes", Icon: "message-square", Tone: "look"},
	"withdraw": {ID: "withdraw", Icon: "undo-2", Tone: "look"},
	"hold":     {ID: "hold", Icon: "hand", Tone: "look"},
}

// decided fills in what this person said lately.
func (v viewer) decided(ctx context.Context, p *homePage) error {
	list, err := glance.Decided(ctx, v.db, v.of, lines)
	for _, d := range list {
		mark := verdicts[d.Verdict]
		mark.Word = v.Words.T("verdict." + d.Verdict)
		p.Decided = append(p.Decided, said{
			URL: fmt.Sprintf("/review/%d", d.Submission), Name: page.Heading(d.Message, d.Kind), Language: v.Words.Tongue(d.Language), Mark: mark,
			When: v.Words.Moment(d.At, v.Zone),
		})
	}
	return err
}

// wanting fills in how far posts are in the person's languages.
func (v viewer) wanting(ctx context.Context, p *homePage) error {
	list, err := glance.WantingIn(ctx, v.db, v.of, v.Person.Languages, v.Now.Add(ahead))
	for _, w := range list {
		one := wanting{Language: v.Words.Tongue(w.Language), Lang: w.Language, Lacks: w.Lacks}
		for _, line := range []struct {
			key string
			n   int
		}{{"home.wanting.missing", w.Missing}, {"home.wanting.drafts", w.Drafts}, {"home.wanting.asked", w.Asked}} {
			if line.n > 0 {
				one.Lines = append(one.Lines, v.Words.T(line.key, line.n))
			}
		}
		if w.Post != 0 && w.First != nil {
			one.URL, one.Name = fmt.Sprintf("/posts/%d", w.Post), page.Heading(w.Message, w.Kind)
			one.When = v.Words.Moment(*w.First, v.Zone)
		}
		if len(one.Lines) > 0 {
			p.Wanting = append(p.Wanting, one)
		}
	}
	slices.SortStableFunc(p.Wanting, func(a, b wanting) int { return rank(a) - rank(b) })
	return err
}

// rank puts languages in which a post says nothing yet before those with drafts, and these before those in which nothing is to be done.
func rank(w wanting) int {
	switch {
	case w.Lacks:
		return 0
	case w.URL != "":
		return 1
	}
	return 2
}

// accounts fills in how the accounts are that this person answers for.
func (v viewer) accounts(ctx context.Context, p *homePage) (err error) {
	p.Accounts, err = v.accountLooks(ctx, 2*lines, false)
	return err
}

func (v viewer) accountLooks(ctx context.Context, n int, onlyWrong bool) ([]page.Look, error) {
	list, err := glance.Accounts(ctx, v.db, v.of, n)
	var out []page.Look
	for _, a := range list {
		look := page.Look{
			Mark: page.Mark{ID: "ready", Icon: "circle-check", Word: v.Words.T("channels.ready"), Tone: "live"}, Text: a.Name,
			URL: fmt.Sprintf("/channels/%d", a.ID),
		}
		if a.Problem != "" {
			look.Mark = page.Mark{ID: "problem", Icon: "octagon-x", Word: v.Words.T("channels.problem"), Tone: "harm"}
			look.Text = v.Words.T("home.look.why", a.Name, v.Words.InEnglish(a.Problem))
		} else if onlyWrong {
			continue
		}
		out = append(out, look)
	}
	return out, err
}

// mailBack is how far back letters that were given up are told of.
const mailBack = 7 * 24 * time.Hour

// health fills in what an admin has to know of the machine's own matters. What is well is said too, so that silence is no news.
func (v viewer) health(ctx context.Context, p *homePage) error {
	good := page.Mark{ID: "well", Icon: "circle-check", Word: v.Words.T("home.health.well"), Tone: "live"}
	bad := page.Mark{ID: "problem", Icon: "triangle-alert", Word: v.Words.T("home.health.look"), Tone: "look"}
	mail, err := notify.StuckFor(ctx, v.db, mailBack)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		key string
		n   int
	}{{"home.mail.waiting", mail.Waiting}, {"home.mail.given-up", mail.GivenUp}, {"home.mail.refused", mail.Refused}} {
		if one.n > 0 {
			p.Health = append(p.Health, page.Look{Mark: bad, Text: v.Words.T(one.key, one.n), URL: "/people"})
		}
	}
	if len(p.Health) == 0 {
		text := v.Words.T("home.mail.none")
		if mail.Sent != nil {
			text = v.Words.T("home.mail.well", v.dayOf(*mail.Sent))
		}
		p.Health = append(p.Health, page.Look{Mark: good, Text: text, URL: "/you/mail"})
	}
	wrong, err := v.accountLooks(ctx, lines, true)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		wrong = []page.Look{{Mark: good, Text: v.Words.T("home.accounts.well"), URL: "/channels"}}
	}
	p.Health = append(p.Health, wrong...)
	pauses, err := licence.Active(ctx, v.db)
	if err != nil {
		return err
	}
	may := page.Look{Mark: good, Text: v.Words.T("home.licence.well"), URL: "/pause"}
	if slices.ContainsFunc(pauses, func(one licence.Pause) bool { return one.Cause == licence.ByLicence }) {
		may.Mark, may.Text = bad, v.Words.T("home.licence.lost")
	}
	p.Health = append(p.Health, may)
	return nil
}

// figures are those of Home, in its order.
var figures = []struct {
	id string
	of func(reach.Counts) *int64
}{
	{"impressions", func(c reach.Counts) *int64 { return c.Impressions }},
	{"engagements", func(c reach.Counts) *int64 { return c.Engagements }},
	{"clicks", func(c reach.Counts) *int64 { return c.Clicks }},
}

// reached fills in what the last edition reached, beside the one of the same campaign the year before.
func (v viewer) reached(ctx context.Context, p *homePage, editions []book.Edition) error {
	today := v.Now.In(v.Zone).Format(time.DateOnly)
	at := slices.IndexFunc(editions, func(e book.Edition) bool { return !e.Rehearsal && e.FirstDay <= today })
	if at < 0 { // the last may be a rehearsal, and a campaign begins before its day
		at = slices.IndexFunc(editions, func(e book.Edition) bool { return e.FirstDay <= today })
	}
	if at < 0 && len(editions) > 0 {
		at = len(editions) - 1
	}
	if at < 0 {
		return nil
	}
	e := editions[at]
	now, err := reach.InBrief(ctx, v.db, e.ID)
	if err != nil || now.Posts == 0 {
		return err
	}
	before := reach.Brief{}
	same := func(o book.Edition) bool {
		return o.Campaign == e.Campaign && o.Year == e.Year-1 && o.Rehearsal == e.Rehearsal
	}
	if was := slices.IndexFunc(editions, same); was >= 0 {
		if before, err = reach.InBrief(ctx, v.db, editions[was].ID); err != nil {
			return err
		}
	}
	p.Reached = reached{Any: true, Title: view.Title(e), Days: v.Words.Days(e.FirstDay, e.LastDay), Out: v.Words.T("reach.out", now.Posts), URL: fmt.Sprintf("/reach/%d", e.ID)}
	for _, f := range figures {
		one := figure{ID: f.id, Word: v.Words.T("figure." + f.id)}
		if n := f.of(now.Totals); n != nil {
			one.Value = v.Words.Count(*n)
		}
		if n := f.of(before.Totals); n != nil {
			one.Before = v.Words.T("home.reach.before", fmt.Sprint(e.Year-1), v.Words.Count(*n))
		}
		p.Reached.Figures = append(p.Reached.Figures, one)
	}
	p.Reached.Missing = view.Lacks(v.Words, now.Lacks)
	if now.LastAsked != nil {
		p.Reached.Asked = v.Words.Moment(*now.LastAsked, v.Zone)
	}
	return nil
}
