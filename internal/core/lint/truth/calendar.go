package truth

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// months are the names of the months from January on, as CLDR has them; Arabic has two sets
// (https://cldr.unicode.org/translation/date-time/date-time-names).
var months = map[string][]string{
	"en": {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
	"fr": {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	"es": {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	"ar": {
		"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
		"كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
	},
}

// dayStems are literals of which every name of a weekday has one: the regular expressions that read the names take much longer.
var dayStems = map[string][]string{
	"en": {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"},
	"fr": {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	"es": {"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	"ar": {"حد", "ثنين", "ثلاثاء", "ربعاء", "خميس", "جمعة", "سبت"},
}

// dates find a day with its month and perhaps its year: the day first, or in English the month first.
var dates = func() map[string][]*regexp.Regexp {
	all := map[string][]*regexp.Regexp{}
	for language, names := range months {
		month := "(" + strings.Join(names, "|") + ")"
		all[language] = []*regexp.Regexp{regexp.MustCompile(`(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|º)?(?: de| of|,)? (?P<month>` + month[1:len(month)-1] + `)(?:,? (?:de |del )?(?P<year>[0-9]{4}))?`)}
		if language == "en" {
			all[language] = append(all[language], regexp.MustCompile(`(?P<month>`+month[1:len(month)-1]+`) (?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\b(?:,? (?P<year>[0-9]{4}))?`))
		}
	}
	return all
}()

// beside is what may stand between a weekday and its date.
var beside = regexp.MustCompile(`^[ ,(]*(?:the |le |el |on |del día |día |الموافق |في )?$`)

// manyDays is how many names of weekdays of one post are looked at.
const manyDays = 1000

// WrongWeekday finds a day of the week beside a date on which that day does not fall. A date without a year is of the edition's
// year. A text that says that today is a weekday has to go out on one.
func WrongWeekday(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	looked := 0
	for i, p := range v.Parts {
		stands := func(name string) bool { return strings.Contains(p.Words.Lower, name) }
		if !slices.ContainsFunc(dayStems[v.Base], stands) || !slices.ContainsFunc(months[v.Base], stands) && !today.MatchString(p.Words.Lower) {
			continue
		}
		named := text.Weekdays(p.Words.Plain, v.Base)
		for _, n := range named {
			for at := 0; ; {
				from := strings.Index(p.Words.Plain[at:], n.Text)
				if from < 0 {
					break
				}
				from += at
				at = from + len(n.Text)
				if !prose.Edge(p.Words.Plain, from) || !prose.Edge(p.Words.Plain, at) {
					continue
				}
				if say := misfit(v, p.Words, from, at, n.Day); say != "" {
					hits = append(hits, v.Hit(i, from, at, say))
				}
				if looked++; len(hits) >= subject.Most || looked >= manyDays {
					return hits
				}
			}
		}
	}
	return hits
}

// misfit says what is wrong with a weekday that stands at a stretch of the text; empty when nothing is.
func misfit(v *prose.View, words *prose.Folded, start, end int, day time.Weekday) string {
	date, ok := dateBeside(v, words.Lower, start, end)
	switch {
	case ok && date.Weekday() != day:
		return fmt.Sprintf("%s is a %s, not a %s.", date, date.Weekday(), day)
	case !ok && !v.Day.IsZero() && today.MatchString(ahead(words.Lower, start)) && v.Day.Weekday() != day:
		return fmt.Sprintf("The post goes out on %s, which is a %s, not a %s.", v.Day, v.Day.Weekday(), day)
	}
	return ""
}

var today = regexp.MustCompile(`(?:\btoday(?: is|,)?|\baujourd'hui,?(?: c'est)?|\bnous sommes|\bhoy(?: es|,)?|اليوم(?: هو)?)(?: le| el)? (?:sunday|monday|tuesday|wednesday|thursday|friday|saturday|dimanche|lundi|mardi|mercredi|jeudi|vendredi|samedi|domingo|lunes|martes|miércoles|jueves|viernes|sábado|يوم|ال)`)

// ahead returns the words before an offset and the one that begins there.
func ahead(s string, at int) string {
	from := max(0, at-24)
	for from < at && s[from]&0xc0 == 0x80 {
		from++
	}
	end := at
	for end < len(s) && s[end] != ' ' {
		end++
	}
	return s[from:end]
}

// dateBeside returns the date before or behind the weekday.
func dateBeside(v *prose.View, s string, start, end int) (civil.Date, bool) {
	year := v.Year
	if year == 0 {
		year = v.Day.Year
	}
	from, to := max(0, start-48), min(len(s), end+64)
	for from > 0 && s[from]&0xc0 == 0x80 {
		from--
	}
	if !slices.ContainsFunc(months[v.Base], func(month string) bool { return strings.Contains(s[from:to], month) }) {
		return civil.Date{}, false
	}
	for _, re := range dates[v.Base] {
		for _, m := range re.FindAllStringSubmatchIndex(s[from:to], -1) {
			a, b := from+m[0], from+m[1]
			between := ""
			switch {
			case a >= end:
				between = s[end:a]
			case b <= start:
				between = s[b:start]
			default:
				continue
			}
			if !beside.MatchString(between) {
				continue
			}
			if d, ok := dateOf(re, s[from:to], m, v.Base, year); ok {
				return d, true
			}
		}
	}
	return civil.Date{}, false
}

func dateOf(re *regexp.Regexp, s string, m []int, base string, year int) (civil.Date, bool) {
	group := func(name string) string {
		g := 2 * re.SubexpIndex(name)
		if m[g] < 0 {
			return ""
		}
		return s[m[g]:m[g+1]]
	}
	day, _ := strconv.Atoi(group("day"))
	if y, err := strconv.Atoi(group("year")); err == nil {
		year = y
	}
	for i, name := range months[base] {
		if name == group("month") {
			d := civil.Date{Year: year, Month: time.Month(i%12 + 1), Day: day}
			return d, d.Exists()
		}
	}
	return civil.Date{}, false
}

// shortTheme is the length below which a theme is too common a phrase to be found by its words, in bytes.
const shortTheme = 12

// OldTheme finds the theme or the theme's hashtag of another year than the edition's, unless its sentence names that year.
func OldTheme(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	now := plainTheme(v.Theme)
	for i, p := range v.Parts {
		for _, t := range v.Themes {
			if t.Year == 0 || t.Year == v.Year {
				continue
			}
			say := fmt.Sprintf("This is the theme of %d.", t.Year)
			if old := plainTheme(t.Text); len(old) >= shortTheme && old != now && !strings.Contains(now, old) {
				if at := strings.Index(p.Words.Lower, old); at >= 0 {
					s := p.Words.Sentence(p.Sentences(), at)
					if !strings.Contains(p.Words.Lower[s.Start:s.End], strconv.Itoa(t.Year)) {
						hits = append(hits, v.Hit(i, at, at+len(old), say))
					}
				}
			}
			for _, tag := range p.Tags {
				if t.Hashtag != "" && strings.EqualFold(strings.TrimPrefix(tag.Text, "#"), strings.TrimPrefix(t.Hashtag, "#")) && themeTagOnce(v, t.Hashtag) {
					hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: tag.Start, End: tag.End, Message: say})
				}
			}
		}
	}
	return hits
}

// plainTheme returns a theme as it would stand in a text in small letters, without the stop at its end.
func plainTheme(s string) string {
	return strings.Trim(prose.Fold(s, nil).Lower, " .!\"'")
}

// themeTagOnce reports whether a hashtag is no theme's of this year or of every year.
func themeTagOnce(v *prose.View, tag string) bool {
	for _, t := range v.Themes {
		if (t.Year == 0 || t.Year == v.Year) && strings.EqualFold(t.Hashtag, tag) {
			return false
		}
	}
	return true
}
