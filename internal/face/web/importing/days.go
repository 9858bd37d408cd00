package importing

import (
	"fmt"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/plan/almanac"
	"daymark/internal/org/people/parked"
	"daymark/internal/postgres"
)

// daysPage shows what a calendar file would become.
type daysPage struct {
	page.Frame
	File  string
	Seen  string
	Good  int
	Wrong int
	Rows  []dayRow
}

type dayRow struct {
	Number   int // in the file, from 1
	Line     int
	Name     string
	Next     string // its next dates
	Rule     string
	Says     string // the repetition as the file writes it, where it was not understood
	Notes    []string
	Problem  string
	Standing string // that it is there already, and so on
	Good     bool
	Chosen   bool
}

// Days answers with what the person's calendar file would become.
func (d Desk) Days(r ask.Request) (ask.Answer, error) {
	p, _, err := d.days(r)
	if fault.Is(err, fault.NotFound) {
		return ask.Answer{To: "/import", Said: r.Words.Say(err)}, nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) days(r ask.Request) (*daysPage, []almanac.Found, error) {
	file, err := parked.Parked(r.Context(), d.db, r.Person.ID, parked.Days)
	if err != nil {
		return nil, nil, err
	}
	entries, err := ics.Read(file.Body)
	if err != nil {
		return nil, nil, err
	}
	all, err := almanac.All(r.Context(), d.db, d.shipped)
	if err != nil {
		return nil, nil, err
	}
	found := almanac.Look(entries, all)
	p := &daysPage{Frame: page.Frame{Template: "import_days", Title: r.Words.T("import.days.title"), Door: "calendar"}, File: file.Name, Seen: file.Seen()}
	for i, f := range found {
		p.Rows = append(p.Rows, d.row(r, i+1, f))
		if f.Good() {
			p.Good++
		} else {
			p.Wrong++
		}
	}
	return p, found, nil
}

func (d Desk) row(r ask.Request, number int, f almanac.Found) dayRow {
	t := r.Words.T
	row := dayRow{Number: number, Line: f.Line, Name: f.Name, Good: f.Good()}
	switch {
	case f.Problem != nil:
		row.Problem = r.Words.Say(f.Problem)
		return row
	case f.Unsafe:
		row.Problem = t("import.unsafe")
		return row
	}
	row.Chosen = !f.Same && f.Ours == ""
	switch {
	case f.Same:
		row.Standing = t("import.same")
	case f.There:
		row.Standing = t("import.changes")
	case f.Ours != "":
		row.Standing = t("import.ours")
	}
	if f.Rule.Kind == observance.Announced {
		row.Rule = t("import.rule.dates", len(f.Rule.Dates))
	} else {
		row.Rule = t("import.rule.yearly")
	}
	row.Next = d.next(r, f.Rule)
	for _, n := range f.Notes {
		row.Notes = append(row.Notes, t("import.note."+map[ics.Note]string{
			ics.Timed: "timed", ics.Repeats: "repeats", ics.Exceptions: "exceptions", ics.LaterDays: "later", ics.Shortened: "shortened",
		}[n]))
		if n == ics.Repeats {
			row.Says = f.Says
		}
	}
	return row
}

// next writes the next date of a rule, or its last one.
func (d Desk) next(r ask.Request, rule observance.Rule) string {
	today := civil.DateOf(r.Now.In(r.Zone))
	var last *civil.Range
	for year := max(today.Year-20, observance.FirstYear); year <= min(today.Year+5, observance.LastYear); year++ {
		on, ok, err := rule.On(year)
		if err != nil || !ok {
			continue
		}
		if last = &on; !on.End.Before(today) {
			break
		}
	}
	if last == nil {
		return ""
	}
	return r.Words.Days(last.Start.String(), last.End.String())
}

// TakeDays keeps the chosen days of the file.
func (d Desk) TakeDays(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, found, err := d.days(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if r.PostForm.Get("seen") != p.Seen {
		return ask.Answer{To: "/import/days", Said: r.Words.T("import.other")}, nil
	}
	chosen := numbers(r.PostForm["entry"])
	var take []almanac.Found
	for i, f := range found {
		if f.Good() && (chosen[i+1] || (r.PostForm.Get("do") == "all" && p.Rows[i].Chosen)) {
			take = append(take, f)
		}
	}
	if len(take) == 0 {
		return ask.Answer{To: "/import/days", Said: r.Words.T("import.none")}, nil
	}
	var taken almanac.Taken
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		if taken, err = almanac.Take(r.Context(), tx, take, r.Person); err != nil {
			return err
		}
		return parked.Drop(r.Context(), tx, r.Person.ID, parked.Days)
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/year/%d", r.Now.In(r.Zone).Year()), Said: r.Words.T("import.days.taken", taken.New+taken.Changed)}, nil
}

// RemoveDay takes a day of the charity's own out of the calendar.
func (d Desk) RemoveDay(r ask.Request) (ask.Answer, error) {
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return almanac.Remove(r.Context(), tx, r.PathValue("day"), r.Person) })
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/import", Said: r.Words.T("import.removed")}, nil
}
