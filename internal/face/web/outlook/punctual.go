package outlook

import (
	"fmt"
	"strconv"
	"time"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/org/channel"
)

// punctualPage answers "did it go out in time, and if not, why?".
type punctualPage struct {
	page.Frame
	Periods, Editions, Channels []page.Option
	Posts, Late                 int
	Figures                     []figure // of all
	NotOut                      []string // what did not go out, a sentence each
	Reasons                     []reason
	Tables                      []table
	Latest                      []lateRow
	Capped                      int // how many late ones are shown, when there are more
}

// figure is one number with its word.
type figure struct {
	ID, Word, Value string
}

// reason is why so many were late.
type reason struct {
	ID, Word string
	Posts    int
}

// table is the figures by day, channel or edition.
type table struct {
	ID, Heading, Column string
	Rows                []tableRow
}

type tableRow struct {
	Label           string
	Posts, Late     int
	P50, P99, Most  string
	Network50, Last string // by the network's word
}

// lateRow is one delivery that was late.
type lateRow struct {
	ID, URL, Name, Language, Where string
	Due                            page.Moment
	By, Reason                     string
}

// periods are how far back can be looked, in days.
var periods = []int{1, 7, 30, 365}

// Punctuality answers with how late posts went out, and why.
func (d Desk) Punctuality(r ask.Request) (ask.Answer, error) {
	t, q := r.Words.T, r.URL.Query()
	days, _ := strconv.Atoi(q.Get("days")) // what is no number is the usual period
	of := punctual.Of{To: r.Now.Add(time.Second)}
	of.Edition, _ = strconv.ParseInt(q.Get("edition"), 10, 64) // likewise all of them
	of.Channel, _ = strconv.ParseInt(q.Get("channel"), 10, 64)
	p := &punctualPage{Frame: page.Frame{Template: "punctuality", Title: t("late.title"), Door: "published"}}
	chosen := 7
	for _, n := range periods {
		if n == days {
			chosen = n
		}
	}
	for _, n := range periods {
		p.Periods = append(p.Periods, page.Option{Value: strconv.Itoa(n), Word: t("late.days", n), Chosen: n == chosen})
	}
	of.From = r.Now.AddDate(0, 0, -chosen)
	editions, err := r.Viewer.Editions(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Editions = r.EditionOptions(editions, of.Edition)
	channels, err := channel.List(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Channels = []page.Option{{Word: t("cal.all")}}
	for _, c := range channels {
		if !r.Within.Channel(c.ID) {
			continue
		}
		p.Channels = append(p.Channels, page.Option{Value: strconv.FormatInt(c.ID, 10), Word: c.Name, Chosen: c.ID == of.Channel})
	}
	report, err := punctual.Read(r.Context(), d.db, of, r.Now)
	if err != nil {
		return ask.Answer{}, err
	}
	p.write(r, report)
	return ask.Shown(p), nil
}

// reasons lists why posts are late in the order in which the page shows them.
var reasons = []string{punctual.Approval, punctual.Paused, punctual.Down, punctual.Proof, punctual.Limited, punctual.Network, punctual.Turn}

func (p *punctualPage) write(r ask.Request, report punctual.Report) {
	t, all := r.Words.T, report.Total
	p.Posts, p.Late = all.Posts, all.Late
	p.Figures = []figure{
		{"p50", t("late.p50"), r.Words.Span(all.P50)},
		{"p99", t("late.p99"), r.Words.Span(all.P99)},
		{"max", t("late.max"), r.Words.Span(all.Max)},
		{"network-p50", t("late.network.p50"), r.Words.Span(all.NetworkP50)},
		{"network-p99", t("late.network.p99"), r.Words.Span(all.NetworkP99)},
	}
	for _, not := range []struct {
		key string
		n   int
	}{{"late.missed", report.Missed}, {"late.failed", report.Failed}, {"late.unknown", report.Unknown}, {"late.due", report.Due}} {
		if not.n > 0 {
			p.NotOut = append(p.NotOut, t(not.key, not.n))
		}
	}
	for _, why := range reasons {
		if n := report.Reasons[why]; n > 0 {
			p.Reasons = append(p.Reasons, reason{"reason-" + why, t("late.why." + why), n})
		}
	}
	for i := range report.ByDay {
		report.ByDay[i].Label = r.Words.LongDay(report.ByDay[i].Key)
	}
	for i := range report.ByEdition {
		if report.ByEdition[i].Key == "0" {
			report.ByEdition[i].Label = t("late.alone")
		}
	}
	for _, b := range []struct {
		name string
		rows []punctual.Row
	}{{"day", report.ByDay}, {"channel", report.ByChannel}, {"edition", report.ByEdition}} {
		if len(b.rows) == 0 {
			continue
		}
		one := table{ID: "by-" + b.name, Heading: t("late.by." + b.name), Column: t("late.col." + b.name)}
		for _, row := range b.rows {
			one.Rows = append(one.Rows, tableRow{
				Label: row.Label, Posts: row.Posts, Late: row.Late, P50: r.Words.Span(row.P50), P99: r.Words.Span(row.P99), Most: r.Words.Span(row.Max),
				Network50: r.Words.Span(row.NetworkP50), Last: r.Words.Span(row.NetworkLatest),
			})
		}
		p.Tables = append(p.Tables, one)
	}
	for _, l := range report.Latest {
		p.Latest = append(p.Latest, lateRow{
			ID: fmt.Sprintf("late-%d", l.ID), URL: fmt.Sprintf("/posts/%d", l.Post), Name: page.Heading(l.Message, l.Kind), Language: r.Words.Tongue(l.Language),
			Where: l.Channel, Due: r.Words.Moment(l.DueAt, r.Zone), By: r.Words.Span(l.By()), Reason: t("late.why." + l.Reason),
		})
	}
	if len(p.Latest) < p.Late {
		p.Capped = len(p.Latest)
	}
}
