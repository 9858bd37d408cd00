package journey

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
)

// writes is how the browser writes dates and numbers of a language, and which plural form it takes.
type writes struct {
	Long    []string `json:"long"`    // Fri 30 July 2027
	Day     []string `json:"day"`     // Fri 30 July
	Weekday []string `json:"weekday"` // Friday
	Month   []string `json:"month"`   // July 2027
	Numbers []string `json:"numbers"`
	Percent []string `json:"percent"`
	Forms   []string `json:"forms"`
	Names   []string `json:"names"`
}

// intl asks the browser. Everybody's digits are Western ones here, see docs/languages.md.
const intl = `((lang, days, numbers, forms, names) => {
  const locale = {en: "en-GB", fr: "fr-FR", es: "es-ES", ar: "ar-EG"}[lang];
  const date = (d, o) => new Intl.DateTimeFormat(locale, {...o, timeZone: "UTC", numberingSystem: "latn", calendar: "gregory"}).format(new Date(d));
  const number = (n, o) => new Intl.NumberFormat(locale, {...o, numberingSystem: "latn"}).format(n);
  const plural = new Intl.PluralRules(locale);
  const called = new Intl.DisplayNames(locale, {type: "language"});
  return {
    long: days.map(d => date(d, {weekday: "short", day: "numeric", month: "long", year: "numeric"})),
    day: days.map(d => date(d, {weekday: "short", day: "numeric", month: "long"})),
    weekday: days.map(d => date(d, {weekday: "long"})),
    month: days.map(d => date(d, {month: "long", year: "numeric"})),
    numbers: numbers.map(n => number(n)),
    percent: numbers.map(n => number(n / 100, {style: "percent"})),
    forms: forms.map(n => plural.select(n)),
    names: names.map(n => called.of(n)),
  };
})`

// marks are the invisible signs with which the browser keeps a percent sign beside Western digits in Arabic: the texts around ours
// stand apart as a whole.
var marks = strings.NewReplacer("\u200e", "", "\u200f", "")

func TestDatesAndNumbersAreThoseOfTheBrowser(t *testing.T) {
	t.Parallel()
	var days []string
	for d := (civil.Date{Year: 2027, Month: time.January, Day: 1}); d.Year < 2029; d = d.AddDays(11) {
		days = append(days, d.String())
	}
	numbers := []int64{0, 7, 43, 100, 999, 1000, 1001, 9999, 10000, 54321, 1234567}
	var forms []int64
	for n := range int64(230) {
		forms = append(forms, n)
	}
	codes := []string{"en", "fr", "es", "ar"}
	all, err := texts.All()
	if err != nil {
		t.Fatal(err)
	}
	v := visit(t, desk)
	for _, w := range all {
		words := page.Words{Words: w}
		given, err := json.Marshal([]any{w.Lang, days, numbers, forms, codes})
		if err != nil {
			t.Fatal(err)
		}
		want := ask[writes](v, fmt.Sprintf("%s(...%s)", intl, given))
		var got writes
		for i, day := range days {
			d, err := civil.ParseDate(day)
			if err != nil {
				t.Fatal(err)
			}
			got.Long = append(got.Long, words.LongDay(day))
			got.Day = append(got.Day, words.Day(d))
			got.Weekday = append(got.Weekday, words.Weekday(d.Weekday()))
			got.Month = append(got.Month, words.MonthOf(d.Year, d.Month))
			if w.Lang == "en" { // the house writes no comma after the day of the week
				want.Long[i], want.Day[i] = strings.Replace(want.Long[i], ",", "", 1), strings.Replace(want.Day[i], ",", "", 1)
			}
		}
		for i, n := range numbers {
			got.Numbers, got.Percent = append(got.Numbers, words.Number(n)), append(got.Percent, words.Percent(n))
			want.Numbers[i], want.Percent[i] = marks.Replace(want.Numbers[i]), marks.Replace(want.Percent[i])
		}
		for _, n := range forms {
			got.Forms = append(got.Forms, w.Form(n))
		}
		for _, code := range codes {
			got.Names = append(got.Names, words.Tongue(code))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-the browser +ours):\n%s", w.Name, diff)
		}
	}
}
