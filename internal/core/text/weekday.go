package text

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// NamedDay is a day of the week that a text names.
type NamedDay struct {
	Day  time.Weekday
	Text string // as the text has it
}

// weekdayNames are the names of the days from Sunday on, as CLDR has them in their wide form
// (https://cldr.unicode.org/translation/date-time/date-time-names). Short forms such as Sun or mar. are words of their own.
var weekdayNames = map[string][7]string{
	"en": {"sundays?", "mondays?", "tuesdays?", "wednesdays?", "thursdays?", "fridays?", "saturdays?"},
	"fr": {"dimanches?", "lundis?", "mardis?", "mercredis?", "jeudis?", "vendredis?", "samedis?"},
	"es": {"domingos?", "lunes", "martes", "miércoles", "jueves", "viernes", "sábados?"},
	// Arabic also hangs "and", "on" and "for" before the article, and writes the hamza or leaves it out. The Sunday's name is
	// "the one" too, so that it counts only behind the word for day.
	"ar": {`يوم ال[أا]حد`, `ال[إا]ثنين`, `الثلاثاء`, `ال[أا]ربعاء`, `الخميس`, `الجمعة`, `السبت`},
}

var weekdayForms = func() map[string][7]*regexp.Regexp {
	forms := map[string][7]*regexp.Regexp{}
	for language, names := range weekdayNames {
		var list [7]*regexp.Regexp
		for day, name := range names {
			before := ""
			if language == "ar" {
				before = `[وبف]?`
			}
			list[day] = regexp.MustCompile(`(?i)(?:^|[^\p{L}\p{N}#@])(` + before + name + `)(?:$|[^\p{L}\p{N}])`)
		}
		forms[language] = list
	}
	return forms
}()

// Weekdays returns the days of the week that a text names in English, French, Spanish or Arabic, in the order of the week;
// in other languages none. Hashtags and handles are not read.
func Weekdays(s, language string) []NamedDay {
	base, _, _ := strings.Cut(language, "-")
	forms, known := weekdayForms[base]
	if !known {
		return nil
	}
	var found []NamedDay
	for day, form := range forms {
		for _, m := range form.FindAllStringSubmatch(s, -1) {
			found = append(found, NamedDay{Day: time.Weekday(day), Text: m[1]})
		}
	}
	slices.SortStableFunc(found, func(a, b NamedDay) int { return cmp.Compare(a.Day, b.Day) })
	return slices.CompactFunc(found, func(a, b NamedDay) bool { return a.Day == b.Day })
}
