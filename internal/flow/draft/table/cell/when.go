// Package cell reads what people write into the cells of a table: days, times of day, languages. What could mean two things is not
// guessed.
//
// It knows English, French, Spanish and Arabic, and no table.
package cell

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
)

// Order is in which order a file writes the day and the month, where its dates alone do not tell.
type Order string

// The orders.
const (
	Unsaid     Order = ""
	DayFirst   Order = "day"
	MonthFirst Order = "month"
)

var (
	yearFirst = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{2}|\d{4})$`)
	named     = regexp.MustCompile(`^(?:\p{L}+[.,]? +)?(?:(\d{1,2})(?:er|st|nd|rd|th|º)?\.? +(?:de +)?(\p{L}+)\.?,?|(\p{L}+)\.? +(\d{1,2})(?:st|nd|rd|th)?,?) +(?:de +|del +)?(\d{4})$`)
	clockForm = regexp.MustCompile(`^(\d{1,2})(?:[:.hH](\d{2})?(?::(\d{2}))?)? ?([aApP]\.?[mM]\.?|[صم])?$`)
	instant   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:00(?:\.0+)?)?(Z|[+-]\d{2}:?\d{2})$`)
	together  = regexp.MustCompile(`^(\S.*?)[T ,]+(\d{1,2}[:.hH]\d{2}(?::\d{2})?(?: ?[aApP]\.?[mM]\.?)?)$`)
)

// months are the names of months and what people shorten them to, as [Known] writes them.
var months = func() map[string]time.Month {
	m := map[string]time.Month{}
	for _, list := range []string{
		"january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
		"janv fevr mars avr mai juin juil aout sept oct nov dec",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"ene feb mar abr may jun jul ago sept oct nov dic",
		"يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
		"جانفي فيفري مارس افريل ماي جوان جويلية اوت سبتمبر اكتوبر نوفمبر ديسمبر",
	} {
		for i, name := range strings.Fields(list) {
			m[Known(name)] = time.Month(i + 1)
		}
	}
	return m
}()

// bare takes the hamza off an alif, which people write or leave out, and turns Arabic digits into those of dates.
var bare = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9")

// date reads a day as people write it. What could be two days is not guessed: ask is true then.
func date(s string, order Order) (d civil.Date, ask bool, err error) {
	s = bare.Replace(strings.Join(strings.Fields(s), " "))
	var year, month, day string
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		year, month, day = m[1], m[2], m[3]
	} else if m := yearLast.FindStringSubmatch(s); m != nil {
		if len(m[4]) == 2 {
			return d, false, fault.New(fault.Invalid, "“%s” has a year of two digits; write all four", s)
		}
		year, month, day = m[4], m[3], m[1]
		first, second := Number(m[1]), Number(m[3])
		switch {
		case m[2] == ".": // only countries that write the day first write points
		case first > 12:
		case second > 12:
			month, day = m[1], m[3]
		case first == second:
		case order == Unsaid:
			return d, true, fault.New(fault.Invalid, "“%s” could be two days; say whether the day or the month comes first", s)
		case order == MonthFirst:
			month, day = m[1], m[3]
		}
	} else if m := named.FindStringSubmatch(s); m != nil {
		year, day = m[5], m[1]+m[4]
		at, is := months[Known(m[2]+m[3])]
		if !is {
			return d, false, fault.New(fault.Invalid, "“%s” names no month; write the day as 2027-07-30", s)
		}
		month = strconv.Itoa(int(at))
	} else {
		return d, false, fault.New(fault.Invalid, "“%s” is no day; write it as 2027-07-30", Short(s))
	}
	d = civil.Date{Year: Number(year), Month: time.Month(Number(month)), Day: Number(day)}
	if !d.Exists() {
		return d, false, fault.New(fault.Invalid, "there is no day “%s”", s)
	}
	return d, false, nil
}

// Clock reads a time of day as people write it.
func Clock(s string) (civil.Clock, error) {
	s = bare.Replace(strings.Join(strings.Fields(s), " "))
	wrong := fault.New(fault.Invalid, "“%s” is no time of day; write it as 09:00", Short(s))
	m := clockForm.FindStringSubmatch(s)
	if m == nil || (m[2] == "" && m[4] == "" && !strings.ContainsAny(s, "hH")) || (m[3] != "" && m[3] != "00") {
		return civil.Clock{}, wrong
	}
	c := civil.Clock{Hour: Number(m[1]), Minute: Number(m[2])}
	switch half := strings.ToLower(strings.ReplaceAll(m[4], ".", "")); half {
	case "":
	case "am", "pm", "ص", "م":
		if c.Hour < 1 || c.Hour > 12 {
			return c, wrong
		}
		if c.Hour %= 12; half == "pm" || half == "م" {
			c.Hour += 12
		}
	}
	if c.Hour > 23 || c.Minute > 59 {
		return c, wrong
	}
	return c, nil
}

// Number reads digits; what has none is zero.
func Number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// When is the time of a post as a row says it.
type When struct {
	Date  civil.Date
	Clock civil.Clock
	Zone  string // of an instant that names its distance from UTC; else empty
	Timed bool   // there is a time of day
}

// Moment reads a day, with a time of day or even a distance from UTC behind it.
func Moment(s string, order Order) (w When, ask bool, err error) {
	s = strings.TrimSpace(s)
	if m := instant.FindStringSubmatch(s); m != nil {
		form := "2006-01-02 15:04Z0700"
		at, err := time.Parse(form, m[1]+" "+m[2]+strings.ReplaceAll(m[4], ":", ""))
		if err == nil {
			at = at.UTC()
			return When{civil.DateOf(at), civil.Clock{Hour: at.Hour(), Minute: at.Minute()}, "Etc/UTC", true}, false, nil
		}
	}
	if m := together.FindStringSubmatch(s); m != nil {
		if c, err := Clock(m[2]); err == nil {
			d, ask, err := date(m[1], order)
			return When{d, c, "", true}, ask, err
		}
	}
	d, ask, err := date(s, order)
	return When{Date: d}, ask, err
}

// Short cuts what a cell holds, for a message.
func Short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
