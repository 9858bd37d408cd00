package civil

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Clock is a time of day to the minute, from 00:00 to 23:59.
type Clock struct {
	Hour   int
	Minute int
}

// ParseClock reads a time of day written as HH:MM on the 24-hour clock.
func ParseClock(s string) (Clock, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return Clock{}, fmt.Errorf("%q is not a time of day: write hours and minutes from 00:00 to 23:59, such as 09:00", s)
	}
	return Clock{Hour: t.Hour(), Minute: t.Minute()}, nil
}

// Minutes returns how many minutes lie between midnight and c.
func (c Clock) Minutes() int { return c.Hour*60 + c.Minute }

// String returns the time as HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// MarshalText writes the time as HH:MM; JSON uses it too.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads HH:MM.
func (c *Clock) UnmarshalText(b []byte) error {
	parsed, err := ParseClock(string(b))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// Value hands the time to a database as text, which a column of type time takes.
func (c Clock) Value() (driver.Value, error) { return c.String(), nil }

// Scan takes a time of day from a database: a time of which only hours and minutes count, or text as HH:MM or HH:MM:SS.
func (c *Clock) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*c = Clock{Hour: v.Hour(), Minute: v.Minute()}
		return nil
	case []byte:
		return c.Scan(string(v))
	case string:
		if len(v) == len("15:04:05") {
			v = v[:len("15:04")]
		}
		return c.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("cannot read a time of day from a %T", src)
}
