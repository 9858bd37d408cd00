package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/face/web/calendar/moving/aim"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/agenda"
)

// Page is a month, a week or a list.
type Page struct {
	page.Frame
	View  string // week, list, or empty for the month
	Head  string // July 2027
	Value string // 2027-07
	Day   string // of the week and of the list of one day

	PrevURL, NextURL, TodayURL            string
	MonthURL, WeekURL, ListURL, YearURL   string
	ExportURL                             string // the same posts as a table
	AllURL, CampaignsURL                  string
	MayMove, MaySubmit, MayHold, MayWrite bool

	Long     []Band // what is observed for longer than a week
	Weekdays []Weekday
	Weeks    []Week // of the month
	Days     []Day  // of the week, or of the list: those with something
	Hours    []Hour // of the week

	Groups   []Group // the filters
	Zones    []page.Option
	Zone     string // a sentence: whose time is shown
	Legend   []page.Mark
	Filtered bool
	Empty    bool
	Cut      bool // the week: some days have more than is shown

	Count               string // 101 to 200 of 2,000 posts
	LessURL, FurtherURL string
	Back                string // this page's own address

	Undo *aim.Undo // moves back what was just moved
}

// Weekday is a column of the month.
type Weekday struct{ Short, Long string }

// Week is a row of the month.
type Week struct {
	Days []Day
	Bare bool // nothing of this month is on any of its days
}

// Hour is a row of the week.
type Hour struct {
	Number int
	Clock  string
}

// Day is one day.
type Day struct {
	ID      string // day-2027-07-30
	Date    string // 2027-07-30
	Number  int
	Weekday string // Fri
	Long    string // Fri 30 July 2027
	Column  int    // of the week, from 1
	Other   bool   // belongs to the month before or after
	Today   bool
	Bands   []Band
	Entries []Entry
	Slots   []Slot // of the week: its hours, those without anything too
	More    int    // how many posts the page does not show
	MoreURL string
	NewURL  string // where a post of that day is begun, for who may
}

// Bare reports whether nothing is on the day.
func (d Day) Bare() bool { return len(d.Entries) == 0 && len(d.Bands) == 0 }

// Slot is an hour of a day.
type Slot struct {
	Hour    int
	Entries []Entry
}

// Band is a day that is observed, or an edition of ours.
type Band struct {
	Name string
	URL  string
	Ours bool // we have a campaign for it
}

// Entry is a post on a day.
type Entry struct {
	ID        string
	Post      int64
	URL       string
	MoveURL   string // for who may, while some of it waits
	Clock     string
	Name      string
	Spoken    string // what a checkbox and a link say beside the name: the day and the time
	Mark      page.Mark
	Languages string
	Places    int
	Rehearsal bool
	Waits     bool
	Risk      string // what may keep it from going out as planned; a sentence
	Odd       string // too close to another, or in quiet hours; a sentence
	Text      page.Text
	Tallies   []page.Tally
}

// Group is a filter with several values.
type Group struct {
	Name    string // of the fields
	Word    string
	Chosen  int
	Options []page.Option
}

// entry writes a line of the agenda.
func (s sheet) entry(l agenda.Line) Entry {
	standings := make([]page.Standing, len(l.Standings))
	for i, one := range l.Standings {
		standings[i] = page.Standing(one)
	}
	tallies := s.Words.TallyUp(standings)
	e := Entry{
		ID: fmt.Sprintf("line-%d-%d", l.Post, l.Delivery), Post: l.Post, URL: fmt.Sprintf("/posts/%d", l.Post), Clock: l.Clock.String(),
		Name: page.Heading(l.Message, l.Kind), Languages: strings.ToUpper(strings.Join(l.Languages, " · ")), Places: l.Places,
		Rehearsal: l.Rehearsal, Waits: l.Waits, Tallies: tallies,
	}
	e.Spoken = s.Words.T("cal.spoken", s.Words.LongDay(l.Day.String()), e.Clock)
	if len(tallies) > 0 {
		e.Mark = tallies[0].Mark
	}
	if l.Waits {
		e.MoveURL = fmt.Sprintf("/posts/%d/move", l.Post)
	}
	if l.Risk != "" {
		e.Risk = s.Words.T("ahead.risk", l.Risk)
	}
	switch {
	case l.Close && l.Quiet:
		e.Odd = s.Words.T("cal.close.quiet")
	case l.Close:
		e.Odd = s.Words.T("cal.close")
	case l.Quiet:
		e.Odd = s.Words.T("cal.quiet")
	}
	if language := s.reads(l); language != "" {
		e.Text = page.NewText(language, l.Source.Parts[0].Texts[language]).Short(120)
	}
	return e
}

// reads returns the language in which a line's words are shown: that of the pages where the post has it.
func (s sheet) reads(l agenda.Line) string {
	if len(l.Source.Parts) == 0 {
		return ""
	}
	if slices.Contains(l.Languages, s.Words.Lang) {
		return s.Words.Lang
	}
	return l.Languages[0]
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
