package reading

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/review"
)

// Remarks are the fields for what should change in single parts and pictures.
type Remarks []page.Field

// Written reports whether something is written in one of them.
func (r Remarks) Written() bool {
	return slices.ContainsFunc(r, func(f page.Field) bool { return f.Value != "" })
}

// Keep puts what was typed back into the fields.
func (r Remarks) Keep(form url.Values) {
	for i := range r {
		r[i].Value = form.Get(r[i].ID)
	}
}

// RemarksOn returns the fields for the parts and pictures of a card.
func RemarksOn(words page.Words, c review.Card) Remarks {
	if len(c.Groups) == 0 {
		return nil
	}
	var list Remarks
	parts := c.Groups[0].Final.Parts
	for i, part := range parts {
		if len(parts) > 1 {
			list = append(list, page.Field{ID: fmt.Sprintf("remark-%d", i+1), Label: words.T("card.remark.part", i+1)})
		}
		for n, picture := range part.Pictures {
			label := words.T("card.remark.picture", i+1)
			if len(part.Pictures) > 1 {
				label += fmt.Sprintf(" (%d)", n+1)
			}
			list = append(list, page.Field{ID: fmt.Sprintf("remark-%d-%s", i+1, picture.SHA256), Label: label})
		}
	}
	return list
}

// Remarked reads what a form says about single parts and pictures.
func Remarked(form url.Values) []review.Remark {
	var list []review.Remark
	for name, values := range form {
		rest, ok := strings.CutPrefix(name, "remark-")
		if !ok || strings.TrimSpace(values[0]) == "" {
			continue
		}
		at, picture, _ := strings.Cut(rest, "-")
		var part int
		if _, err := fmt.Sscanf(at, "%d", &part); err != nil || part > 1000 {
			continue
		}
		list = append(list, review.Remark{Part: part, Picture: picture, Say: strings.TrimSpace(values[0])})
	}
	slices.SortFunc(list, func(a, b review.Remark) int {
		if a.Part != b.Part {
			return a.Part - b.Part
		}
		return strings.Compare(a.Picture, b.Picture)
	})
	return list
}
