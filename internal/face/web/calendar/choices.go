package calendar

import (
	"slices"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/agenda"
)

// choices fills in the filters, the zones and the legend.
func (s sheet) choices(p *Page, editions []book.Edition) error {
	from, err := agenda.Chosen(s.Context(), s.db, s.Person.Limited(), s.Person.ID)
	if err != nil {
		return err
	}
	group := func(name string, chosen []string, all []string, word func(string) string) {
		g := Group{Name: name, Word: s.Words.T("cal.filter." + name), Chosen: len(chosen)}
		for _, value := range chosen { // what the address asks for and nobody has any more can be taken back
			if !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
		for _, value := range all {
			g.Options = append(g.Options, page.Option{Value: value, Word: word(value), Chosen: slices.Contains(chosen, value)})
		}
		if len(g.Options) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	plain := func(value string) string { return value }
	var states, titles, chosen []string
	called := map[string]string{"0": s.Words.T("plan.standing")}
	for _, one := range page.Standings() {
		mark := s.Words.MarkOf(one)
		p.Legend = append(p.Legend, mark)
		states = append(states, string(one))
		called[string(one)] = mark.Word
	}
	for _, e := range editions {
		id := number(e.ID)
		titles = append(titles, id)
		if called[id] = view.Title(e); e.Rehearsal {
			called[id] = s.Words.T("cal.rehearsing", view.Title(e))
		}
	}
	for _, id := range s.query.editions {
		chosen = append(chosen, number(id))
	}
	name := func(value string) string {
		if word, ok := called[value]; ok {
			return word
		}
		return value
	}
	if len(titles) > 0 {
		titles = append(titles, "0")
	}
	group("state", s.query.states, states, name)
	group("edition", chosen, titles, name)
	group("network", s.query.networks, from.Networks, s.Words.Network)
	group("language", s.query.languages, []string{"en", "fr", "es", "ar"}, s.Words.Tongue)
	group("label", s.query.labels, from.Labels, plain)
	s.zones(p, from.Zones)
	p.Filtered = s.query.filtered()
	return nil
}

// zones fills in whose clocks can be shown: the team's, each account's own, those of the accounts, and the one in the address, which
// may be the viewer's own.
func (s sheet) zones(p *Page, accounts []string) {
	own := s.Request.Zone.String()
	p.Zones = []page.Option{
		{Word: s.Words.T("cal.zone.ours", own), Chosen: s.query.named == ""},
		{Value: eachZone, Word: s.Words.T("cal.zone.each"), Chosen: s.query.each},
	}
	if !s.query.each && s.query.named != "" && !slices.Contains(accounts, s.query.named) {
		accounts = append(accounts, s.query.named)
	}
	for _, zone := range accounts {
		if zone != own {
			p.Zones = append(p.Zones, page.Option{Value: zone, Word: zone, Chosen: zone == s.query.named})
		}
	}
	p.Zone = s.Words.T("cal.in.ours", s.query.zone.String())
	if s.query.each {
		p.Zone = s.Words.T("cal.in.each")
	}
}
