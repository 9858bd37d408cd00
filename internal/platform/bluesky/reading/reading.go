// Package reading is how readers see a post of Bluesky: what the network's index answers, and what it is expected to answer.
//
// It makes no calls.
package reading

import (
	"slices"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/rules"
)

// Post is a post as the network's index shows it, with the record that apps make it of.
type Post struct {
	URI    string `json:"uri"`
	Record *struct {
		Text   *string        `json:"text"`
		Langs  []string       `json:"langs"`
		Embed  *record.Embed  `json:"embed"`
		Labels *record.Labels `json:"labels"`
	} `json:"record"`
}

// Expected returns how a part is shown: its content note is the first line of the text, and every post is public.
func Expected(content platform.Content, part int) platform.Shown {
	p := content.Parts[part]
	shown := platform.Shown{Text: rules.Compose(content.ContentNote, p.Text), Language: &content.Language}
	for i := range p.Pictures {
		shown.Alts = append(shown.Alts, &p.Pictures[i].Alt)
	}
	if len(p.Pictures) > 0 {
		shown.Sensitive = &content.Sensitive
	}
	return shown
}

// Shown puts a post into the contract's form. It is false for an answer that is none.
func (p Post) Shown() (platform.Shown, bool) {
	if p.Record == nil || p.Record.Text == nil {
		return platform.Shown{}, false
	}
	language := ""
	if len(p.Record.Langs) > 0 {
		language = p.Record.Langs[0]
	}
	shown := platform.Shown{Text: *p.Record.Text, Language: &language}
	if e := p.Record.Embed; e != nil && e.Type == record.TypeImages {
		for i := range e.Images {
			shown.Alts = append(shown.Alts, &e.Images[i].Alt)
		}
		covered := p.Record.Labels != nil && slices.Contains(p.Record.Labels.Values, record.GraphicMedia().Values[0])
		shown.Sensitive = &covered
	}
	return shown, true
}
