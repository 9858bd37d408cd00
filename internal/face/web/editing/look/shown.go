package look

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/core/text/count"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
)

// Shown is a post as a network would show it.
type Shown struct {
	ID      string
	Network string
	Code    string
	Name    string // of the account; empty where the post goes to none there
	Handle  string
	Lang    string
	Dir     string
	Note    string // the content note, behind which the words are folded
	Parts   []ShownPart
}

// ShownPart is one part of it.
type ShownPart struct {
	No       int // 0 when there is only one
	Pieces   []Piece
	Pictures []written.Picture
	Card     string // the site that the network makes a card of
}

// Piece is a run of a text: a link, a hashtag or a mention as the network finds it, a character that nobody sees, or just words.
type Piece struct {
	Text string
	Kind string // link, tag, mention, unsafe or empty
}

// shown writes a language as each network would show it: where the post goes, or else where it could.
func shown(w written.Writer, s post.Source, code string, seen []filledSight) []Shown {
	goes := slices.ContainsFunc(seen, func(one filledSight) bool { return one.goes })
	var list []Shown
	for _, one := range seen {
		done := slices.ContainsFunc(list, func(other Shown) bool { return other.Code == one.entry.Platform })
		if done || goes && !one.goes || len(one.Final.Parts) == 0 {
			continue
		}
		way := page.NewText(code, "")
		p := Shown{
			ID: fmt.Sprintf("shown-%s-%s", code, one.entry.Platform), Network: w.Words.Network(one.entry.Platform), Code: one.entry.Platform,
			Lang: way.Lang, Dir: way.Dir, Note: one.Final.ContentNote,
		}
		if one.goes {
			p.Name, p.Handle = one.entry.ChannelName, one.entry.Handle
		}
		for i, part := range one.Final.Parts {
			p.Parts = append(p.Parts, one.part(i, part, code, s.Sensitive, p.ID))
		}
		list = append(list, p)
	}
	return list
}

func (one filledSight) part(i int, part post.FinalPart, code string, veils bool, id string) ShownPart {
	rules := one.rules
	if !one.counts { // a network whose facets nobody here knows is shown with those that all find
		rules, _ = count.For("mastodon")
	}
	a := rules.Count(part.Text, "")
	out := ShownPart{Pieces: pieces(part.Text, a)}
	if len(one.Final.Parts) > 1 {
		out.No = i + 1
	}
	for j, p := range part.Pictures {
		alt := page.NewText(code, p.Alt)
		out.Pictures = append(out.Pictures, written.Picture{
			ID: fmt.Sprintf("%s-picture-%d-%d", id, i+1, j+1), URL: "/media/" + p.SHA256, Veils: veils, Late: true,
			NoAlt: p.NoAlt, Point: p.Focus, Alt: written.Words{Text: alt, Pieces: []written.Piece{{Text: p.Alt}}},
		})
	}
	if len(a.URLs) > 0 && len(part.Pictures) == 0 {
		out.Card = host(a.URLs[0].Text)
	}
	return out
}

// host returns the site of a link as cards name it.
func host(link string) string {
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// pieces cuts a text where the network finds something in it.
func pieces(body string, a count.Answer) []Piece {
	type mark struct {
		text.Span
		kind string
	}
	var marks []mark
	for kind, spans := range map[string][]text.Span{"link": a.URLs, "tag": a.Hashtags, "mention": a.Mentions} {
		for _, s := range spans {
			marks = append(marks, mark{s, kind})
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	var list []Piece
	at := 0
	for _, m := range marks {
		if m.Start < at || m.End > len(body) {
			continue
		}
		list = plain(list, body[at:m.Start])
		list = append(list, Piece{Text: body[m.Start:m.End], Kind: m.kind})
		at = m.End
	}
	return plain(list, body[at:])
}

// plain adds words, with a sign in place of each character that nobody sees.
func plain(list []Piece, words string) []Piece {
	for words != "" {
		r, at, found := text.FirstUnsafe(words)
		if !found {
			return append(list, Piece{Text: words})
		}
		if at > 0 {
			list = append(list, Piece{Text: words[:at]})
		}
		list = append(list, Piece{Text: fmt.Sprintf("%U", r), Kind: "unsafe"})
		_, rest := cut(words[at:])
		words = rest
	}
	return list
}

// cut parts a text behind its first character, or its first byte where that is none.
func cut(s string) (first, rest string) {
	for i := range s {
		if i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}
