package messages

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/org/channel"

	fields "daymark/internal/flow/campaign/form"
)

// messagePage makes the form of a message. The picture with the hash is offered though no post shows it yet.
func (d Desk) messagePage(r ask.Request, s compose.Sheet, at int, in url.Values, picture string) (*typed.Page, error) {
	t, m := r.Words.T, s.Posts[at]
	p := &typed.Page{
		Frame: page.Frame{Template: "campaign_form", Title: t("campaign.message.new"), Door: "campaigns"}, BackURL: typed.Address(s.ID), BackWord: s.Title[s.Languages[0]],
		Lede: t("campaign.message.lede"), Upload: t("campaign.picture.send"), MayLook: true,
	}
	p.Form = form.Form{ID: "message", Action: typed.Address(s.ID) + "/add", Button: t("campaign.save"), Main: true}
	if m.ID != "" {
		p.Title = page.Heading(m.ID, m.Kind)
		p.Form.Action = typed.Address(s.ID) + "/messages/" + m.ID
		p.Form.Seen, p.RemoveURL = form.Print(m), p.Form.Action+"/remove"
	}
	where, err := d.where(r, m)
	if err != nil {
		return nil, err
	}
	pictures, err := d.pictures(r, s, m, in, picture)
	if err != nil {
		return nil, err
	}
	p.Form.Groups = slices.Concat([]form.Group{whenOf(t, m)}, wordsOf(r.Words, s, m), pictures, []form.Group{where, reviewOf(t, m)})
	return p, nil
}

type texter = func(key string, args ...any) string

func whenOf(t texter, m fields.Post) form.Group {
	g := form.Group{Legend: t("campaign.group.when")}
	if m.ID == "" {
		g.Controls = append(g.Controls, form.Line("id", t("campaign.message.id"), "").Hinted(t("campaign.id.hint")))
	}
	g.Controls = append(g.Controls, form.Line("kind", t("campaign.kind"), m.Kind).Hinted(t("campaign.kind.hint")))
	if m.Series != nil {
		g.Controls = append(g.Controls, form.Line("series-cron", t("campaign.series.cron"), m.Series.Cron).As("series.cron").Hinted(t("campaign.series.hint")),
			form.Line("series-from", t("campaign.series.from"), m.Series.From).As("series.from"), form.Line("series-to", t("campaign.series.to"), m.Series.To).As("series.to"))
	} else {
		g.Controls = append(g.Controls, form.Line("offset", t("campaign.offset"), m.Offset).Hinted(t("campaign.offset.hint")),
			form.Exact("time", "time", t("campaign.time"), m.Time))
	}
	mode := m.Mode
	if mode == "" {
		mode = string(campaign.Local)
	}
	g.Controls = append(g.Controls,
		form.Choice("mode", t("campaign.mode"), mode, []page.Option{{Value: "local", Word: t("campaign.mode.local")}, {Value: "fixed", Word: t("campaign.mode.fixed")}}),
		form.Line("zone", t("campaign.zone"), m.Zone).Hinted(t("campaign.zone.hint")),
		form.Line("window", t("campaign.window"), m.Window).Hinted(t("campaign.window.hint")))
	return g
}

func wordsOf(words page.Words, s compose.Sheet, m fields.Post) []form.Group {
	var groups []form.Group
	for _, language := range s.Languages {
		tongue := words.Tongue(language)
		g := form.Group{Legend: tongue, Controls: []form.Control{
			form.Area("text-"+language, words.T("campaign.text.in", tongue), m.Text[language], 6).In(language).As("text." + language),
		}}
		for i, part := range m.Thread {
			g.Controls = append(g.Controls, form.Area(fmt.Sprintf("thread-%d-%s", i, language), words.T("campaign.part.in", i+2, tongue), part.Text[language], 4).In(language).As(fmt.Sprintf("thread[%d].text.%s", i, language)))
		}
		for i, v := range m.Variants {
			if v.Language == language {
				g.Controls = append(g.Controls, form.Area(fmt.Sprintf("variant-%d", i), words.T("campaign.variant.in", max(v.Part, 1), words.Network(v.Network), tongue), v.Text, 4).In(language).As(fmt.Sprintf("variants[%d].text", i)))
			}
		}
		g.Controls = append(g.Controls, form.Line("note-"+language, words.T("campaign.note.in", tongue), m.ContentNote[language]).In(language).As("content_note."+language))
		groups = append(groups, g)
	}
	return groups
}

// pictures makes the fields of pictures: those that the message has, and one more.
func (d Desk) pictures(r ask.Request, s compose.Sheet, m fields.Post, in url.Values, chosen string) ([]form.Group, error) {
	t := r.Words.T
	var groups []form.Group
	kept := 0 // one that goes has no place among the pictures any more
	if m.Media != nil {
		for i, picture := range *m.Media {
			g := form.Group{Legend: t("campaign.picture", picture.File)}
			for _, language := range s.Languages {
				g.Controls = append(g.Controls, form.Area(fmt.Sprintf("alt-%d-%s", i, language), t("campaign.alt.in", r.Words.Tongue(language)), picture.Alt[language], 2).In(language).As(fmt.Sprintf("media[%d].alt.%s", kept, language)))
			}
			keep := fmt.Sprintf("keep-%d", i)
			g.Controls = append(g.Controls, form.Choice(keep, t("campaign.keep"), "yes", []page.Option{{Value: "yes", Word: t("campaign.keep.yes")}, {Value: "no", Word: t("campaign.keep.no")}}))
			if groups = append(groups, g); in.Get(keep) != "no" {
				kept++
			}
		}
	}
	stored, err := prompt.Pictures(r.Context(), d.db, r.Person)
	if err != nil {
		return nil, err
	}
	options := []page.Option{{Word: t("campaign.picture.none")}}
	for _, one := range stored {
		word := one.Alt[r.Words.Lang]
		for _, language := range slices.Concat(s.Languages, []string{"en"}) {
			if word == "" {
				word = one.Alt[language]
			}
		}
		if word == "" {
			word = one.SHA256[:min(12, len(one.SHA256))]
		}
		options = append(options, page.Option{Value: one.SHA256, Word: word})
	}
	if chosen != "" && !slices.ContainsFunc(options, func(o page.Option) bool { return o.Value == chosen }) {
		options = append(options, page.Option{Value: chosen, Word: t("campaign.picture.sent")})
	}
	g := form.Group{Legend: t("campaign.picture.new"), Controls: []form.Control{
		form.Choice("picture", t("campaign.picture.choose"), "", options).As(fmt.Sprintf("media[%d].file", kept)),
	}}
	for _, language := range s.Languages {
		g.Controls = append(g.Controls, form.Area("alt-new-"+language, t("campaign.alt.in", r.Words.Tongue(language)), "", 2).In(language).As(fmt.Sprintf("media[%d].alt.%s", kept, language)))
	}
	return append(groups, g), nil
}

// where makes the fields that say to which accounts a message goes; the hint names the labels that there are.
func (d Desk) where(r ask.Request, m fields.Post) (form.Group, error) {
	t := r.Words.T
	channels, err := channel.List(r.Context(), d.db)
	if err != nil {
		return form.Group{}, err
	}
	var known []string
	for _, c := range channels {
		if !c.Archived() {
			known = append(known, c.Labels...)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	hint := t("campaign.labels.none")
	if len(known) > 0 {
		hint = t("campaign.labels.hint", r.Words.Joined(known))
	}
	return form.Group{Legend: t("campaign.group.where"), Controls: []form.Control{
		form.Line("labels", t("campaign.labels"), strings.Join(m.Labels, ", ")).Hinted(hint),
		form.Line("without", t("campaign.without"), strings.Join(m.WithoutLabels, ", ")).As("without_labels"),
		form.Line("networks", t("campaign.networks"), strings.Join(m.Networks, ", ")).Hinted(t("campaign.networks.hint", strings.Join(campaign.Networks, ", "))),
		form.Line("hashtags", t("campaign.hashtags.own"), strings.Join(m.Hashtags, " ")),
	}}, nil
}

func reviewOf(t texter, m fields.Post) form.Group {
	approvals, roles := "", ""
	if m.Review != nil {
		approvals, roles = form.Year(m.Review.Approvals), strings.Join(m.Review.Roles, ", ")
	}
	whom := []page.Option{{Word: t("campaign.for.everyone")}}
	for _, one := range campaign.HelplineAudiences[1:] {
		whom = append(whom, page.Option{Value: one, Word: t("campaign.for." + one)})
	}
	audiences := []page.Option{{Word: t("campaign.audience.rule")}}
	for _, one := range campaign.Audiences {
		audiences = append(audiences, page.Option{Value: one, Word: t("campaign.audience." + one)})
	}
	sensitive := "no"
	if m.Sensitive {
		sensitive = "yes"
	}
	return form.Group{Legend: t("campaign.group.care"), Controls: []form.Control{
		form.Choice("sensitive", t("campaign.sensitive"), sensitive, []page.Option{{Value: "no", Word: t("campaign.no")}, {Value: "yes", Word: t("campaign.yes")}}),
		form.Line("facts", t("campaign.facts"), strings.Join(m.Facts, ", ")).Hinted(t("campaign.facts.hint")),
		form.Line("helpline", t("campaign.helpline"), m.Helpline).Hinted(t("campaign.helpline.hint")),
		form.Choice("for", t("campaign.for"), m.HelplineFor, whom).As("helpline_for"),
		form.Choice("audience", t("campaign.audience"), m.Audience, audiences),
		form.Exact("approvals", "number", t("campaign.approvals"), approvals).As("review.approvals").Hinted(t("campaign.approvals.hint")),
		form.Line("roles", t("campaign.roles"), roles).As("review.roles").Hinted(t("campaign.roles.hint")),
	}}
}
