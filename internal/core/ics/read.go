package ics

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	ical "github.com/arran4/golang-ical"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
)

// What a file of days may be. A calendar of all awareness days of the world, ten years of them, stays below.
const (
	MaxBytes   = 1 << 20
	MaxEntries = 2_000
	maxLine    = 16_384 // octets of an unfolded line
	maxDepth   = 4      // VCALENDAR, VEVENT, VALARM, and one more
	maxDates   = 200    // RDATE of one entry
)

// Entry is one entry of a file.
type Entry struct {
	Line    int // of the file, where it begins
	UID     string
	Name    string
	Note    string
	Site    string
	Rule    observance.Rule
	Says    string // its repetition as the file writes it; empty for none
	Notes   []Note // what was not taken as it stands
	Problem error  // why it cannot be taken at all
}

// Note is something about an entry that a person should know.
type Note string

// The notes.
const (
	Timed      Note = "timed"      // it has a time of day, and is taken as a whole day
	Repeats    Note = "repeats"    // it repeats in a way that has no rule here: only the dates it names are taken
	Exceptions Note = "exceptions" // it leaves out dates of its own rule, which a rule here cannot
	LaterDays  Note = "later days" // of several days that move with the weekday only the first is taken
	Shortened  Note = "shortened"  // its name or its description was cut
)

// Read reads the days of a file. An error says why the whole file cannot be taken; what is wrong with one entry stands in it.
func Read(file []byte) ([]Entry, error) {
	whole, begins, err := measure(file)
	if err != nil {
		return nil, err
	}
	cal, err := ical.ParseCalendarWithOptions(bytes.NewReader(whole), ical.WithUnknownPropertyHandler(ical.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "This is no calendar that can be read: its lines do not fit together. Export it again as iCalendar (.ics).")
	}
	events := cal.Events()
	list := make([]Entry, 0, len(events))
	for i, e := range events {
		one := entry(e)
		if i < len(begins) {
			one.Line = begins[i]
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "There are no days in this calendar: it has no entries (VEVENT).")
	}
	return merge(list), nil
}

// measure refuses what would cost more to read than any calendar of days. It returns the file with its lines unfolded, and the lines on
// which entries begin.
func measure(file []byte) (whole []byte, begins []int, err error) {
	switch {
	case len(file) > MaxBytes:
		return nil, nil, fault.New(fault.Invalid, "The file is larger than %d KB. Export only the days that you need.", MaxBytes>>10)
	case !utf8.Valid(file):
		return nil, nil, fault.New(fault.Invalid, "The file is not UTF-8, which iCalendar asks for (RFC 5545, section 6). Export it again.")
	}
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if first, _, _ := bytes.Cut(bytes.TrimSpace(file), []byte("\n")); !bytes.EqualFold(bytes.TrimSpace(first), []byte("BEGIN:VCALENDAR")) {
		return nil, nil, fault.New(fault.Invalid, "This is no calendar: it does not begin with BEGIN:VCALENDAR. Export it as iCalendar (.ics).")
	}
	m := measured{}
	for line := range bytes.Lines(file) {
		m.number++
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && len(m.line) > 0 {
			m.line = append(m.line, line[1:]...)
		} else if err := m.end(); err != nil {
			return nil, nil, err
		} else {
			m.line, m.from = append(m.line, line...), m.number
		}
		if len(m.line) > maxLine {
			return nil, nil, fault.New(fault.Invalid, "Line %d of the file is longer than %d KB. No name of a day is.", m.from, maxLine>>10)
		}
	}
	return m.whole, m.begins, m.end()
}

// measured stands between two lines of a file.
type measured struct {
	line         []byte // unfolded so far
	from, number int
	depth, parts int
	whole        []byte
	begins       []int
}

// end takes the line that is whole now.
func (m *measured) end() error {
	line := bytes.TrimLeftFunc(m.line, func(r rune) bool { return !inName(r) })
	if m.line = m.line[:0]; len(line) == 0 {
		return nil
	}
	m.whole = append(append(m.whole, line...), '\n')
	name := bytes.ToUpper(line)
	if end := bytes.IndexFunc(name, func(r rune) bool { return !inName(r) }); end >= 0 {
		name = name[:end]
	}
	switch string(name) {
	case "BEGIN":
		if m.depth++; m.depth > maxDepth {
			return fault.New(fault.Invalid, "Line %d of the file: the calendar is nested deeper than calendars are.", m.from)
		}
		if m.depth == 2 && bytes.HasSuffix(bytes.ToUpper(line), []byte(":VEVENT")) {
			m.begins = append(m.begins, m.from)
		}
		if m.parts++; m.parts > 2*MaxEntries || len(m.begins) > MaxEntries {
			return fault.New(fault.Invalid, "The file has more than %d entries. Export only the days that you need.", MaxEntries)
		}
	case "END":
		m.depth--
	}
	return nil
}

// inName reports whether a character stands in the name of a property (RFC 5545, section 3.1).
func inName(r rune) bool {
	return r == '-' || (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z')
}

// The most characters of a name and of a description that are kept.
const (
	maxName = 120
	maxNote = 500
)

func entry(e *ical.VEvent) Entry {
	one := Entry{UID: text(e, ical.ComponentPropertyUniqueId), Site: text(e, ical.ComponentPropertyUrl)}
	var cut, cutNote bool
	one.Name, cut = shorten(text(e, ical.ComponentPropertySummary), maxName)
	one.Note, cutNote = shorten(text(e, ical.ComponentPropertyDescription), maxNote)
	if cut || cutNote {
		one.Notes = append(one.Notes, Shortened)
	}
	if one.Name == "" {
		one.Problem = fault.New(fault.Invalid, "It has no name (SUMMARY).")
		return one
	}
	if text(e, ical.ComponentPropertyStatus) == string(Cancelled) {
		one.Problem = fault.New(fault.Invalid, "It is marked as cancelled.")
		return one
	}
	days, timed, err := daysOf(e)
	if err != nil {
		one.Problem = err
		return one
	}
	if timed {
		one.Notes = append(one.Notes, Timed)
	}
	one.rule(e, days)
	return one
}

func text(e *ical.VEvent, p ical.ComponentProperty) string {
	if got := e.GetProperty(p); got != nil {
		return strings.TrimSpace(plain(got.Value))
	}
	return ""
}

func shorten(s string, most int) (string, bool) {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s, false
	}
	return strings.TrimSpace(string([]rune(s)[:most-1])) + "…", true
}

// daysOf reads the first day and the last, and whether the entry has a time of day.
func daysOf(e *ical.VEvent) (civil.Range, bool, error) {
	begins := e.GetProperty(ical.ComponentPropertyDtStart)
	if begins == nil {
		return civil.Range{}, false, fault.New(fault.Invalid, "It has no day (DTSTART).")
	}
	start, timed, err := day(begins.Value)
	if err != nil {
		return civil.Range{}, false, err
	}
	days := civil.OneDay(start)
	if ends := e.GetProperty(ical.ComponentPropertyDtEnd); ends != nil {
		end, endTimed, err := day(ends.Value)
		if err != nil {
			return civil.Range{}, false, err
		}
		if !endTimed || strings.Contains(ends.Value, "T000000") { // DTEND is the day after
			end = end.AddDays(-1)
		}
		if end.After(start) {
			days.End = end
		}
	} else if lasts := e.GetProperty(ical.ComponentPropertyDuration); lasts != nil {
		var n int
		if _, err := fmt.Sscanf(lasts.Value, "P%dD", &n); err == nil && n > 1 && n <= 366 {
			days.End = start.AddDays(n - 1)
		} else if _, err := fmt.Sscanf(lasts.Value, "P%dW", &n); err == nil && n > 0 && n <= 52 {
			days.End = start.AddDays(7*n - 1)
		}
	}
	if days.Days() > 366 {
		return civil.Range{}, false, fault.New(fault.Invalid, "It lasts longer than a year.")
	}
	return days, timed, nil
}

// day reads a DATE, or the day of a DATE-TIME in its own zone.
func day(value string) (civil.Date, bool, error) {
	value = strings.TrimSpace(value)
	for _, form := range []string{dayForm, localForm, instantForm} {
		if t, err := time.Parse(form, value); err == nil {
			d := civil.DateOf(t)
			if d.Year < observance.FirstYear || d.Year > observance.LastYear {
				return civil.Date{}, false, fault.New(fault.Invalid, "Its year %d is outside %d to %d.", d.Year, observance.FirstYear, observance.LastYear)
			}
			return d, form != dayForm, nil
		}
	}
	short, _ := shorten(value, 40)
	return civil.Date{}, false, fault.New(fault.Invalid, "%q is no day.", short)
}

// merge makes one entry of those that name the same day in several years, as published calendars list them.
func merge(list []Entry) []Entry {
	var out []Entry
	for _, one := range list {
		at := slices.IndexFunc(out, func(o Entry) bool {
			return o.Problem == nil && one.Problem == nil && strings.EqualFold(o.Name, one.Name) && o.Says == "" && one.Says == ""
		})
		if at < 0 {
			out = append(out, one)
			continue
		}
		for year, days := range one.Rule.Dates {
			if _, there := out[at].Rule.Dates[year]; !there {
				out[at].Rule.Dates[year] = days
			}
		}
		for _, n := range one.Notes {
			if !slices.Contains(out[at].Notes, n) {
				out[at].Notes = append(out[at].Notes, n)
			}
		}
	}
	return out
}
