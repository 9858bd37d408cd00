package helpline

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// NewCheck is what a person says of a helpline after looking.
type NewCheck struct {
	Version int // of the helpline that the person had before their eyes; 0 is the one of now
	How     How
	Result  Result
	Saw     string // what they heard or read, in their words
}

const maxSaw = 2000

// A check that found the helpline working holds for the days that the helpline gives; the database's own clock reckons them, so
// that its trigger comes to the same instant.
const sqlAddCheck = `
INSERT INTO helpline_checks (helpline_id, version, person_id, how, result, saw, at, until)
SELECT h.id, $2, $3, $4, $5, $6, $7::timestamptz, $7::timestamptz + CASE WHEN $5 = 'works' THEN h.check_days ELSE 0 END * interval '1 day'
FROM helplines h
WHERE h.id = $1
RETURNING id`

// AddCheck writes down that a person checked a helpline at an instant of product time, and returns the check. Daymark itself
// checks nothing: somebody dialled the number, wrote to it, or read it on the operator's page. A check of what the helpline no
// longer is is refused.
func AddCheck(ctx context.Context, tx *postgres.Tx, id string, n NewCheck, by people.Person, now time.Time) (Check, error) {
	if by.Role == people.RoleSystem || !by.May(people.HelplineCheck) {
		return Check{}, fault.New(fault.Forbidden, "A helpline is checked by a person whose role allows it.")
	}
	r, err := lock(ctx, tx, id)
	if err != nil {
		return Check{}, err
	}
	if n.Version == 0 {
		n.Version = r.Version
	}
	n.Saw = strings.TrimSpace(n.Saw)
	switch {
	case r.Retired:
		return Check{}, fault.New(fault.Conflict, "%s is out of use; change it first, which brings it back", r.Name)
	case n.Version != r.Version:
		return Check{}, fault.New(fault.Conflict, "%s has changed since you looked; look again at what it says now", r.Name)
	}
	if err := wrongCheck(r, n); err != nil {
		return Check{}, err
	}
	var check int64
	// Microseconds are all that the database keeps.
	err = tx.GetContext(ctx, &check, sqlAddCheck, id, n.Version, by.ID, n.How, n.Result, n.Saw, now.UTC().Truncate(time.Microsecond))
	switch constraint := postgres.Constraint(err); {
	case constraint == "checked_by_a_person":
		return Check{}, fault.Wrap(fault.Forbidden, err, "A helpline is checked by a person whose role allows it.")
	case err != nil:
		return Check{}, fmt.Errorf("write down a check of helpline %s: %w", id, err)
	}
	if r, err = Find(ctx, tx, id); err != nil {
		return Check{}, err
	}
	made := *r.Last
	return made, audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "helpline.checked", Kind: "helpline",
		Detail: map[string]any{
			"helpline": id, "check": check, "version": made.Version, "how": string(made.How), "result": string(made.Result), "saw": made.Saw,
			"at": made.At.Format(time.RFC3339), "until": made.Until.Format(time.RFC3339),
		},
	})
}

func wrongCheck(r Record, n NewCheck) error {
	var problems []fault.Problem
	bad := func(field, format string, args ...any) {
		problems = append(problems, fault.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	switch n.How {
	case Called:
		if r.Phone == "" {
			bad("how", "%s has no phone number to call; say whether you wrote or opened the operator's page", r.Name)
		}
	case Wrote:
		if r.Message+r.Chat == "" {
			bad("how", "%s has neither a number for text messages nor a chat; say whether you called or opened the operator's page", r.Name)
		}
	case Page:
	default:
		bad("how", "%q is none of called, wrote, page", n.How)
	}
	switch n.Result {
	case Works, Changed, Dead:
	default:
		bad("result", "%q is none of works, changed, dead", n.Result)
	}
	_, _, unsafe := text.FirstUnsafe(n.Saw)
	switch length := utf8.RuneCountInString(n.Saw); {
	case length == 0:
		bad("saw", "is empty: write what you heard or read, such as who answered and in which language")
	case length > maxSaw:
		bad("saw", "has %d characters; use at most %d", length, maxSaw)
	case unsafe:
		bad("saw", "must be plain text")
	}
	return fault.BadFields(problems)
}
