// Package content judges the words of a campaign's file by the content rules, before anything is planned of them, and says where
// in the file each finding stands.
//
// Tokens are not filled here: what a helpline or a link will be is judged when a post is sent for review. The package changes
// no file and knows no database.
package content

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/source"
)

// Words are a campaign with what its rules need to know.
type Words struct {
	Campaign   campaign.Campaign
	Observance observance.Observance
	Facts      map[string]campaign.Fact // by id, all that its texts may state
	Year       int                      // of the edition it is judged for
	Days       civil.Range              // of that edition; zero when they are not known
	Today      civil.Date               // on which it is judged
}

// Found is a finding with its place in the campaign's file.
type Found struct {
	lint.Finding
	Message string // the id of the message; empty for the campaign as a whole
	Network string // when the words are those for one network
	Path    string // such as posts[3].text.fr
}

// place is one text of a campaign: a message in a language, for all networks or for one.
type place struct {
	index    int
	language string
	network  string
}

// Check returns what the rules find in a campaign, in the order of its file, each once: words that several networks share are
// judged for the first of them.
func Check(set *lint.Set, w Words) []Found {
	var found []Found
	seen := map[string]bool{}
	var whole []lint.Subject
	for i, m := range w.Campaign.Posts {
		for _, language := range w.Campaign.Languages {
			for n, network := range networksOf(m, language) {
				p := place{index: i, language: language, network: network}
				subject := w.subject(m, p)
				if n == 0 {
					whole = append(whole, subject)
				}
				for _, f := range set.Check(subject) {
					one := Found{Finding: f, Message: m.ID, Path: w.path(m, p, f)}
					if strings.Contains(one.Path, ".variants[") {
						one.Network = network
					}
					// What is found about no words in particular is the same in every language.
					said := f.Language
					if f.Field == "facts" || f.Field == "hashtags" {
						said = ""
					}
					key := fmt.Sprint(one.Path, "\x00", said, f.Rule, f.Start, f.End, f.Message)
					if !seen[key] {
						seen[key] = true
						found = append(found, one)
					}
				}
			}
		}
	}
	for _, f := range set.CheckCampaign(whole) {
		found = append(found, Found{Finding: f, Path: "posts"})
	}
	return found
}

// networksOf returns the networks whose words differ, the common words (with no network) first.
func networksOf(m campaign.Message, language string) []string {
	list := []string{""}
	for _, v := range m.Variants {
		if v.Language == language && !slices.Contains(list, v.Network) {
			list = append(list, v.Network)
		}
	}
	for _, network := range campaign.Networks {
		if _, own := m.NetworkTags[network]; own && !slices.Contains(list, network) {
			list = append(list, network)
		}
	}
	return list
}

// subject is what is judged of a message at a place.
func (w Words) subject(m campaign.Message, p place) lint.Subject {
	s := lint.Subject{
		Language: p.language, Network: p.network, ContentNote: m.ContentNote[p.language], Sensitive: m.Sensitive, Hashtags: m.TagsOn(p.network),
		Kind: m.Kind, CTA: m.CTA != nil, Known: w.Facts, Themes: w.Observance.Themes, Year: w.Year, Days: w.Days,
		Topics: []string{w.Campaign.ID, w.Observance.ID}, Message: m.ID, Today: w.Today,
	}
	if w.Days != (civil.Range{}) && m.Series == nil {
		s.Day = m.Offset.On(w.Days)
	}
	if m.Helpline != "" {
		s.Countries = []string{m.Helpline}
	}
	for part := range m.Parts() {
		body, ok := m.PartText(part, p.language, p.network)
		if !ok {
			continue
		}
		made := lint.Part{Text: body}
		for _, picture := range m.PartMedia(part) {
			made.Pictures = append(made.Pictures, lint.Picture{SHA256: cmp.Or(picture.SHA256, picture.File), Alt: picture.Alt[p.language], Where: picture.File})
		}
		s.Parts = append(s.Parts, made)
	}
	for _, id := range Stated(m, p.language) {
		if fact, known := w.Facts[id]; known {
			s.Facts = append(s.Facts, fact)
		}
	}
	return s
}

// Stated returns the ids of the facts that a message states in a language: those it names, and those its texts have as tokens.
func Stated(m campaign.Message, language string) []string {
	ids := slices.Clone(m.Facts)
	add := func(words string) {
		for _, t := range text.Tokens(words) {
			if id, ok := strings.CutPrefix(t.Name, "fact:"); ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for part := range m.Parts() {
		body, _ := m.PartText(part, language, "")
		add(body)
	}
	for _, v := range m.Variants {
		if v.Language == language {
			add(v.Text)
		}
	}
	return ids
}

// path returns where in the file a finding stands.
func (w Words) path(m campaign.Message, p place, f lint.Finding) string {
	post := fmt.Sprintf("posts[%d]", p.index)
	part := max(f.Part, 0)
	inPart := post
	if part > 0 {
		inPart = fmt.Sprintf("%s.thread[%d]", post, part-1)
	}
	switch f.Field {
	case "text":
		for i, v := range m.Variants {
			if v.Language == p.language && v.Network == p.network && max(v.Part, 1) == part+1 {
				return fmt.Sprintf("%s.variants[%d].text", post, i)
			}
		}
		return inPart + ".text." + p.language
	case "alt":
		for i, picture := range m.PartMedia(part) {
			if cmp.Or(picture.SHA256, picture.File) == f.Picture {
				return fmt.Sprintf("%s.media[%d].alt.%s", inPart, i, p.language)
			}
		}
		return inPart + ".media"
	case "content_note":
		return post + ".content_note." + p.language
	case "hashtags":
		if _, own := m.NetworkTags[p.network]; own && p.network != "" {
			return post + ".network_hashtags." + p.network
		}
		return post + ".hashtags"
	case "facts":
		return post + ".facts"
	}
	return post
}

// Problem returns a finding as a problem of the file that it stands in.
func (f Found) Problem(name string, src []byte, root source.Value) source.Problem {
	at := root.Find(f.Path)
	offset := 0
	if at.Path() == f.Path {
		offset = f.Start
	} else if strings.Contains(f.Path, ".media[") { // the pictures of the file as a whole
		if shared := root.Find(f.Path[strings.Index(f.Path, "media["):]); strings.HasPrefix(shared.Path(), "media[") {
			at, offset = shared, f.Start
		}
	}
	line, column := at.PlaceOf(src, offset)
	return source.Problem{File: name, Line: line, Column: column, Field: at.Path(), Message: f.Say()}
}

// Say returns the finding as a sentence, with the words it is about and what to do.
func (f Found) Say() string {
	say := string(f.Severity) + " " + f.Rule + ": "
	if f.Quote != "" {
		say += "“" + strings.Join(strings.Fields(f.Quote), " ") + "”: "
	}
	say += f.Finding.Message
	if f.Suggestion != "" {
		say += " " + f.Suggestion
	}
	return say
}
