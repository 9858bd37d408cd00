package judged

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
)

// Hold stops a post that is before reviewers, or that they have approved, without asking for other words.
func (d Desk) Hold(r ask.Request) (ask.Answer, error) {
	return d.say(r, review.Hold, func(_ review.Outcome, name, language string) string {
		return r.Words.T("card.held", name, language)
	})
}

// Lift ends every hold on a submission. Somebody has to approve it again.
func (d Desk) Lift(r ask.Request) (ask.Answer, error) {
	return d.say(r, review.Lift, func(_ review.Outcome, name, language string) string {
		return r.Words.T("card.lifted", name, language)
	})
}

// Remarked reports whether something is written in one of the fields for remarks.
func (p *CardPage) Remarked() bool {
	return slices.ContainsFunc(p.Remarks, func(f page.Field) bool { return f.Value != "" })
}

// said reports whether a person's latest word on a card is this one.
func said(c review.Card, who people.Person, verdict string) bool {
	return slices.ContainsFunc(c.Verdicts, func(v review.Verdict) bool { return v.Latest && v.PersonID == who.ID && v.Verdict == verdict })
}

// stops fills in what keeps a submission from going out besides its approvals, and what the person looking at it can stop.
func (v viewer) stops(p *CardPage, c review.Card) {
	p.Held, p.MyHold = c.Held, c.Held && said(c, v.Person, review.Hold)
	p.MayHold = c.Current && !p.MyHold && v.Person.May(people.PostHold)
	p.MayLift = c.Held && (v.Person.Role == people.RoleAdmin || v.Person.Role == people.RoleSafeguarding)
	var roles []string
	for _, role := range c.Lacking {
		roles = append(roles, v.Words.T("role."+role))
	}
	p.Lacking = strings.Join(roles, ", ")
	if c.ApproveBy != nil && !c.Cleared {
		by := page.NewMoment(*c.ApproveBy, v.Zone)
		p.ApproveBy = &by
	}
	p.Why = page.Field{ID: "why", Label: v.Words.T("card.hold.label"), Hint: v.Words.T("card.hold.hint")}
	if len(c.Groups) == 0 || !p.MayReview {
		return
	}
	parts := c.Groups[0].Final.Parts
	for i, part := range parts {
		if len(parts) > 1 {
			p.Remarks = append(p.Remarks, page.Field{ID: fmt.Sprintf("remark-%d", i+1), Label: v.Words.T("card.remark.part", i+1)})
		}
		for n, picture := range part.Pictures {
			label := v.Words.T("card.remark.picture", i+1)
			if len(part.Pictures) > 1 {
				label += fmt.Sprintf(" (%d)", n+1)
			}
			p.Remarks = append(p.Remarks, page.Field{ID: fmt.Sprintf("remark-%d-%s", i+1, picture.SHA256), Label: label})
		}
	}
}

// remarks reads what a form says about single parts and pictures.
func remarks(form url.Values) []review.Remark {
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
