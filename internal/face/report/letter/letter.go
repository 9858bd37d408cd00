// Package letter writes to people of how things went, each in the language of their pages: the week, the morning after a campaign's day,
// the year.
//
// internal/flow/reach/digest decides who is written to and when, and adds up; letters go through the outbox of internal/org/notify, each
// exactly once for a person and a period, whichever daemon is first.
package letter

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/digest"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Settings is the page where people choose which letters they get.
const Settings = "/you/digests"

// Writer writes letters.
type Writer struct {
	DB        *postgres.DB
	Key       seal.Key // seals them while they wait
	PublicURL string   // what links begin with; empty for no links
}

// Write puts the letters into the outbox that are due at an instant of real time, and returns how many that were. What did nothing is not
// written of.
func (w Writer) Write(ctx context.Context, now time.Time) (int, error) {
	org, err := profile.Get(ctx, w.DB)
	if fault.Is(err, fault.NotFound) {
		return 0, nil // nobody works here yet
	}
	if err != nil {
		return 0, err
	}
	due, err := digest.List(ctx, w.DB, now, org.Zone)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	all, err := texts.All()
	if err != nil {
		return 0, err
	}
	written := 0
	for _, d := range due {
		words := page.Words{Words: all[0]}
		for _, one := range all {
			if one.Lang == d.Person.Interface || d.Person.Interface == "" && one.Lang == org.Language {
				words = page.Words{Words: one}
			}
		}
		wrote := false
		if err := w.DB.InTx(ctx, func(tx *postgres.Tx) (err error) {
			wrote, err = w.one(ctx, tx, d, words)
			return err
		}); err != nil {
			return written, err
		}
		if wrote {
			written++
		}
	}
	return written, nil
}

// one writes one letter, unless it was written meanwhile.
func (w Writer) one(ctx context.Context, tx *postgres.Tx, d digest.Due, words page.Words) (bool, error) {
	if first, err := digest.Take(ctx, tx, d); err != nil || !first {
		return false, err
	}
	lines, subject, err := w.read(ctx, tx, d, words)
	if err != nil || len(lines) == 0 {
		return false, err
	}
	s := letterhead.Sheet{Language: words.Lang, Heading: subject, Words: []string{words.T("digest.asked")}, Foot: []string{words.T("digest.foot")}}
	posts := 0
	for _, l := range lines {
		title := l.Title
		if title == "" {
			title = words.T("digest.none")
		}
		item := letterhead.Item{Mark: title, Say: words.T("digest.out", l.Posts) + " " + words.T("digest.gathered", told(words, l.Counts.Engagements), told(words, l.Counts.Impressions))}
		if l.Edition != 0 && w.PublicURL != "" {
			item.Link = letterhead.Link{Say: words.T("digest.report"), URL: fmt.Sprintf("%s/reach/%d/report", w.PublicURL, l.Edition)}
		}
		s.Items = append(s.Items, item)
		posts += l.Posts
	}
	if len(lines) > 1 {
		s.Words = append([]string{words.T("digest.out", posts)}, s.Words...)
	}
	if w.PublicURL != "" {
		s.Button = letterhead.Link{Say: words.T("digest.open"), URL: w.PublicURL + "/reach"}
		s.Settings = letterhead.Link{Say: words.T("digest.choose"), URL: w.PublicURL + Settings}
	}
	text, html, err := letterhead.Write(s)
	if err != nil {
		return false, err
	}
	_, err = notify.Queue(ctx, tx, w.Key, notify.Mail{
		To: d.Person.Email, Person: d.Person.ID, Kind: "figures", Subject: notify.OneLine(s.Heading), Text: text, HTML: html, Unsubscribe: s.Settings.URL,
	})
	return err == nil, err
}

// read returns what a letter tells, and its subject; no lines when nothing went out.
func (w Writer) read(ctx context.Context, q postgres.Querier, d digest.Due, words page.Words) ([]digest.Line, string, error) {
	if d.Kind != digest.After {
		lines, err := digest.Lines(ctx, q, d.From, d.To)
		subject := words.T("digest.week.subject", words.Days(d.From.String(), d.To.String()))
		if d.Kind == digest.Year {
			subject = words.T("digest.year.subject", d.From.Year)
		}
		return lines, subject, err
	}
	e, err := book.EditionByID(ctx, q, d.Edition)
	if err != nil {
		return nil, "", err
	}
	brief, err := reach.InBrief(ctx, q, d.Edition)
	if err != nil || brief.Posts == 0 {
		return nil, "", err
	}
	title := e.Title + " " + strconv.Itoa(e.Year)
	return []digest.Line{{Edition: e.ID, Title: title, Posts: brief.Posts, Counts: brief.Totals}}, words.T("digest.after.subject", title), nil
}

func told(words page.Words, n *int64) string {
	if n == nil {
		return words.T("report.untold")
	}
	return words.Number(*n)
}
