package read

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign/source"
)

// Calendar reads the text of a file of observances. Observances that come with problems must not be used.
func Calendar(name string, src []byte) ([]observance.Observance, []source.Problem) {
	file, root := source.Parse(name, src)
	if !root.Present() || !HasVersion(root) {
		return nil, file.Problems()
	}
	f := root.Map("!daymark", "sources", "!observances")
	sources := Sources(f["sources"])
	var all []observance.Observance
	ids := map[string]bool{}
	for _, item := range f["observances"].List("observances") {
		o := readObservance(item, sources)
		if o.ID != "" && ids[o.ID] {
			item.Fail("another observance has the id %q already", o.ID)
		}
		ids[o.ID] = true
		all = append(all, o)
	}
	return all, file.Problems()
}

// Sources reads the pages that statements of the file were read on, by their ids.
func Sources(v source.Value) map[string]observance.Source {
	all := map[string]observance.Source{}
	for _, item := range v.List("sources") {
		f := item.Map("!id", "!name", "url", "year", "level")
		s := observance.Source{
			ID: f["id"].String(), Name: f["name"].String(), URL: readURL(f["url"]), Year: f["year"].Int(1800, 2200),
			Level: f["level"].OneOf("official", "operator", "ngo", "press", "mirror", "secondary", "general"),
		}
		if f["id"].Blank() {
			f["id"].Fail("is empty: write a short name for the page, such as S-UN-LIST")
		}
		if _, twice := all[s.ID]; twice && s.ID != "" {
			f["id"].Fail("another source has the id %q already", s.ID)
		}
		all[s.ID] = s
	}
	return all
}

func readObservance(v source.Value, sources map[string]observance.Source) observance.Observance {
	f := v.Map("!id", "!names", "!date", "observed_by", "since", "hashtags", "hashtags_verify", "symbol", "colour", "site",
		"verify", "note", "sources", "themes")
	o := observance.Observance{
		ID: readID(f["id"]), Names: map[string]string{}, ObservedBy: f["observed_by"].String(),
		Hashtags: readHashtags(f["hashtags"]), Symbol: f["symbol"].String(), Colour: f["colour"].String(),
		Site: readURL(f["site"]), Note: f["note"].String(), Sources: cite(f["sources"], sources),
		Unverified: unverified(f["verify"]), HashtagsUnverified: unverified(f["hashtags_verify"]),
	}
	for _, field := range f["names"].Entries("a name for each language") {
		o.Names[field.Name] = field.Value.String()
	}
	if f["names"].Present() && o.Names["en"] == "" {
		f["names"].Fail("a name in %q is missing: it is shown where a language has none", "en")
	}
	s := f["since"].Map("proclaimed", "first_observed", "instrument", "why_date")
	o.Since = observance.History{
		Proclaimed: s["proclaimed"].Int(1800, 2200), FirstObserved: s["first_observed"].Int(1800, 2200),
		Instrument: s["instrument"].String(), WhyDate: s["why_date"].String(),
	}
	for _, item := range f["themes"].List("themes") {
		t := item.Map("!year", "theme", "hashtag", "note", "verify", "sources")
		theme := observance.Theme{
			Text: t["theme"].String(), Hashtag: t["hashtag"].String(), Note: t["note"].String(),
			Unverified: unverified(t["verify"]), Sources: cite(t["sources"], sources),
		}
		if t["year"].String() != "all" {
			theme.Year = t["year"].Int(1900, 2200)
		}
		o.Themes = append(o.Themes, theme)
	}
	if f["date"].Present() {
		o.Rule = readRule(f["date"])
	}
	return o
}

// unverified reads the mark of a statement: V was read on a page, G (and no mark) was not.
func unverified(v source.Value) bool { return v.OneOf("V", "G") != "V" }

func cite(v source.Value, sources map[string]observance.Source) []observance.Source {
	var all []observance.Source
	for _, item := range v.List("sources") {
		s, known := sources[item.String()]
		if !known {
			item.Fail("no source in this file has the id %q", item.String())
		}
		all = append(all, s)
	}
	return all
}

func readURL(v source.Value) string {
	s := v.String()
	if s != "" && (!(strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) || strings.ContainsAny(s, " \t\n<>\"")) {
		v.Fail("%q is no web address: write it with https:// in front", s)
	}
	return s
}

// ruleFields are the fields that each kind of rule needs; every kind may also have overrides, since and until.
var ruleFields = map[observance.Kind][]string{
	observance.Fixed:             {"!month", "!day"},
	observance.Days:              {"!start", "!end"},
	observance.Month:             {"!month"},
	observance.LastDayOfMonth:    {"!month"},
	observance.NthWeekday:        {"!month", "!weekday", "!n", "missing"},
	observance.WeekdayOnOrAfter:  {"!month", "!day", "!weekday"},
	observance.WeekdayOnOrBefore: {"!month", "!day", "!weekday"},
	observance.WeekContaining:    {"!month", "!day", "!first_weekday"},
	observance.NthWeekdayPlus:    {"!month", "!weekday", "!n", "missing", "!offset_days"},
	observance.Easter:            {"!offset", "church"},
	observance.Announced:         {"!dates"},
}

var weekdays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func readRule(v source.Value) observance.Rule {
	var kind source.Value
	for _, field := range v.Entries("a date rule such as {type: fixed, month: 7, day: 30}") {
		if field.Name == "type" {
			kind = field.Value
		}
	}
	names := make([]string, len(observance.Kinds))
	for i, k := range observance.Kinds {
		names[i] = string(k)
	}
	r := observance.Rule{Kind: observance.Kind(kind.OneOf(names...))}
	if r.Kind == "" {
		if !kind.Present() {
			v.Fail("the field %q is missing: it is one of %s", "type", strings.Join(names, ", "))
		}
		return r
	}
	f := v.Map(append([]string{"type", "overrides", "since", "until"}, ruleFields[r.Kind]...)...)
	r.Month, r.Day = time.Month(f["month"].Int(1, 12)), f["day"].Int(1, 31)
	r.Start, r.End = readMonthDay(f["start"]), readMonthDay(f["end"])
	for _, name := range []string{"weekday", "first_weekday"} {
		if day := f[name].OneOf(weekdays...); day != "" {
			r.Weekday = time.Weekday(slices.Index(weekdays, day))
		}
	}
	r.N = f["n"].Int(-1, 5)
	r.Missing = f["missing"].OneOf(observance.SkipYear, observance.NoFifth)
	r.Offset = f["offset"].Int(-observance.MaxOffset, observance.MaxOffset) + f["offset_days"].Int(-observance.MaxOffset, observance.MaxOffset)
	r.Church = f["church"].OneOf(observance.Western, observance.Orthodox)
	r.Dates, r.Overrides = readYears(f["dates"]), readYears(f["overrides"])
	r.Since, r.Until = f["since"].Int(observance.FirstYear, observance.LastYear), f["until"].Int(observance.FirstYear, observance.LastYear)
	if err := r.Check(); err != nil && complete(r) {
		v.Fail("%v", err)
	}
	return r
}

// complete reports whether the fields that the rule's kind needs could be read; if not, that is the problem already noted.
func complete(r observance.Rule) bool {
	for _, name := range ruleFields[r.Kind] {
		if (name == "!month" && r.Month == 0) || (name == "!day" && r.Day == 0) || (name == "!start" && (r.Start.Day == 0 || r.End.Day == 0)) {
			return false
		}
	}
	return true
}

func readMonthDay(v source.Value) observance.MonthDay {
	f := v.Map("!month", "!day")
	return observance.MonthDay{Month: time.Month(f["month"].Int(1, 12)), Day: f["day"].Int(1, 31)}
}

// readYears reads the days of single years: a date, or a mapping with start and end.
func readYears(v source.Value) map[int]civil.Range {
	var years map[int]civil.Range
	for _, field := range v.Entries("a date for each year") {
		year, err := strconv.Atoi(field.Name)
		if err != nil || year < observance.FirstYear || year > observance.LastYear {
			field.Key.Fail("%q is no year from %d to %d", field.Name, observance.FirstYear, observance.LastYear)
			continue
		}
		var days civil.Range
		if s, isText := field.Value.Scalar(); isText {
			days.Start = Date(field.Value, s)
			days.End = days.Start
		} else {
			f := field.Value.Map("!start", "!end")
			days.Start, days.End = Date(f["start"], f["start"].String()), Date(f["end"], f["end"].String())
		}
		if days.Start.IsZero() || days.End.IsZero() {
			continue
		}
		if days.End.Before(days.Start) {
			field.Value.Fail("the end %s is before the start %s", days.End, days.Start)
			continue
		}
		if years == nil {
			years = map[int]civil.Range{}
		}
		years[year] = days
	}
	return years
}

// Date reads a day, which s is the text of; without a text it is the zero date.
func Date(v source.Value, s string) civil.Date {
	if s == "" {
		return civil.Date{}
	}
	d, err := civil.ParseDate(s)
	if err != nil {
		v.Fail("%v", err)
	}
	return d
}
