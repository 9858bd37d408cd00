package written

import (
	"slices"
	"strings"

	"daymark/internal/core/lint"
	"daymark/internal/face/web/editions/worddiff"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/judge"
)

// Words is a text with the runs that rules said something about.
type Words struct {
	page.Text
	Pieces []Piece // put together they are the text
}

// Piece is a run of a text. Mark is the severity of what was found about it, and empty for nothing.
type Piece struct {
	Text string
	Mark string
}

// spot says whether a finding is about a field.
type spot func(f judge.Found) bool

// in is a field of a part; of the post as a whole where the part is -1.
func in(part int, field, picture string) spot {
	return func(f judge.Found) bool {
		return f.Field == field && (f.Part == part || f.Part < 0 || part < 0) && (picture == "" || f.Picture == picture)
	}
}

// grave orders severities as marks win over each other: the gravest last.
var grave = []lint.Severity{"", lint.Note, lint.Warning, lint.Error}

// marked cuts a text where findings about its field begin and end. Where two overlap, the graver one counts.
func marked(code, body string, found []judge.Found, spots ...spot) Words {
	w := Words{Text: page.NewText(code, body)}
	paint := make([]int, len(body))
	for _, f := range found {
		if !slices.ContainsFunc(spots, func(s spot) bool { return s(f) }) {
			continue
		}
		start, end := where(body, f)
		for i := start; i < end; i++ {
			paint[i] = max(paint[i], slices.Index(grave, f.Severity))
		}
	}
	for start, i := 0, 1; i <= len(body); i++ {
		if i == len(body) || paint[i] != paint[start] {
			w.Pieces = append(w.Pieces, Piece{Text: body[start:i], Mark: string(grave[max(0, paint[start])])})
			start = i
		}
	}
	return w
}

// where returns the bytes that a finding is about. It was found in the words as they go out; in a draft, whose tokens are not
// filled, the words it quotes may stand elsewhere, or nowhere.
func where(body string, f judge.Found) (start, end int) {
	if f.Quote == "" {
		return 0, 0
	}
	if f.Field == "text" && f.Start >= 0 && f.Start <= f.End && f.End <= len(body) && body[f.Start:f.End] == f.Quote {
		return f.Start, f.End
	}
	if start = strings.Index(body, f.Quote); start < 0 {
		return 0, 0
	}
	return start, start + len(f.Quote)
}

// Change is a run of words and what became of it: "" for nothing, "gone" or "new".
type Change struct {
	Text string
	What string
}

// Changes compares a text with an earlier one. Words that follow each other are taken out together and put in together, whatever
// white space they share.
func Changes(before, now string) []Change {
	var list []Change
	var gone, fresh, between string
	flush := func() {
		if gone != "" {
			list = append(list, Change{gone, "gone"})
		}
		if fresh != "" {
			list = append(list, Change{fresh, "new"})
		}
		gone, fresh = "", ""
	}
	for _, c := range worddiff.Changes(before, now) {
		switch changing := gone != "" || fresh != ""; {
		case c.What == worddiff.Same && changing && strings.TrimSpace(c.Text) == "":
			between += c.Text
			continue
		case c.What == worddiff.Same:
			flush()
			list = append(list, Change{between + c.Text, ""})
		case c.What == worddiff.Gone:
			gone, fresh = gone+between+c.Text, fresh+between
		case c.What == worddiff.New:
			gone, fresh = gone+between, fresh+between+c.Text
		}
		between = ""
	}
	flush()
	if between != "" {
		list = append(list, Change{between, ""})
	}
	return list
}
