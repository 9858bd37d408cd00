package sheet

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/profile"
)

// beside makes the fields of what stands beside the words: hashtags, partners, the link, the helpline.
func (p *Page) beside(r ask.Request, s Subject, c edit.Change) {
	p.Sensitive = c.Source.Sensitive
	p.Hashtags = form.Line("hashtags", r.Words.T("editor.hashtags"), strings.Join(c.Source.Hashtags, " ")).Hinted(r.Words.T("editor.hashtags.hint"))
	p.Link = form.Exact("link", "url", r.Words.T("editor.link"), c.Source.Link).Hinted(r.Words.T("editor.link.hint"))
	for _, network := range networksOf(s) {
		name := r.Words.Network(network)
		if tags, own := c.Source.NetworkTags[network]; own {
			p.Tags = append(p.Tags, ForNetwork{
				Control: form.Line("tags-"+network, r.Words.T("editor.hashtags.own", name), strings.Join(tags, " ")).Hinted(r.Words.T("editor.hashtags.own.hint")),
				Out:     "untags:" + network, OutWord: r.Words.T("editor.hashtags.drop", name),
			})
		} else {
			p.Networks = append(p.Networks, page.Option{Value: "tags:" + network, Word: r.Words.T("editor.hashtags.add", name)})
		}
		p.Mentions = append(p.Mentions, form.Line("mentions-"+network, r.Words.T("editor.mentions", name), strings.Join(c.Source.Mentions[network], " ")))
	}
	countries := []string{}
	for _, line := range s.Values.Lines {
		countries = append(countries, line.Country)
	}
	if c.Source.Helpline != "" {
		countries = append(countries, c.Source.Helpline)
	}
	slices.Sort(countries)
	options := []page.Option{{Word: r.Words.T("editor.helpline.own")}}
	for _, country := range slices.Compact(countries) {
		options = append(options, page.Option{Value: country, Word: country})
	}
	p.Helpline = form.Choice("helpline", r.Words.T("editor.helpline"), c.Source.Helpline, options).Hinted(r.Words.T("editor.helpline.hint"))
	options = []page.Option{{Word: r.Words.T("editor.helpline.for.all")}}
	for _, whom := range campaign.HelplineAudiences {
		options = append(options, page.Option{Value: whom, Word: r.Words.T("editor.helpline.for." + whom)})
	}
	p.HelpFor = form.Choice("helpline_for", r.Words.T("editor.helpline.for"), c.Source.HelplineFor, options)
}

// windows are the minutes that the form offers; 0 is until the end of the day.
var windows = []int{0, 60, 120, 180, 360, 720, 1440, 2880, 4320}

// where makes the fields of when and where a post goes out.
func (p *Page) where(r ask.Request, s Subject, c edit.Change) {
	when := c.Source.When
	p.Date = form.Exact("date", "date", r.Words.T("editor.date"), when.Date)
	p.Time = form.Exact("clock", "time", r.Words.T("editor.clock"), when.Clock)
	mode, zone := fields.Local, r.Zone.String()
	if when.Zone != "" {
		mode, zone = fields.Fixed, when.Zone
	}
	p.Mode = form.Choice("mode", r.Words.T("editor.mode"), mode, []page.Option{
		{Value: fields.Local, Word: r.Words.T("editor.mode.local")}, {Value: fields.Fixed, Word: r.Words.T("editor.mode.fixed")},
	})
	p.Zone = form.Exact("zone", "text", r.Words.T("editor.zone"), zone).Hinted(r.Words.T("editor.zone.hint"))
	chosen := int(c.Window / time.Minute)
	offered := slices.Clone(windows)
	if !slices.Contains(offered, chosen) {
		offered = append(offered, chosen)
	}
	var options []page.Option
	for _, n := range offered {
		word := r.Words.T("editor.window.hours", n/60)
		switch {
		case n == 0:
			word = r.Words.T("editor.window.day")
		case n%60 != 0:
			word = r.Words.T("editor.window.minutes", n)
		}
		options = append(options, page.Option{Value: strconv.Itoa(n), Word: word})
	}
	p.Window = form.Choice("window", r.Words.T("now.window"), strconv.Itoa(chosen), options).Hinted(r.Words.T("now.window.hint"))
	for _, one := range s.Channels {
		tongues := one.Languages
		for _, place := range c.Places {
			if place.Channel == one.ID && !slices.Contains(tongues, place.Language) {
				tongues = append(slices.Clone(tongues), place.Language)
			}
		}
		a := Account{Handle: one.Handle, Network: r.Words.Network(one.Platform), Zone: one.Zone}
		for _, language := range tongues {
			place := edit.Place{Channel: one.ID, Language: language}
			chosen := slices.Contains(c.Places, place)
			if one.Archived() && !chosen {
				continue
			}
			a.Places = append(a.Places, Tick{ID: fmt.Sprintf("place-%d-%s", one.ID, language), Value: fields.Spot(place), Word: r.Words.Tongue(language), Chosen: chosen})
		}
		if len(a.Places) == 0 {
			continue
		}
		p.Where = append(p.Where, a)
		for _, label := range one.Labels {
			if !slices.ContainsFunc(p.Labels, func(t Tick) bool { return t.Value == label }) {
				p.Labels = append(p.Labels, Tick{ID: fmt.Sprintf("label-%d", len(p.Labels)+1), Value: label, Word: label})
			}
		}
		if !slices.ContainsFunc(p.Nets, func(t Tick) bool { return t.Value == one.Platform }) {
			p.Nets = append(p.Nets, Tick{ID: "net-" + one.Platform, Value: one.Platform, Word: a.Network})
		}
	}
}

// mostFacts is how many facts are offered.
const mostFacts = 60

// picks makes what can be put in without typing it.
func picks(r ask.Request, s Subject, c edit.Change) Pick {
	var p Pick
	var into []page.Option
	for _, code := range s.tongues(c) {
		for i := range max(1, len(c.Source.Parts)) {
			word := r.Words.Tongue(code)
			if len(c.Source.Parts) > 1 {
				word = r.Words.T("editor.into.part", word, i+1)
			}
			into = append(into, page.Option{Value: fields.Text(i+1, code), Word: word})
			for _, own := range c.Source.Variants {
				if own.Part == i+1 && own.Language == code {
					into = append(into, page.Option{Value: fields.Own(i+1, code, own.Network), Word: r.Words.T("editor.into.own", word, r.Words.Network(own.Network))})
				}
			}
		}
	}
	p.Into = form.Choice("into", r.Words.T("editor.into"), r.PostFormValue("into"), into)
	for _, id := range slices.Sorted(maps.Keys(s.Values.Facts)) {
		f := s.Values.Facts[id]
		if f.Status != campaign.Current || len(p.Facts) == mostFacts {
			continue
		}
		lang := r.Words.Lang
		if f.Texts[lang] == "" {
			lang = "en"
		}
		p.Facts = append(p.Facts, Picked{
			Button: Button{Value: "insert:{{fact:" + id + "}}", Word: r.Words.T("editor.put"), More: id}, Says: page.NewText(lang, f.Texts[lang]), Source: f.Cite, URL: view.HTTPOnly(f.Source.URL),
		})
	}
	says := profile.Tokens(s.Values.Profile, r.Words.Lang)
	if s.Values.Profile.Name == "" {
		says = map[string]string{}
	}
	says["helpline"] = r.Words.T("editor.token.helpline")
	if e := s.Values.Edition; e.ID != 0 {
		says["year"] = strconv.Itoa(e.Year)
		if e.Theme != "" {
			says["theme"] = e.Theme
		}
	}
	for _, name := range slices.Sorted(maps.Keys(says)) {
		p.Tokens = append(p.Tokens, Picked{Button: Button{Value: "insert:{{" + name + "}}", Word: r.Words.T("editor.put"), More: name}, Says: page.NewText(r.Words.Lang, says[name])})
	}
	for _, tag := range s.Offers.Hashtags {
		if !slices.Contains(c.Source.Hashtags, tag) {
			p.Hashtags = append(p.Hashtags, Button{Value: "tag:" + tag, Word: tag})
		}
	}
	for _, network := range slices.Sorted(maps.Keys(s.Offers.Mentions)) {
		for _, address := range s.Offers.Mentions[network] {
			if !slices.Contains(c.Source.Mentions[network], address) {
				p.Mentions = append(p.Mentions, Button{Value: "mention:" + network + ":" + address, Word: address, More: r.Words.Network(network)})
			}
		}
	}
	return p
}

// Clock writes when something was kept, to the second.
func Clock(r ask.Request, at time.Time) string { return at.In(r.Zone).Format(time.TimeOnly) }
