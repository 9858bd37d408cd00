package judged

import (
	"slices"
	"strings"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/judged/reading"
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
		by := v.Words.Moment(*c.ApproveBy, v.Zone)
		p.ApproveBy = &by
	}
	p.Why = page.Field{ID: "why", Label: v.Words.T("card.hold.label"), Hint: v.Words.T("card.hold.hint")}
	if p.MayReview {
		p.Remarks = reading.RemarksOn(v.Words, c)
	}
}
