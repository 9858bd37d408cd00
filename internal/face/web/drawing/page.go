package drawing

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/locale"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/campaign/deck"
	"daymark/internal/media/card"
)

// Page is the form of a card and what came of it.
type Page struct {
	page.Frame
	Name      string // of the post
	BackURL   string
	Action    string
	Read      int // the version of the post that is shown
	Ready     []Link
	Templates []Link
	Chosen    string // the template
	Quote     bool   // which is not made here
	Groups    []form.Group
	Problem   string
	Problems  []page.Field
	Drawn     []Drawn
}

// Link leads to the form with something chosen.
type Link struct {
	URL  string
	Word string
	Now  bool
}

// Drawn is the picture of one language.
type Drawn struct {
	Language      string
	URL           template.URL
	Alt           page.Text
	Width, Height int
}

// takes are the fields that a template has, in order. The last ones are shared by all.
var takes = map[string][]string{
	"date": {"title", "text", "day"}, "fact": {"fact"}, "definition": {"title", "items", "source"}, "helpline": {"helpline", "text"},
	"countdown": {"title", "days", "day"}, "steps": {"title", "items"}, "thank-you": {"text"}, "series": {"title", "text", "number", "of"}, "quote": {},
}

// begin returns the card that the form begins with: the one that the campaign has for the message, or the one that was asked for.
func (s subject) begin(r ask.Request) deck.Wanted {
	w := deck.Wanted{Card: cards.Card{Template: "fact"}, Format: "1:1", Named: true, Day: s.day()}
	wish := r.URL.Query().Get("card")
	for _, ready := range s.ready {
		if ready.ID == wish || wish == "" && slices.Contains(ready.Posts, s.of.Message) {
			w.Card = ready
			break
		}
	}
	return w
}

// day is the first day of the post's edition.
func (s subject) day() civil.Date {
	day, err := civil.ParseDate(s.values.Edition.FirstDay)
	if err != nil {
		return civil.Date{}
	}
	return day
}

// typed reads the form.
func (s subject) typed(r ask.Request) deck.Wanted {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	w := deck.Wanted{Format: get("format"), Helpline: get("helpline"), Named: get("named") != ""}
	w.Template, w.Palette, w.Days, w.Number, w.Of = get("template"), get("palette"), form.Number(get("days")), form.Number(get("number")), form.Number(get("of"))
	if slices.Contains(takes[w.Template], "fact") {
		w.Fact = get("fact")
	}
	if day, err := civil.ParseDate(get("day")); err == nil {
		w.Day = day
	}
	texts := func(name string) map[string]string {
		all := map[string]string{}
		for _, language := range s.languages {
			all[language] = get(name + "-" + language)
		}
		return all
	}
	w.Titles, w.Texts, w.Sources = texts("title"), texts("text"), texts("source")
	for _, language := range s.languages {
		n := 0
		for line := range strings.Lines(get("items-" + language)) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if n == len(w.Items) {
				w.Items = append(w.Items, cards.Item{Labels: map[string]string{}, Texts: map[string]string{}})
			}
			label, text, labelled := strings.Cut(line, "=")
			if !labelled {
				label, text = "", line
			}
			w.Items[n].Labels[language], w.Items[n].Texts[language] = strings.TrimSpace(label), strings.TrimSpace(text)
			n++
		}
	}
	return w
}

// page makes the form.
func (d Desk) page(r ask.Request, s subject, w deck.Wanted) *Page {
	name := page.Heading(s.of.Message, s.of.Source.Kind)
	at := fmt.Sprintf("/posts/%d", s.of.ID)
	p := &Page{
		Frame: page.Frame{Template: "cards", Title: r.Words.T("cards.title", name), Door: "calendar"}, Name: name, BackURL: at + "/edit", Action: at + "/cards",
		Read: s.of.Version, Chosen: w.Template, Quote: w.Template == "quote",
	}
	for _, ready := range s.ready {
		p.Ready = append(p.Ready, Link{URL: p.Action + "?card=" + ready.ID, Word: r.Words.T("cards.template."+ready.Template) + ": " + readyWord(ready, r.Words.Lang), Now: w.ID == ready.ID})
	}
	known, err := card.Templates()
	if err != nil {
		p.wrong(r, err)
	}
	for _, t := range known {
		p.Templates = append(p.Templates, Link{URL: p.Action + "?template=" + t.Name, Word: r.Words.T("cards.template." + t.Name), Now: t.Name == w.Template})
	}
	if _, ok := takes[w.Template]; !ok {
		p.Chosen = ""
		return p
	}
	p.Groups = s.fields(r, w)
	return p
}

// readyWord names a card that a campaign has ready by what makes it another than its like.
func readyWord(c cards.Card, language string) string {
	switch {
	case c.Fact != "":
		return c.Fact
	case c.Days != 0:
		return fmt.Sprint(c.Days)
	}
	title, _ := locale.In(c.Titles, language)
	return title
}

// fields makes the fields of a template: first what is the same in every language, then each language.
func (s subject) fields(r ask.Request, w deck.Wanted) []form.Group {
	t := r.Words.T
	has := func(name string) bool { return slices.Contains(takes[w.Template], name) }
	var all form.Group
	if has("fact") {
		all.Controls = append(all.Controls, form.Choice("fact", t("cards.fact"), w.Fact, s.facts(r, w.Fact)).Hinted(t("cards.fact.hint")))
	}
	if has("helpline") {
		options := []page.Option{{Word: t("cards.choose")}}
		for _, line := range s.values.Lines {
			if deck.Shows(line, r.Now) {
				options = append(options, page.Option{Value: line.ID, Word: line.Name + ", " + line.Phone})
			}
		}
		all.Controls = append(all.Controls, form.Choice("helpline", t("cards.helpline"), w.Helpline, options).Hinted(t("cards.helpline.hint")))
	}
	if has("day") {
		day := ""
		if w.Day.Exists() {
			day = w.Day.String()
		}
		all.Controls = append(all.Controls, form.Exact("day", "date", t("cards.day"), day))
	}
	for _, name := range []string{"days", "number", "of"} {
		if has(name) {
			value := map[string]int{"days": w.Days, "number": w.Number, "of": w.Of}[name]
			all.Controls = append(all.Controls, form.Exact(name, "number", t("cards."+name), form.Year(value)))
		}
	}
	groups := []form.Group{all}
	for _, language := range s.languages {
		one := form.Group{Legend: r.Words.Tongue(language)}
		if has("title") {
			one.Controls = append(one.Controls, form.Line("title-"+language, t("cards.field.title", r.Words.Tongue(language)), w.Titles[language]).In(language).As("title"))
		}
		if has("text") {
			one.Controls = append(one.Controls, form.Area("text-"+language, t("cards.field.text", r.Words.Tongue(language)), w.Texts[language], 3).In(language).As("text"))
		}
		if has("items") {
			var lines []string
			for _, item := range w.Items {
				line := item.Texts[language]
				if label := item.Labels[language]; label != "" {
					line = label + " = " + line
				}
				lines = append(lines, line)
			}
			hint := t("cards.items.hint")
			if w.Template == "definition" {
				hint = t("cards.items.parts")
			}
			one.Controls = append(one.Controls, form.Area("items-"+language, t("cards.field.items", r.Words.Tongue(language)), strings.Join(lines, "\n"), 5).In(language).As("items").Hinted(hint))
		}
		if has("source") {
			one.Controls = append(one.Controls, form.Line("source-"+language, t("cards.field.source", r.Words.Tongue(language)), w.Sources[language]).In(language).As("source"))
		}
		if len(one.Controls) > 0 {
			groups = append(groups, one)
		}
	}
	return append(groups, looks(r, w))
}

// looks are the fields for how a card looks.
func looks(r ask.Request, w deck.Wanted) form.Group {
	t := r.Words.T
	var formats, palettes []page.Option
	if known, err := card.Formats(); err == nil {
		for _, f := range known {
			formats = append(formats, page.Option{Value: f.Name, Word: t("cards.format."+strings.ReplaceAll(f.Name, ":", "x"), f.Width, f.Height)})
		}
	}
	palettes = append(palettes, page.Option{Word: t("cards.palette.own")})
	if known, err := card.Palettes(); err == nil {
		for _, one := range known {
			palettes = append(palettes, page.Option{Value: one.Name, Word: t("cards.palette." + one.Name)})
		}
	}
	named := []page.Option{{Value: "yes", Word: t("cards.named.yes")}, {Word: t("cards.named.no")}}
	value := ""
	if w.Named {
		value = "yes"
	}
	return form.Group{Legend: t("cards.looks"), Controls: []form.Control{
		form.Choice("format", t("cards.format"), w.Format, formats), form.Choice("palette", t("cards.palette"), w.Palette, palettes), form.Choice("named", t("cards.named"), value, named),
	}}
}

// facts are the facts that may be stated today, in the language of the page.
func (s subject) facts(r ask.Request, chosen string) []page.Option {
	options := []page.Option{{Word: r.Words.T("cards.choose")}}
	today := civil.DateOf(r.Now.UTC())
	var ids []string
	for id := range s.values.Facts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		fact := s.values.Facts[id]
		if ok, _ := fact.Usable(today); !ok && id != chosen {
			continue
		}
		sentence, ok := locale.In(fact.Texts, r.Words.Lang)
		if !ok {
			sentence = fact.Texts["en"]
		}
		options = append(options, page.Option{Value: id, Word: id + ": " + page.NewText("", sentence).Short(90).Body})
	}
	return options
}

// wrong says what is wrong, at its field where it has one.
func (p *Page) wrong(r ask.Request, err error) {
	problems := r.Words.Problems(err)
	if len(problems) == 0 {
		p.Problem = r.Words.Say(err)
		return
	}
	for _, one := range problems {
		left := true
		for i := range p.Groups {
			for j := range p.Groups[i].Controls {
				if c := &p.Groups[i].Controls[j]; left && (c.Known == one.Field || c.ID == one.Field) {
					c.Problem, left = one.Message, false
					p.Problems = append(p.Problems, c.Field)
				}
			}
		}
		if left {
			p.Problems = append(p.Problems, page.Field{Label: one.Field, Problem: one.Message})
		}
	}
}
