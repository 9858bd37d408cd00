// Package cards has the command that draws cards. It asks no network and needs no database: facts are those of the database where there is
// one, else those that Daymark ships; campaigns are those that it ships, or those of a folder.
package cards

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"daymark/campaigns"
	"daymark/internal/cli/command"
	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	plan "daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/campaign/source"
	"daymark/internal/media/card"
	"daymark/internal/media/card/lettering"

	"golang.org/x/sync/errgroup"
)

// Card is the command that draws one card or many.
type Card struct {
	Template string `arg:"" optional:"" help:"What stands on it; --list names them."`
	List     bool   `help:"List templates, formats, palettes and languages."`

	Campaign string   `help:"Draw the cards of a campaign: a folder, or the id of a shipped one." placeholder:"CAMPAIGN"`
	Year     int      `default:"${year}" help:"The year of the campaign's day."`
	Lang     []string `help:"Languages, or all; default: en, and with --campaign all of its own." placeholder:"TAG"`
	Format   []string `default:"1:1" help:"Formats, or all." placeholder:"FORMAT"`
	Palette  string   `help:"Colours; default: the template's own." placeholder:"NAME"`
	Out      string   `short:"o" help:"A file ending in .png for one card, a folder for many." placeholder:"PATH"`
	Fonts    string   `default:"/usr/share/fonts" help:"A folder of fonts, for Hindi, Thai and Chinese." placeholder:"FOLDER"`

	Put       bool     `help:"Put the campaign's cards on its posts of the year that nobody has sent for review."`
	As        string   `help:"With --put: e-mail address of who does; default: the first admin." placeholder:"EMAIL"`
	Fact      string   `help:"Id of a checked fact, such as F02." placeholder:"ID"`
	Title     string   `help:"A title." placeholder:"TEXT"`
	Text      string   `help:"What the card says." placeholder:"TEXT"`
	Value     string   `help:"A figure, in large." placeholder:"TEXT"`
	Source    string   `help:"Where a fact or a definition is from." placeholder:"TEXT"`
	Item      []string `sep:"none" help:"A step, or a part of a definition as \"label | text\"; may be repeated." placeholder:"TEXT"`
	Day       string   `help:"A date, as 2027-07-30." placeholder:"DATE"`
	Days      int      `help:"How many days there are to go." placeholder:"N"`
	By        string   `help:"Whom a quote is from." placeholder:"NAME"`
	Consented bool     `help:"The person agreed to be quoted."`
	Name      string   `help:"Name of a helpline." placeholder:"TEXT"`
	Phone     string   `help:"Its number." placeholder:"NUMBER"`
	Hours     string   `help:"When it answers." placeholder:"TEXT"`
	Series    string   `help:"Which card of how many, as 3/12." placeholder:"N/M"`
	Org       string   `help:"The charity's name, at the foot." placeholder:"TEXT"`
}

// Help shows examples.
func (Card) Help() string {
	return "Beside each picture of a folder stands its alternative text. docs/cards.md shows the templates.\nExamples:\n  daymark card --list\n" +
		"  daymark card fact --lang ar --format 4:5 --fact F02 -o out.png\n  daymark card --campaign july-30 --format 1:1,4:5 --org \"Harbour Light\" -o cards"
}

// one is a card to draw and the name of its file, without the ending.
type one struct {
	card card.Card
	name string
}

// Run draws what was asked for. Nothing is drawn if one card lacks something.
func (c *Card) Run(r *command.Run) error {
	if c.List {
		return c.list(r)
	}
	if c.Put {
		return c.put(r)
	}
	if (c.Template == "") == (c.Campaign == "") {
		return fault.New(fault.Invalid, "Name a template, such as fact, or a campaign with --campaign. daymark card --list names the templates")
	}
	if c.Out == "" {
		return fault.BadField("-o", "say where the picture goes: a file ending in .png, or a folder for many")
	}
	formats, err := c.formats()
	if err != nil {
		return err
	}
	var all []one
	if c.Campaign != "" {
		all, err = c.ofCampaign(r, formats)
	} else {
		all, err = c.ofTemplate(r, formats)
	}
	if err != nil {
		return err
	}
	for _, o := range all { // before the first is drawn
		if _, err := card.Alt(o.card); err != nil {
			return fmt.Errorf("the card %s: %w", o.name, err)
		}
	}
	return c.draw(r, all)
}

func (c *Card) formats() ([]string, error) {
	known, err := card.Formats()
	if err != nil || !slices.Contains(c.Format, "all") {
		return c.Format, err
	}
	var all []string
	for _, f := range known {
		all = append(all, f.Name)
	}
	return all, nil
}

// ofTemplate makes the cards that the flags describe.
func (c *Card) ofTemplate(r *command.Run, formats []string) ([]one, error) {
	base := card.Card{
		Template: c.Template, Palette: c.Palette, Title: c.Title, Text: c.Text, Value: c.Value, Source: c.Source, Days: c.Days, By: c.By,
		Consented: c.Consented, Name: c.Name, Phone: c.Phone, Hours: c.Hours, Org: c.Org,
	}
	for _, item := range c.Item {
		label, text, labelled := strings.Cut(item, "|")
		if !labelled {
			label, text = "", item
		}
		base.Items = append(base.Items, card.Item{Label: strings.TrimSpace(label), Text: strings.TrimSpace(text)})
	}
	var err error
	if c.Day != "" {
		if base.Day, err = civil.ParseDate(c.Day); err != nil {
			return nil, fault.BadField("--day", "must be a date such as 2027-07-30 but is %q", c.Day)
		}
	}
	if c.Series != "" {
		number, of, _ := strings.Cut(c.Series, "/")
		n, wrong := strconv.Atoi(number)
		m, wrongToo := strconv.Atoi(of)
		if wrong != nil || wrongToo != nil || n < 1 {
			return nil, fault.BadField("--series", "must be a number of how many, such as 3/12, but is %q", c.Series)
		}
		base.Number, base.Of = n, m
	}
	tags := c.Lang
	switch {
	case len(tags) == 0:
		tags = []string{"en"}
	case slices.Contains(tags, "all"):
		tags = []string{"en", "fr", "es", "ar"}
	}
	var known map[string]campaign.Fact
	if c.Fact != "" {
		if known, err = facts(r); err != nil {
			return nil, err
		}
	}
	var all []one
	for _, tag := range tags {
		drawn := base
		drawn.Language = tag
		if c.Fact != "" {
			fact, ok := known[c.Fact]
			if !ok {
				return nil, fault.BadField("--fact", "there is no fact %q", c.Fact)
			}
			if err := plan.State(&drawn, fact, civil.DateOf(time.Now().UTC())); err != nil {
				return nil, err
			}
		}
		for _, format := range formats {
			drawn.Format = format
			all = append(all, one{drawn, fileName(c.Template, tag, format)})
		}
	}
	return all, nil
}

// ofCampaign makes the cards that a campaign has written down.
func (c *Card) ofCampaign(r *command.Run, formats []string) ([]one, error) {
	loaded, err := command.ReadCampaign(c.Campaign, false)
	if err != nil {
		return nil, err
	}
	src, err := readCards(c.Campaign)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "The campaign %q has no file %s", c.Campaign, plan.FileName)
	}
	list, problems := plan.Read(plan.FileName, src, loaded.Campaign)
	if len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "The file of cards has mistakes:\n%s", source.Text(problems))
	}
	days, ok, err := loaded.Observance.Rule.On(c.Year)
	if err != nil || !ok {
		return nil, fault.New(fault.NotFound, "No date of %q is known in %d", loaded.Observance.ID, c.Year)
	}
	tags := c.Lang
	if len(tags) == 0 || slices.Contains(tags, "all") {
		tags = loaded.Campaign.Languages
	}
	if slices.ContainsFunc(list, func(planned plan.Card) bool { return planned.Fact != "" }) {
		known, err := facts(r)
		if err != nil {
			return nil, err
		}
		maps.Copy(loaded.Facts, known) // a file's own, where nobody has taken them into the database
	}
	on := plan.Setting{Campaign: loaded.Campaign, Facts: loaded.Facts, Day: days.Start, Today: civil.DateOf(time.Now().UTC()), Org: c.Org}
	var all []one
	for _, planned := range list {
		for _, tag := range tags {
			if !slices.Contains(loaded.Campaign.Languages, tag) {
				return nil, fault.BadField("--lang", "the campaign is in %s, and not in %q", strings.Join(loaded.Campaign.Languages, ", "), tag)
			}
			for _, format := range formats {
				drawn, err := planned.In(tag, format, on)
				if err != nil {
					return nil, err
				}
				if c.Palette != "" {
					drawn.Palette = c.Palette
				}
				all = append(all, one{drawn, fileName(planned.ID, tag, format)})
			}
		}
	}
	return all, nil
}

// readCards reads the file of cards beside a campaign's, on the machine or among those that Daymark ships.
func readCards(of string) ([]byte, error) {
	info, err := os.Stat(of)
	if err != nil {
		return campaigns.Files.ReadFile(path.Join(of, plan.FileName))
	}
	if !info.IsDir() {
		of = filepath.Dir(of)
	}
	return os.ReadFile(filepath.Join(of, plan.FileName))
}

func fileName(what, tag, format string) string {
	return what + "-" + tag + "-" + strings.ReplaceAll(format, ":", "x")
}

// draw draws the cards, as many at once as there are processors, and says how far it is.
func (c *Card) draw(r *command.Run, all []one) error {
	fonts := lettering.NewFonts(os.DirFS(c.Fonts))
	single := strings.HasSuffix(strings.ToLower(c.Out), ".png")
	if single && len(all) > 1 {
		return fault.BadField("-o", "these are %d cards: name a folder, not a file", len(all))
	}
	if !single {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return fault.Wrap(fault.Invalid, err, "The folder %s cannot be made: %v", c.Out, err)
		}
	}
	group, ctx := errgroup.WithContext(r.Ctx)
	group.SetLimit(runtime.NumCPU())
	var mu sync.Mutex
	done, said := 0, time.Now()
	for _, o := range all {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			file := c.Out
			if !single {
				file = filepath.Join(c.Out, o.name+".png")
			}
			alt, err := write(file, o.card, fonts, !single)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if single {
				r.Printf("%s\n", alt)
			}
			if done++; done < len(all) && time.Since(said) > time.Second {
				said = time.Now()
				_, _ = fmt.Fprintf(r.Err, "%d of %d cards\n", done, len(all))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if !single {
		r.Printf("%s in %s\n", command.Count(len(all), "card"), c.Out)
	}
	return nil
}

// write draws one card into a file, with its alternative text in another beside it where asked, and returns that text.
func write(file string, drawn card.Card, fonts *lettering.Fonts, beside bool) (string, error) {
	alt, err := card.Alt(drawn)
	if err != nil {
		return "", err
	}
	picture, err := card.Draw(drawn, fonts)
	if err != nil {
		return "", err
	}
	err = os.WriteFile(file, picture, 0o644)
	if beside {
		err = errors.Join(err, os.WriteFile(strings.TrimSuffix(file, ".png")+".txt", []byte(alt+"\n"), 0o644))
	}
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The picture cannot be written: %v", err)
	}
	return alt, nil
}
