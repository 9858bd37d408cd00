// Package cards reads which pictures a campaign has drawn for it, and makes cards of internal/media/card of them: with the facts, the
// date and the charity of one year.
//
// The file is cards.yaml beside campaign.yaml; docs/cards.md explains it to people. The package draws nothing, reads no folder, and does
// not know the day: a fact that must not be stated any more is refused by the caller's.
package cards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/flow/campaign/source"
	"daymark/internal/media/card"
)

// FileName is the name of the file in a campaign's folder.
const FileName = "cards.yaml"

// templates are those that a file may name. A quote needs the consent of one person, a helpline a fresh check: neither is written down
// for years.
var templates = []string{"date", "fact", "definition", "countdown", "steps", "thank-you", "series"}

// Card is one picture of a campaign, in all its languages.
type Card struct {
	ID       string
	Template string
	Palette  string
	Posts    []string // the ids of the messages it goes with
	Fact     string   // the id of what it states
	Days     int
	Number   int // its place in a series, and of how many; zero for none
	Of       int
	Titles   map[string]string
	Texts    map[string]string
	Sources  map[string]string
	Items    []Item
}

// Item is one step or part, by language.
type Item struct{ Labels, Texts map[string]string }

// Setting is what a card takes from elsewhere: the campaign, the year, the charity.
type Setting struct {
	Campaign campaign.Campaign
	Facts    map[string]campaign.Fact
	Day      civil.Date // the first day of the observance
	Today    civil.Date // on which a fact must hold
	Org      string
}

// Read reads the text of a file of cards for a campaign. Cards that come with problems must not be used.
func Read(name string, src []byte, of campaign.Campaign) ([]Card, []source.Problem) {
	file, root := source.Parse(name, src)
	if !root.Present() || !read.HasVersion(root) {
		return nil, file.Problems()
	}
	var all []Card
	for _, item := range root.Map("!daymark", "!cards")["cards"].List("cards") {
		f := item.Map("!id", "!template", "palette", "posts", "fact", "days", "number", "of", "title", "text", "source", "items")
		c := Card{
			ID: f["id"].String(), Template: f["template"].OneOf(templates...), Palette: f["palette"].String(), Fact: f["fact"].String(),
			Titles: texts(f["title"], of), Texts: texts(f["text"], of), Sources: texts(f["source"], of),
		}
		if f["days"].Present() {
			c.Days = f["days"].Int(1, 365)
		}
		if numbered := f["number"].Present() && f["of"].Present(); numbered {
			c.Of = f["of"].Int(1, 99)
			c.Number = f["number"].Int(1, max(c.Of, 1))
		} else if f["number"].Present() || f["of"].Present() || c.Template == "series" {
			item.Fail("a card of a series says which it is of how many, such as number: 3 and of: 12")
		}
		if f["id"].Present() && !idForm.MatchString(c.ID) {
			f["id"].Fail("%q is no id of a card: write small letters, digits and hyphens", c.ID)
		}
		if slices.ContainsFunc(all, func(other Card) bool { return other.ID == c.ID }) {
			f["id"].Fail("another card has the id %q already", c.ID)
		}
		if f["posts"].Present() {
			for _, post := range f["posts"].List("ids of messages") {
				id := post.String()
				if !slices.ContainsFunc(of.Posts, func(m campaign.Message) bool { return m.ID == id }) {
					post.Fail("the campaign has no message %q", id)
				}
				c.Posts = append(c.Posts, id)
			}
		}
		if f["items"].Present() {
			for _, part := range f["items"].List("steps or parts") {
				p := part.Map("label", "!text")
				c.Items = append(c.Items, Item{Labels: texts(p["label"], of), Texts: texts(p["text"], of)})
			}
		}
		if c.Template == "fact" && c.Fact == "" {
			item.Fail("a card of a fact names it: fact: F02")
		}
		all = append(all, c)
	}
	return all, file.Problems()
}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// texts reads a text in each language of a campaign.
func texts(v source.Value, of campaign.Campaign) map[string]string {
	if !v.Present() {
		return nil
	}
	all := map[string]string{}
	for _, field := range v.Entries("a text for each language") {
		if !slices.Contains(of.Languages, field.Name) {
			field.Key.Fail("the campaign is not in %q", field.Name)
		}
		all[field.Name] = field.Value.String()
	}
	for _, tag := range of.Languages {
		if all[tag] == "" {
			v.Fail("the text in %q is missing", tag)
		}
	}
	return all
}

// In returns a card in a language and a format.
func (c Card) In(tag, format string, s Setting) (card.Card, error) {
	drawn := card.Card{
		Template: c.Template, Palette: c.Palette, Language: tag, Format: format, Days: c.Days, Number: c.Number, Of: c.Of, Org: s.Org,
		Title: c.Titles[tag], Text: c.Texts[tag], Source: c.Sources[tag],
	}
	for _, item := range c.Items {
		drawn.Items = append(drawn.Items, card.Item{Label: item.Labels[tag], Text: item.Texts[tag]})
	}
	if c.Template == "date" || c.Template == "countdown" {
		drawn.Day = s.Day
	}
	if drawn.Title == "" {
		drawn.Title = s.Campaign.Title[tag]
	}
	if c.Fact == "" {
		return drawn, nil
	}
	fact, ok := s.Facts[c.Fact]
	if !ok {
		return card.Card{}, fault.New(fault.NotFound, "There is no fact %q", c.Fact)
	}
	if err := State(&drawn, fact, s.Today); err != nil {
		return card.Card{}, fmt.Errorf("the card %s: %w", c.ID, err)
	}
	return drawn, nil
}

// State puts a fact with its source on a card in the card's language; its figure as well, where the sentence has it.
func State(drawn *card.Card, fact campaign.Fact, today civil.Date) error {
	if ok, why := fact.Usable(today); !ok {
		return fault.New(fault.Conflict, "The fact %s is not to be stated: %s", fact.ID, why)
	}
	sentence, ok := locale.In(fact.Texts, drawn.Language)
	if !ok || sentence == "" {
		return fault.New(fault.NotFound, "The fact %s has no sentence in %q. Add one to the file of facts", fact.ID, drawn.Language)
	}
	drawn.Text, drawn.Source, drawn.Value = sentence, fact.CiteIn(drawn.Language), figure(fact.Value, sentence)
	return nil
}

var (
	plain = regexp.MustCompile(`^([+-]?)(\d[\d, ]*)(%?)$`)
	group = regexp.MustCompile(`[, ]+`)
)

// figure returns the figure of a fact as its sentence writes it, since languages group and space figures each in their way, or nothing
// where there is more than one figure or words are in it. A rise keeps its sign.
func figure(value, sentence string) string {
	m := plain.FindStringSubmatch(value)
	if m == nil {
		return ""
	}
	pattern := `\b` + group.ReplaceAllString(regexp.QuoteMeta(m[2]), `[., \x{A0}\x{202F}]?`)
	if m[3] != "" {
		pattern += `[ \x{A0}\x{202F}]?%`
	}
	found := regexp.MustCompile(pattern).FindString(sentence)
	if found == "" {
		return ""
	}
	return strings.Replace(m[1], "-", "−", 1) + found
}
