package campaign

import (
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/civil"

	"github.com/robfig/cron/v3"
)

// MaxOccurrences is how often a series may say its message in one edition; more is a mistake in its expression.
const MaxOccurrences = 100

// Series is a message that goes out on many days: at the times of a cron expression of five fields, from one day of the
// campaign to another.
type Series struct {
	Cron string `json:"cron"` // minute, hour, day of the month, month, day of the week
	From Offset `json:"from"`
	To   Offset `json:"to"`
}

// Occurrence is one time of a series on the calendar, of no zone yet.
type Occurrence struct {
	Date civil.Date
	Time civil.Clock
}

var cronFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// schedule reads the expression. UTC has no gaps and no overlaps, so there its times are those of the bare calendar.
func (s Series) schedule() (cron.Schedule, error) {
	fields := strings.Fields(s.Cron)
	// The library would also take a zone in front, and panics at some; each channel has its own.
	if len(fields) != 5 || len(s.Cron) > 200 || strings.ContainsAny(s.Cron, "=@") {
		return nil, fmt.Errorf("%q is no series: write five fields, minute, hour, day of the month, month, day of the week, such as 0 12 * * MON,WED", s.Cron)
	}
	schedule, err := cronFields.Parse("TZ=UTC " + strings.Join(fields, " "))
	if err != nil {
		return nil, fmt.Errorf("%q is no series: %w; write minute, hour, day of the month, month, day of the week, such as 0 12 * * MON,WED", s.Cron, err)
	}
	return schedule, nil
}

// Check returns what is wrong with the expression itself: not five fields, or days that no year has, such as 30 February.
func (s Series) Check() error {
	schedule, err := s.schedule()
	if err != nil {
		return err
	}
	// The library looks five years ahead; 2028 has a 29 February.
	if schedule.Next(time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fmt.Errorf("%q never comes: no year has such a day", s.Cron)
	}
	return nil
}

// On returns the times of the series for an observance on the given days, in order. It is an error when there are none, or
// more than [MaxOccurrences].
func (s Series) On(days civil.Range) ([]Occurrence, error) {
	schedule, err := s.schedule()
	if err != nil {
		return nil, err
	}
	first, last := s.From.On(days), s.To.On(days)
	if last.Before(first) {
		return nil, fmt.Errorf("the series ends with %s, before it begins with %s", last, first)
	}
	var all []Occurrence
	end := civil.Place(last.AddDays(1), civil.Clock{}, time.UTC)
	for at := civil.Place(first, civil.Clock{}, time.UTC).Add(-time.Second); ; {
		at = schedule.Next(at)
		if at.IsZero() || !at.Before(end) {
			break
		}
		if len(all) == MaxOccurrences {
			return nil, fmt.Errorf("%q comes more than %d times from %s to %s", s.Cron, MaxOccurrences, first, last)
		}
		all = append(all, Occurrence{Date: civil.DateOf(at), Time: civil.Clock{Hour: at.Hour(), Minute: at.Minute()}})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%q does not come from %s to %s", s.Cron, first, last)
	}
	return all, nil
}

// Expand returns the messages that a message is in an edition: itself, or for a series one for each of its times, with the
// ids id#1, id#2 and so on, each with its day as an offset and its own time.
func (m Message) Expand(days civil.Range) ([]Message, error) {
	if m.Series == nil {
		return []Message{m}, nil
	}
	times, err := m.Series.On(days)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	all := make([]Message, len(times))
	for i, at := range times {
		one := m
		one.ID = fmt.Sprintf("%s#%d", m.ID, i+1)
		one.Series = nil
		one.Offset, one.Time = Offset{Days: at.Date.DaysSince(days.Start)}, at.Time
		all[i] = one
	}
	return all, nil
}
