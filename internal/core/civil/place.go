package civil

import "time"

// Place returns the instant, in UTC, at which the clocks of loc show c on the day d.
//
// A time that the clocks skip, as in spring, moves forward by as much as they skip: 02:30 becomes 03:30. A time that they
// show twice, as in autumn, means the first. The language leaves both cases open (https://pkg.go.dev/time#Date), so the
// offsets around the day are looked at one by one.
func Place(d Date, c Clock, loc *time.Location) time.Time {
	local := time.Date(d.Year, d.Month, d.Day, c.Hour, c.Minute, 0, 0, time.UTC)
	spans := offsetsAround(local, loc)
	for _, s := range spans {
		at := local.Add(-s.offset)
		if (s.from.IsZero() || !at.Before(s.from)) && (s.until.IsZero() || at.Before(s.until)) {
			return at // the spans come in order, so of two instants this is the first
		}
	}
	// No span shows this time: it lies in the gap between two. The offset before the gap carries it forward.
	for i := 1; i < len(spans); i++ {
		if local.Add(-spans[i].offset).Before(spans[i].from) {
			return local.Add(-spans[i-1].offset)
		}
	}
	return local.Add(-spans[0].offset)
}

// EndOfDay returns the first instant, in UTC, that no longer belongs to the day d in loc: the next day's 00:00 there.
func EndOfDay(d Date, loc *time.Location) time.Time { return Place(d.AddDays(1), Clock{}, loc) }

// offsetSpan is a stretch of time in which a zone keeps one offset from UTC; zero ends are open.
type offsetSpan struct {
	from, until time.Time
	offset      time.Duration
}

// offsetsAround returns the spans that can hold the given local time, in order. No zone has been further from UTC than
// sixteen hours, so a day and a bit on either side is enough.
func offsetsAround(local time.Time, loc *time.Location) []offsetSpan {
	const reach = 30 * time.Hour
	var spans []offsetSpan
	for at := local.Add(-reach); ; {
		in := at.In(loc)
		from, until := in.ZoneBounds()
		_, seconds := in.Zone()
		spans = append(spans, offsetSpan{from: from, until: until, offset: time.Duration(seconds) * time.Second})
		if until.IsZero() || until.After(local.Add(reach)) {
			return spans
		}
		at = until
	}
}
