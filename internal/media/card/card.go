// Package card draws the pictures of a campaign: a date, a fact with its source, a definition, a quote with consent, a helpline, a
// countdown, steps, thanks, the number of a series.
//
// What a card looks like is data: templates.json, palettes.json and formats.json. [Draw] sets the words with the package lettering,
// as large as they fit and never clipped, and gives the same bytes for the same card; [Alt] writes the alternative text from the same
// values, so that it is true. The heart is our own drawing and not the mark of the United Nations. The package reads no file and no
// clock, asks no network, and does not know posts.
package card

import (
	"strconv"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/media/card/lettering"
	"daymark/internal/media/card/words"
)

// Card is what one picture says.
type Card struct {
	Template string
	Format   string
	Language string
	Palette  string // empty for the template's own

	Title  string // of the day, the definition, the steps or the part of a series
	Text   string // what it says
	Value  string // the figure of a fact, in large; may be empty
	Source string // where a fact or a definition is from
	Items  []Item // steps, or the parts of a definition

	Day  civil.Date // of a date or a countdown
	Days int        // of a countdown

	By        string // whom a quote is from, as they agreed to be called
	Consented bool   // whether they agreed to be quoted; without it there is no card

	Name  string // of a helpline
	Phone string
	Hours string

	Number, Of int // the place in a series; zero for none

	Org string // the charity's name, at the foot
}

// Item is one step, or one part of a definition.
type Item struct {
	Label string // may be empty
	Text  string
}

// values returns the texts of a card by the names that templates and alternative texts use.
func (c Card) values(l *words.Language) map[string]string {
	v := map[string]string{
		"title": c.Title, "text": c.Text, "value": c.Value, "source": c.Source, "by": c.By, "name": c.Name, "phone": c.Phone,
		"hours": c.Hours, "org": c.Org, "thanks": l.Thanks, "kicker": l.Kickers[c.Template],
	}
	for name, text := range v {
		v[name] = words.OneLine(text)
	}
	if c.Source != "" {
		v["source_line"] = words.Fill(l.SourceLine, v)
	}
	if c.Consented {
		v["consent_line"] = l.ConsentLine
	}
	if c.Day.Exists() {
		v["day"], v["year"], v["month"] = strconv.Itoa(c.Day.Day), strconv.Itoa(c.Day.Year), l.Month(int(c.Day.Month))
		v["date_day"], v["date_month"], v["date_line"] = words.Fill(l.DateDay, v), words.Fill(l.DateMonth, v), words.Fill(l.DateLine, v)
	}
	if c.Days > 0 {
		v["days"] = strconv.Itoa(c.Days)
		v["days_number"], v["days_line"] = v["days"], l.DaysToGo(c.Days)
	}
	if c.Number > 0 {
		v["number"], v["of"] = strconv.Itoa(c.Number), strconv.Itoa(c.Of)
		v["series_line"] = v["number"] + "/" + v["of"]
	}
	var items []string
	for _, item := range c.Items {
		said := strings.TrimSpace(item.Text)
		if item.Label != "" {
			said = words.Fill(l.Labelled, map[string]string{"label": item.Label, "text": said})
		}
		items = append(items, strings.TrimRight(said, ".,;。।،؛"))
	}
	v["items"] = strings.Join(items, l.Between)
	return v
}

// Alt returns the text for people who cannot see the card, in its language: everything that the picture says, in its order.
func Alt(c Card) (string, error) {
	l, t, err := c.check()
	if err != nil {
		return "", err
	}
	v := c.values(l)
	if strings.Contains(v["text"], v["value"]) {
		v["value"] = "" // large on the picture, and once is enough for the ear
	}
	return words.Fill(l.Alt[t.Name], v), nil
}

// check refuses a card that lacks something or has what may not be drawn.
func (c Card) check() (*words.Language, Template, error) {
	t, err := template(c.Template)
	if err != nil {
		return nil, t, err
	}
	l, err := words.In(c.Language)
	if err != nil {
		return nil, t, err
	}
	if c.Template == "quote" && !c.Consented {
		return nil, t, fault.BadField("consent", "a quote is drawn only when the person agreed to be quoted. Ask them, and say so")
	}
	if c.Number < 0 || c.Of < c.Number {
		return nil, t, fault.BadField("series", "the number of a card is from 1 to how many there are, and not %d of %d", c.Number, c.Of)
	}
	v := c.values(l)
	for _, name := range t.Needs {
		if v[name] == "" {
			return nil, t, fault.BadField(name, "a card of the template %q needs this", t.Name)
		}
	}
	if len(c.Items) > maxItems {
		return nil, t, fault.BadField("items", "a card takes at most %d, and there are %d", maxItems, len(c.Items))
	}
	for _, item := range c.Items {
		if strings.TrimSpace(item.Text) == "" {
			return nil, t, fault.BadField("items", "one of them has no text")
		}
	}
	for name, text := range v {
		if err := lettering.Check(text); err != nil && name != "items" {
			return nil, t, err
		}
	}
	for _, item := range c.Items {
		for _, text := range []string{item.Label, item.Text} {
			if err := lettering.Check(text); err != nil {
				return nil, t, err
			}
		}
	}
	return l, t, nil
}

// maxItems is the most steps that can be read on a picture: our own figure.
const maxItems = 5
