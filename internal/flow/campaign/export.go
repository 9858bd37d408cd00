package campaign

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign/form"
	"daymark/internal/flow/campaign/read"

	"go.yaml.in/yaml/v4"
)

// exportHead begins an exported file, so that editors complete and check it.
const exportHead = "# yaml-language-server: $schema=../campaign.schema.json\n"

// Export writes a campaign as the text of a campaign file: reading it again gives the same campaign, byte by byte in its
// [Canonical] form when the pictures lie beside it. What the first file said once for all posts is said with each post. A
// campaign that no file can say, such as a post without the campaign's hashtags, is a fault.
func Export(c campaign.Campaign) ([]byte, error) {
	f, err := Shape(c)
	if err != nil {
		return nil, err
	}
	src, err := Write(f)
	if err != nil {
		return nil, err
	}
	back, problems := ReadCampaign(c.ID, src)
	if len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "The campaign %s cannot be written as a file: %s", c.ID, problems[0])
	}
	if len(back.Posts) != len(c.Posts) {
		return nil, fault.New(fault.Internal, "The campaign %s lost posts when written", c.ID)
	}
	return src, nil
}

// Shape returns a campaign as the fields of a file.
func Shape(c campaign.Campaign) (form.Campaign, error) {
	f := form.Campaign{
		Daymark: read.Version, ID: c.ID, Observance: c.Observance, Title: c.Title, Goal: c.Goal, Languages: c.Languages,
		Hashtags: c.Hashtags, Resources: c.Resources,
	}
	if c.Links != nil {
		f.Links = &form.Links{UTM: c.Links.UTM, Short: c.Links.Short}
	}
	for _, t := range c.Tasks {
		f.Tasks = append(f.Tasks, form.Task{ID: t.ID, Offset: t.Offset.String(), Who: t.Who, What: t.What})
	}
	for _, m := range c.Posts {
		post, err := exportPost(c, m)
		if err != nil {
			return form.Campaign{}, err
		}
		f.Posts = append(f.Posts, post)
	}
	return f, nil
}

// Write returns the text of a campaign file with the fields, right or wrong: whoever reads it says what is wrong with them.
func Write(f form.Campaign) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(exportHead)
	w := yaml.NewEncoder(&b)
	w.SetIndent(2)
	if err := w.Encode(f); err != nil {
		return nil, fmt.Errorf("write campaign %s: %w", f.ID, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write campaign %s: %w", f.ID, err)
	}
	return b.Bytes(), nil
}

func exportPost(c campaign.Campaign, m campaign.Message) (form.Post, error) {
	if len(m.Hashtags) < len(c.Hashtags) || !slices.Equal(m.Hashtags[:len(c.Hashtags)], c.Hashtags) {
		return form.Post{}, fault.New(fault.Invalid, "The post %s of %s does not begin with the campaign's hashtags %s, which a file gives to every post", m.ID, c.ID, strings.Join(c.Hashtags, " "))
	}
	p := form.Post{
		ID: m.ID, Offset: m.Offset.String(), Time: m.Time.String(), Kind: m.Kind, Sensitive: m.Sensitive, ContentNote: m.ContentNote,
		Text: m.Texts, Hashtags: m.Hashtags[len(c.Hashtags):], Facts: m.Facts, Labels: m.Labels, WithoutLabels: m.WithoutLabels,
		Networks: m.Networks, Helpline: m.Helpline, HelplineFor: m.HelplineFor, Audience: m.Audience,
	}
	if m.Series != nil {
		p.Offset, p.Time = "", ""
		p.Series = &form.Series{Cron: m.Series.Cron, From: m.Series.From.String(), To: m.Series.To.String()}
	}
	if m.Mode == campaign.Together {
		p.Mode, p.Zone = string(m.Mode), m.Zone
	}
	if m.Window > 0 {
		p.Window = m.Window.String()
	}
	for _, v := range m.Variants {
		p.Variants = append(p.Variants, form.Variant{Language: v.Language, Network: v.Network, Part: v.Part, Text: v.Text})
	}
	for _, part := range m.Thread {
		p.Thread = append(p.Thread, form.Part{Text: part.Texts, Media: exportMedia(part.Media)})
	}
	if media := exportMedia(m.Media); len(media) > 0 {
		p.Media = &media
	}
	if len(m.NetworkTags) > 0 {
		p.NetworkHashtags = (*form.Lists)(&m.NetworkTags)
	}
	if len(m.Mentions) > 0 {
		p.Mentions = (*form.Lists)(&m.Mentions)
	}
	if m.CTA != nil {
		p.CTA = &form.CTA{Kind: m.CTA.Kind, Label: m.CTA.Label}
	}
	if m.Review != nil {
		p.Review = &form.Review{Approvals: m.Review.Approvals, Roles: m.Review.Roles}
	}
	return p, nil
}

func exportMedia(media []campaign.Media) []form.Media {
	var all []form.Media
	for _, m := range media {
		one := form.Media{File: m.File, Alt: m.Alt}
		if m.Focus != nil {
			number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
			one.Focus = number(m.Focus.X) + ", " + number(m.Focus.Y)
		}
		all = append(all, one)
	}
	return all
}
