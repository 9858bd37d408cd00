// Package reading reads statuses by their numbers, many at a time from servers that allow it: how they do, and how readers see them.
//
// It posts nothing and keeps nothing.
package reading

import (
	"context"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/session"
)

// read is the part of a status that readers see (https://docs.joinmastodon.org/entities/Status/).
type read struct {
	Content    *string `json:"content"`
	Note       *string `json:"spoiler_text"`
	Language   *string `json:"language"`
	Visibility *string `json:"visibility"`
	Sensitive  *bool   `json:"sensitive"`
	Media      []struct {
		Description *string `json:"description"`
	} `json:"media_attachments"`
}

// remote is a mention of somebody on another server.
var remote = regexp.MustCompile(`(^|[^\w@/])@([\w][\w.-]*)@[\w.-]+\w`)

// Expected returns how a part is shown: a mention of somebody elsewhere stands without the server.
func Expected(content platform.Content, part int) platform.Shown {
	p := content.Parts[part]
	note := content.ContentNote
	sensitive := content.Sensitive
	shown := platform.Shown{
		Text: remote.ReplaceAllString(Plain(p.Text), "$1@$2"), Note: &note, Sensitive: &sensitive,
		Language: &content.Language, Visibility: &content.Visibility,
	}
	if len(p.Pictures) == 0 || (note != "" && !sensitive) {
		shown.Sensitive = nil // nothing to hide but the text; or a note, with which some servers hide pictures and some do not
	}
	for i := range p.Pictures {
		shown.Alts = append(shown.Alts, &p.Pictures[i].Alt)
	}
	return shown
}

// Read reads statuses as readers see them: many at a time where the server allows it, one by one elsewhere.
func Read(ctx context.Context, s *session.Session, many bool, refs []platform.Ref) (map[string]platform.Shown, error) {
	out := map[string]platform.Shown{}
	return out, each(ctx, s, many, refs, out, func(status read) (platform.Shown, bool) {
		if status.Content == nil {
			return platform.Shown{}, false
		}
		return shownOf(status), true
	}, platform.Shown{Gone: true})
}

// shownOf puts a status into the contract's form.
func shownOf(status read) platform.Shown {
	shown := platform.Shown{Text: words(*status.Content), Note: status.Note, Language: status.Language, Visibility: status.Visibility, Sensitive: status.Sensitive}
	for _, m := range status.Media {
		alt := m.Description
		if alt == nil {
			alt = new(string) // a picture without a description has null here
		}
		shown.Alts = append(shown.Alts, alt)
	}
	if len(status.Media) == 0 {
		shown.Sensitive = nil
	}
	return shown
}

// words returns the text of a status's HTML as people read it: paragraphs and line breaks as lines, and a shortened link in full, since
// servers hide a part of it from the eye only.
func words(content string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(content))
	first := true
	for {
		switch z.Next() {
		case html.ErrorToken: // its end: what is in memory has no other error
			return Plain(b.String())
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Br:
				b.WriteString("\n")
			case atom.P:
				if !first {
					b.WriteString("\n\n")
				}
				first = false
			}
		case html.EndTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

// Plain undoes what servers do to a text: they cut white space at both ends, and may change line ends and compose accents.
func Plain(s string) string {
	return norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")))
}
