// Package ics writes and reads iCalendar (RFC 5545): days and posts for people's calendars, and files of days that others publish.
//
// It uses github.com/arran4/golang-ical for the grammar, the escaping and the folding, and stands between it and files from outside:
// [Read] measures a file before the library sees it, because its reader goes as deep as a file nests. What an entry of a file says
// about its repetition becomes a rule of core/observance where that has words for it; everything else is said. The package does no
// I/O and asks no clock.
package ics

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"daymark/internal/core/civil"
)

// ContentType is the media type of a calendar (RFC 5545, section 8.1).
const ContentType = "text/calendar; charset=utf-8"

// Status is how certain an event is (RFC 5545, section 3.8.1.11).
type Status string

// The statuses of an event.
const (
	Tentative Status = "TENTATIVE"
	Confirmed Status = "CONFIRMED"
	Cancelled Status = "CANCELLED"
)

// Calendar is what is written.
type Calendar struct {
	Name   string
	Every  time.Duration // how often a calendar program should look again
	Events []Event
}

// Event is a day, some days, or an instant. Days win where both are given.
type Event struct {
	UID      string // the same for ever, and no other's (RFC 7986, section 5.3)
	Summary  string
	Text     string
	URL      string
	Days     civil.Range
	At       time.Time
	Long     time.Duration // of an instant; zero is none
	Status   Status        // empty leaves it out
	Sequence int           // grows with each change that moves it
	Changed  time.Time     // when it was changed last
	Busy     bool          // it takes the person's time
}

// Bytes writes the calendar: UTF-8, lines of at most 75 octets that end in CR LF (RFC 5545, section 3.1). The same calendar gives the
// same bytes: without METHOD, DTSTAMP says when an event was changed last (section 3.8.7.2), not when it was written down.
func (c Calendar) Bytes() ([]byte, error) {
	cal := ical.NewCalendar()
	cal.SetProductId("-//Daymark//Calendar feeds//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetName(plain(c.Name)) // NAME of RFC 7986 and the older X-WR-CALNAME
	if c.Every > 0 {
		every := fmt.Sprintf("PT%dM", int(c.Every.Minutes()))
		cal.SetRefreshInterval(every) // RFC 7986, section 5.7; the library's name of it has the VALUE in it
		cal.SetXPublishedTTL(every)   // the same for older programs
	}
	for _, e := range c.Events {
		e.put(cal)
	}
	var b bytes.Buffer
	if err := cal.SerializeTo(&b, ical.WithNewLineWindows, ical.WithLineLength(maxOctets)); err != nil {
		return nil, fmt.Errorf("write a calendar: %w", err)
	}
	return b.Bytes(), nil
}

// maxOctets is how long a line is at most, without its end (RFC 5545, section 3.1).
const maxOctets = 75

func (e Event) put(cal *ical.Calendar) {
	v := cal.AddEvent(plain(e.UID))
	v.SetDtStampTime(e.Changed)
	v.SetProperty(ical.ComponentPropertyLastModified, e.Changed.UTC().Format(instantForm))
	v.SetSequence(e.Sequence)
	if e.Days.Start.IsZero() {
		v.SetStartAt(e.At)
		if e.Long > 0 {
			v.SetEndAt(e.At.Add(e.Long))
		}
	} else {
		date := ical.WithValue("DATE")
		v.SetProperty(ical.ComponentPropertyDtStart, compact(e.Days.Start), date)
		v.SetProperty(ical.ComponentPropertyDtEnd, compact(e.Days.End.AddDays(1)), date) // the day after the last one
	}
	v.SetSummary(plain(e.Summary))
	if e.Text != "" {
		v.SetDescription(plain(e.Text))
	}
	if e.URL != "" {
		v.SetURL(strings.ReplaceAll(plain(e.URL), "\n", "")) // an address is not escaped
	}
	if e.Status != "" {
		v.SetStatus(ical.ObjectStatus(e.Status))
	}
	transparency := ical.TransparencyTransparent
	if e.Busy {
		transparency = ical.TransparencyOpaque
	}
	v.SetTimeTransparency(transparency)
}

const (
	dayForm     = "20060102"
	instantForm = "20060102T150405Z"
	localForm   = "20060102T150405"
)

func compact(d civil.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// plain takes out what no property may hold: control characters other than line feed and tab (RFC 5545, section 3.1), and bytes that
// are not UTF-8.
func plain(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\ufffd")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, s)
}
