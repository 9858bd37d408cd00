package helpline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/campaign"
)

// DueCheck is a check that a person has to make, by when and why.
type DueCheck struct {
	Record Record
	By     time.Time // when the number stops being shown; the instant of asking where it is not shown already
	Why    string    // a sentence
}

// Due returns the checks of helplines that are missing, found something wrong, or end within the horizon, soonest first. Lines
// that are retired or take reports are never shown and need no check.
func Due(all []Record, now time.Time, horizon time.Duration) []DueCheck {
	var due []DueCheck
	for _, r := range all {
		if r.Retired || r.Purpose != campaign.Support {
			continue
		}
		d := DueCheck{Record: r, By: now}
		switch c := r.Last; {
		case c == nil:
			d.Why = fmt.Sprintf("Nobody has checked %s: it is not shown before somebody has.", r.Name)
		case c.Version != r.Version:
			d.Why = fmt.Sprintf("%s has changed since it was checked: it is not shown before somebody checks it again.", r.Name)
		case c.Result == Dead:
			d.Why = fmt.Sprintf("Nobody answered at %s: give the right number, or take it out of use.", r.Name)
		case c.Result == Changed:
			d.Why = fmt.Sprintf("%s is not what it was: %s. Write down what it is now, and check it again.", r.Name, c.Saw)
		case !c.Until.After(now):
			d.Why = fmt.Sprintf("The check of %s has run out: it is not shown before somebody checks it again.", r.Name)
		case !c.Until.After(now.Add(horizon)):
			d.By = c.Until
			d.Why = fmt.Sprintf("The check of %s runs out: after that it is not shown.", r.Name)
		default:
			continue
		}
		due = append(due, d)
	}
	slices.SortStableFunc(due, func(a, b DueCheck) int { return cmp.Or(a.By.Compare(b.By), cmp.Compare(a.Record.ID, b.Record.ID)) })
	return due
}
