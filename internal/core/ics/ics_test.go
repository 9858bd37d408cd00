package ics_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/core/observance"

	"github.com/google/go-cmp/cmp"
)

func date(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func written(t testing.TB, c ics.Calendar) string {
	t.Helper()
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// unfolded puts folded lines together again.
func unfolded(s string) string { return strings.ReplaceAll(s, "\r\n ", "") }

func TestACalendarSaysWhatProgramsAskOfIt(t *testing.T) {
	t.Parallel()
	got := unfolded(written(t, ics.Calendar{Name: "Posts; July, 30", Every: time.Hour, Events: []ics.Event{
		{
			UID: "post-7@example.org", Summary: "Blue heart, for all; today", Text: "First\nsecond \\ line\r\nthird", URL: "https://example.org/posts/7?a=1,2;b",
			At: time.Date(2027, 7, 30, 8, 0, 0, 0, time.UTC), Long: 15 * time.Minute, Status: ics.Confirmed, Sequence: 3, Changed: time.Date(2027, 7, 1, 9, 30, 0, 0, time.UTC),
		},
		{UID: "day-x", Summary: "Day", Days: civil.Range{Start: date(t, "2027-11-25"), End: date(t, "2027-12-10")}, Changed: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
	}}))
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\n", "VERSION:2.0\r\n", "PRODID:-//Daymark//Calendar feeds//EN\r\n", "NAME:Posts\\; July\\, 30\r\n", "X-WR-CALNAME:Posts\\; July\\, 30\r\n",
		"REFRESH-INTERVAL;VALUE=DURATION:PT60M\r\n", "X-PUBLISHED-TTL:PT60M\r\n",
		"UID:post-7@example.org\r\n", "SUMMARY:Blue heart\\, for all\\; today\r\n", `DESCRIPTION:First\nsecond \\ line\nthird` + "\r\n",
		"URL:https://example.org/posts/7?a=1,2;b\r\n", "DTSTART:20270730T080000Z\r\n", "DTEND:20270730T081500Z\r\n", "STATUS:CONFIRMED\r\n", "SEQUENCE:3\r\n",
		"DTSTAMP:20270701T093000Z\r\n", "LAST-MODIFIED:20270701T093000Z\r\n", "TRANSP:TRANSPARENT\r\n",
		"DTSTART;VALUE=DATE:20271125\r\n", "DTEND;VALUE=DATE:20271211\r\n", "END:VCALENDAR\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "METHOD") {
		t.Error("it has a method, with which DTSTAMP means something else")
	}
}

func TestLinesAreFoldedBetweenCharactersAndNothingBreaksOut(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("اليوم العالمي لمكافحة الاتجار بالأشخاص 💙 ", 10)
	evil := "x\r\nBEGIN:VEVENT\rATTENDEE:mailto:a@b\nEND:VEVENT\x00\x07\xff"
	got := written(t, ics.Calendar{Name: evil, Events: []ics.Event{{UID: evil, Summary: name, Text: evil, URL: "https://a/" + evil, Days: civil.OneDay(date(t, "2027-07-30"))}}})
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00\x07") {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	if !strings.Contains(unfolded(got), "SUMMARY:"+name) {
		t.Error("unfolding does not give the name back")
	}
	if n := strings.Count("\r\n"+got, "\r\nBEGIN:"); n != 2 {
		t.Errorf("%d components, want the calendar and one event:\n%s", n, got)
	}
	if strings.Contains(unfolded(got), "\r\nATTENDEE") {
		t.Error("a text became a property")
	}
}

// file writes a calendar of one entry with these lines.
func file(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Our day\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

func TestTheRepetitionOfAnEntryBecomesARule(t *testing.T) {
	t.Parallel()
	days := func(s string) civil.Range { return civil.OneDay(date(t, s)) }
	for name, tt := range map[string]struct {
		lines []string
		want  observance.Rule
		notes []ics.Note
	}{
		"one day":   {[]string{"DTSTART;VALUE=DATE:20270730", "DTEND;VALUE=DATE:20270731"}, observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{2027: days("2027-07-30")}}, nil},
		"each year": {[]string{"DTSTART;VALUE=DATE:20140730", "RRULE:FREQ=YEARLY"}, observance.Rule{Kind: observance.Fixed, Month: 7, Day: 30, Since: 2014}, nil},
		"each year by its day": {
			[]string{"DTSTART;VALUE=DATE:20140730", "RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=30;INTERVAL=1"}, observance.Rule{Kind: observance.Fixed, Month: 7, Day: 30, Since: 2014}, nil,
		},
		"five times":                     {[]string{"DTSTART;VALUE=DATE:20200301", "RRULE:FREQ=YEARLY;COUNT=5"}, observance.Rule{Kind: observance.Fixed, Month: 3, Day: 1, Since: 2020, Until: 2024}, nil},
		"until before its day that year": {[]string{"DTSTART;VALUE=DATE:20200301", "RRULE:FREQ=YEARLY;UNTIL=20250201"}, observance.Rule{Kind: observance.Fixed, Month: 3, Day: 1, Since: 2020, Until: 2024}, nil},
		"sixteen days": {
			[]string{"DTSTART;VALUE=DATE:20201125", "DTEND;VALUE=DATE:20201211", "RRULE:FREQ=YEARLY"},
			observance.Rule{Kind: observance.Days, Since: 2020, Start: observance.MonthDay{Month: 11, Day: 25}, End: observance.MonthDay{Month: 12, Day: 10}},
			nil,
		},
		"the third Thursday": {
			[]string{"DTSTART;VALUE=DATE:20201119", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=3TH"}, observance.Rule{Kind: observance.NthWeekday, Month: 11, Weekday: time.Thursday, N: 3, Since: 2020}, nil,
		},
		"the last Sunday by position": {
			[]string{"DTSTART;VALUE=DATE:20200927", "RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=SU;BYSETPOS=-1"}, observance.Rule{Kind: observance.NthWeekday, Month: 9, Weekday: time.Sunday, N: -1, Since: 2020}, nil,
		},
		"the Tuesday between 5 and 11 February": {
			[]string{"DTSTART;VALUE=DATE:20200211", "RRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=TU;BYMONTHDAY=5,6,7,8,9,10,11"},
			observance.Rule{Kind: observance.WeekdayOnOrAfter, Month: 2, Day: 5, Weekday: time.Tuesday, Since: 2020},
			nil,
		},
		"the last day of February": {[]string{"DTSTART;VALUE=DATE:20200229", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"}, observance.Rule{Kind: observance.LastDayOfMonth, Month: 2, Since: 2020}, nil},
		"dates that somebody named": {
			[]string{"DTSTART;VALUE=DATE:20270314", "RDATE;VALUE=DATE:20280312,20290311"},
			observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{2027: days("2027-03-14"), 2028: days("2028-03-12"), 2029: days("2029-03-11")}},
			nil,
		},
		"every week": {
			[]string{"DTSTART;VALUE=DATE:20270314", "RRULE:FREQ=WEEKLY"}, observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{2027: days("2027-03-14")}}, []ics.Note{ics.Repeats},
		},
		"every second year": {
			[]string{"DTSTART;VALUE=DATE:20270314", "RRULE:FREQ=YEARLY;INTERVAL=2"}, observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{2027: days("2027-03-14")}}, []ics.Note{ics.Repeats},
		},
		"a time of day": {
			[]string{"DTSTART;TZID=Europe/London:20270730T090000", "DTEND;TZID=Europe/London:20270730T100000", "EXDATE:20280730T090000Z", "RRULE:FREQ=YEARLY"},
			observance.Rule{Kind: observance.Fixed, Month: 7, Day: 30, Since: 2027},
			[]ics.Note{ics.Timed, ics.Exceptions},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ics.Read(file(tt.lines...))
			if err != nil || len(got) != 1 || got[0].Problem != nil {
				t.Fatalf("%+v, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, got[0].Rule); diff != "" {
				t.Errorf("rule (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, got[0].Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if got[0].Line != 4 || got[0].Name != "Our day" {
				t.Errorf("it stands on line %d as %q", got[0].Line, got[0].Name)
			}
		})
	}
}

func TestTheSameDayInSeveralYearsIsOne(t *testing.T) {
	t.Parallel()
	src := "BEGIN:VCALENDAR\n"
	for _, year := range []string{"2026", "2027", "2028"} {
		src += "BEGIN:VEVENT\nUID:" + year + "\nSUMMARY:Our Day\nDTSTART;VALUE=DATE:" + year + "0314\nEND:VEVENT\n"
	}
	got, err := ics.Read([]byte(src + "END:VCALENDAR\n"))
	if err != nil || len(got) != 1 || len(got[0].Rule.Dates) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestAnEntryThatCannotBeTakenSaysWhyAndKeepsTheOthers(t *testing.T) {
	t.Parallel()
	src := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270101\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:b\nDTSTART:soon\nEND:VEVENT\n" +
		"BEGIN:VEVENT\nSUMMARY:c\nDTSTART:10010101\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:d\nDTSTART:20270101\nSTATUS:CANCELLED\nEND:VEVENT\n" +
		"BEGIN:VEVENT\nSUMMARY:e\nDTSTART:20270101\nDTEND:20300101\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:good\nDTSTART:20270101\nEND:VEVENT\nEND:VCALENDAR\n"
	got, err := ics.Read([]byte(src))
	if err != nil || len(got) != 7 {
		t.Fatalf("%d, %v", len(got), err)
	}
	for i, want := range []string{"no name", "no day (DTSTART)", `"soon" is no day`, "1001", "cancelled", "longer than a year", ""} {
		if say := fault.Say(got[i].Problem); (want == "") != (got[i].Problem == nil) || !strings.Contains(say, want) {
			t.Errorf("%s: %q, want %q", got[i].Name, say, want)
		}
	}
}

func TestABombIsRefusedClearlyAndFast(t *testing.T) {
	t.Parallel()
	events := strings.Repeat("BEGIN:VEVENT\nSUMMARY:a\nDTSTART:20270101\nEND:VEVENT\n", 2001)
	for name, tt := range map[string]struct {
		file string
		want string
	}{
		"a huge file":                {"BEGIN:VCALENDAR\n" + strings.Repeat("X-A:b\n", 200_000), "larger than"},
		"deep nesting":               {"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 70_000), "nested deeper"},
		"deep nesting, folded":       {"BEGIN:VCALENDAR\n" + strings.Repeat("BEG\n IN:VEVENT\n", 60_000), "nested deeper"},
		"deep nesting, disguised":    {"BEGIN:VCALENDAR\n" + strings.Repeat("!BEGIN;A=B:VEVENT\n", 50_000), "nested deeper"},
		"too many entries":           {"BEGIN:VCALENDAR\n" + events, "more than 2000 entries"},
		"a long line":                {"BEGIN:VCALENDAR\nSUMMARY:" + strings.Repeat("a", 20_000) + "\n", "Line 2 of the file is longer"},
		"a long line, folded":        {"BEGIN:VCALENDAR\nSUMMARY:" + strings.Repeat("a\n ", 20_000) + "\n", "Line 2 of the file is longer"},
		"not UTF-8":                  {"BEGIN:VCALENDAR\nSUMMARY:\xe9\n", "not UTF-8"},
		"a page":                     {"<html>", "no calendar"},
		"nothing":                    {"", "no calendar"},
		"no entries":                 {"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "no entries"},
		"lines that do not fit":      {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "do not fit"},
		"a line that is no property": {"BEGIN:VCALENDAR\nhello\nEND:VCALENDAR\n", "do not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ics.Read([]byte(tt.file))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	got, err := ics.Read(file("DTSTART;VALUE=DATE:20270730", "RRULE:FREQ=SECONDLY"))
	if err != nil || len(got) != 1 || len(got[0].Rule.Dates) != 1 {
		t.Errorf("an endless rule: %+v, %v", got, err)
	}
	var dates strings.Builder
	for i := range 300 {
		fmt.Fprintf(&dates, ",2027%02d%02d", i%12+1, i%28+1)
	}
	if got, err = ics.Read(file("DTSTART;VALUE=DATE:20270730", "RDATE:"+dates.String()[1:])); err != nil || got[0].Problem == nil {
		t.Errorf("three hundred dates: %+v, %v", got, err)
	}
}

func FuzzICS(f *testing.F) {
	f.Add(file("DTSTART;VALUE=DATE:20270730", "RRULE:FREQ=YEARLY;BYMONTH=7;BYDAY=2TU"))
	f.Add(file("DTSTART:20270730T090000Z", "DTEND:20270731T000000Z", "RDATE:20280101,20290101", "EXDATE:20270101"))
	f.Add([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUM\n MARY:a\\,b\\nc\nDTSTART;TZID=\"A,b\":20270101T0\nEND:VEVENT\nEND:VCALENDAR"))
	f.Add([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nTRIGGER:-P1D\nEND:VALARM\nDURATION:P1W\nSUMMARY:a\nDTSTART:20270101\nEND:VEVENT\nEND:VCALENDAR"))
	f.Fuzz(func(t *testing.T, src []byte) {
		list, err := ics.Read(src)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Say(err) == "" {
				t.Errorf("a problem of another kind: %v", err)
			}
			return
		}
		var out ics.Calendar
		for _, one := range list {
			if one.Problem != nil {
				continue
			}
			if err := one.Rule.Check(); err != nil {
				t.Errorf("a rule that cannot be asked: %v", err)
			}
			out.Events = append(out.Events, ics.Event{UID: one.UID, Summary: one.Name, Text: one.Note, Days: civil.OneDay(civil.Date{Year: 2027, Month: 1, Day: 1})})
		}
		if len(out.Events) == 0 {
			return
		}
		b, err := out.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ReplaceAll(b, []byte("\r\n"), nil), []byte("\r")) || !utf8.Valid(b) {
			t.Errorf("what was written has stray characters: %q", b)
		}
		if _, err := ics.Read(b); err != nil {
			t.Errorf("what was written cannot be read: %v\n%s", err, b)
		}
	})
}
