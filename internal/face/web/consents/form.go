package consents

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/consent"
	"daymark/internal/platform"
)

// boxes are choices of which several can be ticked.
type boxes struct {
	ID, Legend, Hint, Problem string
	Known                     string // what problems call them
	Options                   []page.Option
}

// sheet is a form with boxes to tick.
type sheet struct {
	form.Form
	Boxes []boxes
}

// newPage asks for a new consent.
type newPage struct {
	page.Frame
	Sheet sheet
}

// terms asks for what was agreed to, and who it was. prefix makes the ids of its fields.
func terms(r ask.Request, id, action, button string, e consent.Entry, tongues []string) sheet {
	t := r.Words.T
	minor := "no"
	if e.Minor {
		minor = "yes"
	}
	hows := []page.Option{}
	for _, how := range consent.Hows() {
		hows = append(hows, page.Option{Value: how, Word: t("consent.how." + how)})
	}
	until := ""
	if !e.Until.IsZero() {
		until = e.Until.String()
	}
	s := sheet{Form: form.Form{
		ID: id, Action: action, Button: button, Main: true, Seen: strconv.Itoa(e.Version),
		Groups: []form.Group{
			{Legend: t("consent.who"), Controls: []form.Control{
				form.Line("name", t("consent.name"), e.Who.Name).Hinted(t("consent.name.hint")),
				form.Line("contact", t("consent.contact"), e.Who.Contact),
				form.Choice("minor", t("consent.minor"), minor, []page.Option{{Value: "no", Word: t("consent.minor.no")}, {Value: "yes", Word: t("consent.minor.yes")}}),
				form.Line("guardian", t("consent.guardian"), e.Who.Guardian).Hinted(t("consent.guardian.hint")),
				form.Line("guardian-contact", t("consent.guardian.contact"), e.Who.GuardianContact).As("guardian contact"),
				form.Area("notes", t("consent.notes"), e.Who.Notes, 3),
			}},
			{Legend: t("consent.terms"), Controls: []form.Control{
				form.Exact("until", "date", t("consent.until"), until).Hinted(t("consent.until.hint")),
				form.Choice("how", t("consent.how"), e.How, hows),
				form.Line("kept", t("consent.kept"), e.Who.Kept).Hinted(t("consent.kept.hint")),
			}},
		},
	}}
	s.Boxes = []boxes{useBoxes(r, "uses", t("consent.uses"), e.Uses), {ID: "networks", Legend: t("consent.networks"), Hint: t("consent.every"), Known: "networks"}, {
		ID: "languages", Legend: t("consent.languages"), Hint: t("consent.every"), Known: "languages",
	}}
	for _, n := range networks(e.Networks) {
		s.Boxes[1].Options = append(s.Boxes[1].Options, page.Option{Value: n, Word: r.Words.Network(n), Chosen: slices.Contains(e.Networks, n)})
	}
	for _, l := range form.Tongues(tongues, e.Languages) {
		s.Boxes[2].Options = append(s.Boxes[2].Options, page.Option{Value: l, Word: r.Words.Tongue(l), Chosen: slices.Contains(e.Languages, l)})
	}
	return s
}

// networks are those that a consent can be for, and those that it is for.
func networks(more []string) []string {
	all := []string{string(platform.Mastodon), string(platform.Bluesky), string(platform.X), "byhand"}
	for _, n := range more {
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

func useBoxes(r ask.Request, id, legend string, chosen consent.Uses) boxes {
	b := boxes{ID: id, Legend: legend, Known: "uses"}
	for _, one := range useWords {
		b.Options = append(b.Options, page.Option{Value: one.name, Word: r.Words.T("consent.use." + one.name), Chosen: *one.of(&chosen)})
	}
	return b
}

// readUses reads boxes of uses.
func readUses(list []string) (u consent.Uses) {
	for _, one := range useWords {
		*one.of(&u) = slices.Contains(list, one.name)
	}
	return u
}

// typed reads the form of the terms.
func typed(f url.Values) (consent.Who, consent.Terms) {
	who := consent.Who{
		Name: f.Get("name"), Contact: f.Get("contact"), Guardian: f.Get("guardian"), GuardianContact: f.Get("guardian-contact"),
		Kept: f.Get("kept"), Notes: f.Get("notes"),
	}
	t := consent.Terms{
		Uses: readUses(f["uses"]), Networks: known(f["networks"]), Languages: known(f["languages"]), How: f.Get("how"), Minor: f.Get("minor") == "yes",
	}
	if day, err := civil.ParseDate(f.Get("until")); err == nil {
		t.Until = day
	}
	return who, t
}

// known keeps words of the length of those that the form offers.
func known(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(one string) bool { return one == "" || len(one) > 35 })
}

// mend puts back what was typed and ticked, with what is wrong.
func (s *sheet) mend(f url.Values, problems []fault.Problem) {
	var rest []fault.Problem
	for i := range s.Boxes {
		b := &s.Boxes[i]
		for j := range b.Options {
			b.Options[j].Chosen = slices.Contains(f[b.ID], b.Options[j].Value)
		}
	}
	for _, p := range problems {
		at := slices.IndexFunc(s.Boxes, func(b boxes) bool { return b.Known == p.Field })
		if at < 0 {
			rest = append(rest, p)
			continue
		}
		b := &s.Boxes[at]
		b.Problem = p.Message
		s.Problems = append(s.Problems, page.Field{ID: fmt.Sprintf("%s-%s", b.ID, b.Options[0].Value), Label: b.Legend, Problem: p.Message})
	}
	s.Mend(f, rest)
}
