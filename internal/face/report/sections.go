package report

import (
	"slices"
	"strconv"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
)

// did says what went out.
func (w writer) did() Section {
	r := w.h.Report
	s := Section{ID: "did", Heading: w.t("report.did")}
	count := func(id string, n int) {
		s.Figures = append(s.Figures, Figure{ID: id, Word: w.t("report." + id), Value: w.Words.Number(int64(n))})
	}
	count("posts", r.PublishedDeliveries)
	count("channels", len(r.ByChannel))
	count("languages", len(r.ByLanguage))
	count("networks", len(r.ByNetwork))
	for _, state := range []struct {
		id string
		n  int
	}{{"waiting", r.Waiting}, {"missed", r.Missed}, {"failed", r.Failed}, {"unknown", r.Unknown}, {"cancelled", r.Cancelled}, {"removed", r.Removed}, {"gone", r.Gone}} {
		if state.n > 0 {
			s.Points = append(s.Points, w.t("report.state", w.t("report.state."+state.id), w.Words.Number(int64(state.n))))
		}
	}
	if h := w.h.Handling; h.OnTime.Of > 0 {
		s.Words = append(s.Words, w.t("report.ontime", h.OnTime.Is, h.OnTime.Of))
	}
	return s
}

// saw says how often posts were shown.
func (w writer) saw() Section {
	r := w.h.Report
	s := Section{ID: "saw", Heading: w.t("report.saw"), Words: []string{w.t("report.saw.text")}}
	s.Figures = []Figure{{ID: "impressions", Word: w.t("figure.impressions"), Value: w.told(r.Totals.Impressions)}}
	t := Table{ID: "shown", Columns: []string{w.t("report.col.network"), w.t("report.col.posts"), w.t("figure.impressions")}}
	for _, row := range r.ByNetwork {
		t.Rows = append(t.Rows, Row{Label: w.Words.Network(row.Key), Cells: []string{w.Words.Number(int64(row.Posts)), w.cell(row.Counts.Impressions)}})
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
	return s
}

// acted says what people did with the posts.
func (w writer) acted() Section {
	r := w.h.Report
	s := Section{ID: "acted", Heading: w.t("report.acted")}
	for _, f := range figures {
		if f.id != "impressions" {
			s.Figures = append(s.Figures, Figure{ID: f.id, Word: w.t("figure." + f.id), Value: w.told(f.of(r.Totals))})
		}
	}
	if f, ok := w.rate(); ok {
		s.Figures = append(s.Figures, f)
	}
	add := func(id string, rows []reach.Row) {
		if len(rows) > 0 {
			s.Tables = append(s.Tables, w.table(id, w.t("report.col."+id), rows))
		}
	}
	add("message", relabelled(r.ByMessage, w.message))
	add("channel", relabelled(r.ByChannel, func(row reach.Row) string { return typed(row.Label) }))
	add("language", relabelled(r.ByLanguage, func(row reach.Row) string { return w.Words.Tongue(row.Key) }))
	add("network", relabelled(r.ByNetwork, func(row reach.Row) string { return w.Words.Network(row.Key) }))
	add("day", relabelled(r.ByDay, w.day))
	return s
}

// rate is engagements of a hundred impressions, with of how many that is.
func (w writer) rate() (Figure, bool) {
	tenths, of, ok := w.h.Compared.Total.Rate()
	if !ok {
		return Figure{}, false
	}
	return Figure{ID: "rate", Word: w.t("report.rate"), Value: w.Words.PercentTenths(tenths), Note: w.t("report.rate.of", w.Words.Number(of))}, true
}

// message names a message in the language of the report, by its kind and how it begins.
func (w writer) message(r reach.Row) string {
	at := slices.IndexFunc(w.h.Compared.Messages, func(m compare.Message) bool { return m.Key == r.Key })
	if at < 0 {
		return typed(r.Label)
	}
	m := w.h.Compared.Messages[at]
	words := m.Texts[w.Words.Lang]
	if words == "" {
		words = m.Texts["en"]
	}
	if words == "" {
		return page.Heading(m.Key, m.Kind)
	}
	const most = 70
	return short(words, most)
}

// help shows what people entered.
func (w writer) help() Section {
	s := Section{ID: "help", Heading: w.t("report.help")}
	if len(w.h.Entered) == 0 {
		s.Words = []string{w.t("report.help.none")}
		return s
	}
	s.Words = []string{w.t("report.help.text")}
	for _, f := range w.h.Entered {
		name := apart(typed(f.Name))
		if key := "report.entered." + f.Name; w.Words.Has(key) {
			name = w.t(key)
		}
		value := w.Words.Hundredths(f.Hundredths)
		if f.Unit != "" {
			value += " " + apart(typed(f.Unit))
		}
		note := ""
		if f.Note != "" {
			const most = 160
			note = apart(short(f.Note, most))
		}
		s.Figures = append(s.Figures, Figure{ID: "entered", Word: name, Value: value, Note: note})
	}
	return s
}

// before lays the edition beside that of the year before.
func (w writer) before() Section {
	s := Section{ID: "before", Heading: w.t("report.before")}
	b := w.h.Before
	if b == nil {
		s.Words = []string{w.t("report.before.none")}
		return s
	}
	r := w.h.Report
	s.Words = []string{w.t("report.before.text", b.Offset)}
	t := Table{ID: "before", Columns: []string{w.t("report.col.figure"), strconv.Itoa(r.Edition.Year), strconv.Itoa(b.Edition.Year), w.t("report.col.change")}}
	add := func(name string, now, then *int64) {
		if now == nil && then == nil {
			return
		}
		change := "–"
		if hundredths, ok := compare.Change(now, then); ok {
			if change = w.Words.Percent(hundredths); hundredths > 0 {
				change = "+" + change
			}
		}
		t.Rows = append(t.Rows, Row{Label: name, Cells: []string{w.cell(now), w.cell(then), change}})
	}
	add(w.t("report.posts"), new(int64(r.PublishedDeliveries)), new(int64(b.Posts)))
	for _, f := range figures {
		add(w.t("figure."+f.id), f.of(r.Totals), f.of(b.Counts))
	}
	s.Tables = []Table{t}
	return s
}

// safety says what was done so that nothing wrong went out.
func (w writer) safety() Section {
	s := Section{ID: "safety", Heading: w.t("report.safety"), Words: []string{w.t("report.safety.text")}}
	safe, h := w.h.Safety, w.h.Handling
	for _, f := range []struct {
		id string
		n  int
	}{
		{"texts", safe.Texts},
		{"approvals", safe.Approvals},
		{"changes", safe.Changes},
		{"holds", safe.Holds},
		{"corrections", safe.Corrections},
		{"takedowns", safe.TakeDowns},
	} {
		s.Figures = append(s.Figures, Figure{ID: f.id, Word: w.t("report.safety." + f.id), Value: w.Words.Number(int64(f.n))})
	}
	if h.Cleared > 0 {
		s.Figures = append(s.Figures, Figure{ID: "approval", Word: w.t("report.safety.approval"), Value: w.Words.Span(h.Approval), Note: w.t("report.safety.approval.of", h.Cleared)})
	}
	if h.Complete.Of > 0 {
		s.Figures = append(s.Figures, Figure{ID: "complete", Word: w.t("report.safety.complete"), Value: w.t("report.of", h.Complete.Is, h.Complete.Of), Note: w.t("report.safety.complete.text")})
	}
	return s
}

// learnt tells what the team wrote down.
func (w writer) learnt() Section {
	s := Section{ID: "learnt", Heading: w.t("report.learnt")}
	if len(w.h.Lessons) == 0 {
		s.Words = []string{w.t("report.learnt.none")}
	}
	for _, l := range w.h.Lessons {
		kind := ""
		if at := slices.IndexFunc(w.h.Compared.Messages, func(m compare.Message) bool { return m.Key == l.Message }); at >= 0 {
			kind = w.h.Compared.Messages[at].Kind
		}
		s.Notes = append(s.Notes, Note{Of: page.Heading(l.Message, kind), Words: typed(l.Body)})
	}
	return s
}

// lacks says what is missing from the figures.
func (w writer) lacks() Section {
	s := Section{ID: "lacks", Heading: w.t("report.lacks"), Points: view.Lacks(w.Words, w.h.Report.Lacks)}
	if len(s.Points) == 0 {
		s.Words = []string{w.t("report.lacks.none")}
	}
	return s
}

// meaning says what the figures mean, and how to prove later what the log was.
func (w writer) meaning() Section {
	s := Section{ID: "meaning", Heading: w.t("report.meaning")}
	for _, key := range []string{"dash", "engagements", "rate", "fediverse", "day"} {
		s.Small = append(s.Small, w.t("report.meaning."+key))
	}
	if head := w.h.Report.Log; head.Seal > 0 {
		s.Small = append(s.Small, w.t("report.log"), "\u2066"+head.String()+"\u2069") // it runs from left to right in each language
	}
	s.Small = append(s.Small, w.t("report.made", w.moment(w.Now)))
	return s
}

// onPicture is how many figures a picture shows.
const onPicture = 4

// main are the figures that stand for all, on a picture.
func (w writer) main() []Figure {
	r := w.h.Report
	list := []Figure{{ID: "posts", Word: w.t("report.posts"), Value: w.Words.Number(int64(r.PublishedDeliveries))}}
	for _, id := range []string{"impressions", "engagements", "clicks", "favourites", "boosts", "replies"} {
		for _, f := range figures {
			if n := f.of(r.Totals); f.id == id && n != nil && len(list) < onPicture {
				list = append(list, Figure{ID: id, Word: w.t("figure." + id), Value: w.Words.Number(*n)})
			}
		}
	}
	if len(list) < onPicture {
		list = append(list, Figure{ID: "languages", Word: w.t("report.languages"), Value: w.Words.Number(int64(len(r.ByLanguage)))})
	}
	return list
}
