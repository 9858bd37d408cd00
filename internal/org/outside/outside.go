// Package outside is the reviewers from outside the team: a partner or an expert with an address on file and no account.
//
// An admin or a safeguarding lead names them; whether somebody's yes counts as the safeguarding yes only an admin says. They never
// log in: what they may do comes with a personal link to one submission, which internal/flow/review/link makes.
package outside

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lib/pq"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// maxName bounds a name as it does for people with an account.
const maxName = 100

// Reviewer is somebody from outside who reviews by link.
type Reviewer struct {
	people.Person
	Safeguards bool // their yes counts as the safeguarding yes
}

// New is what [Name] needs to know.
type New struct {
	Email      string
	Name       string
	Languages  []string // BCP 47 tags of the languages they can judge; at least one
	Safeguards bool     // only an admin may say so
}

const sqlName = `
INSERT INTO people (email, name, role, languages, may_safeguard, named_by)
VALUES ($1, $2, 'outside', $3, $4, nullif($5, 0))
RETURNING id`

// Name puts somebody from outside on file. What is wrong with the input comes back all at once.
func Name(ctx context.Context, tx *postgres.Tx, n New, by people.Person) (Reviewer, error) {
	if !by.May(people.OutsideName) {
		return Reviewer{}, fault.New(fault.Forbidden, "Only an admin or a safeguarding lead names outside reviewers.")
	}
	if n.Safeguards && by.Role != people.RoleAdmin {
		return Reviewer{}, fault.New(fault.Forbidden, "Only an admin says whose yes from outside counts as the safeguarding yes.")
	}
	n, err := n.check()
	if err != nil {
		return Reviewer{}, err
	}
	var id int64
	err = tx.GetContext(ctx, &id, sqlName, n.Email, n.Name, pq.StringArray(n.Languages), n.Safeguards, by.ID)
	if postgres.Constraint(err) == "people_email_key" {
		return Reviewer{}, &fault.Error{Kind: fault.Invalid, Err: err, Problems: []fault.Problem{{
			Field: "email", Message: "is that of a person on file already. Somebody with an account reviews by it.",
		}}}
	}
	if err != nil {
		return Reviewer{}, fmt.Errorf("name an outside reviewer: %w", err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "outside.named", Kind: "person", ID: id,
		Detail: map[string]any{"email": n.Email, "name": n.Name, "languages": n.Languages, "safeguards": n.Safeguards},
	}); err != nil {
		return Reviewer{}, err
	}
	return Find(ctx, tx, id)
}

// check returns the new reviewer in the form we keep, or every problem at once.
func (n New) check() (New, error) {
	var problems []fault.Problem
	bad := func(field, message string) {
		problems = append(problems, fault.Problem{Field: field, Message: message})
	}
	n.Email = strings.ToLower(strings.TrimSpace(n.Email))
	if notify.CheckAddress(n.Email) != nil || strings.ContainsFunc(n.Email, func(r rune) bool { return r > unicode.MaxASCII }) {
		bad("email", "is not an address that mail can be sent to; write one such as ana@example.org")
	}
	n.Name = norm.NFC.String(strings.TrimSpace(n.Name))
	switch count := utf8.RuneCountInString(n.Name); {
	case count == 0:
		bad("name", "give the person's name")
	case count > maxName:
		bad("name", fmt.Sprintf("has %d characters; use at most %d", count, maxName))
	case !utf8.ValidString(n.Name) || strings.ContainsFunc(n.Name, unicode.IsControl):
		bad("name", "must be one line of plain text")
	}
	var tags []string
	for _, l := range n.Languages {
		tag, err := language.Parse(strings.TrimSpace(l))
		if err != nil || tag == language.Und {
			bad("languages", fmt.Sprintf("%q is not a language; use tags such as en, fr or pt-BR", l))
			continue
		}
		if !slices.Contains(tags, tag.String()) {
			tags = append(tags, tag.String())
		}
	}
	if len(n.Languages) == 0 {
		bad("languages", "say which languages they read, such as en, ar")
	}
	n.Languages = tags
	return n, fault.BadFields(problems)
}

const sqlList = `
SELECT id, may_safeguard
FROM people
WHERE role = 'outside'
ORDER BY disabled_at IS NOT NULL, lower(name), id`

// List returns every outside reviewer by name, those who were removed last.
func List(ctx context.Context, q postgres.Querier) ([]Reviewer, error) {
	var rows []struct {
		ID         int64 `db:"id"`
		Safeguards bool  `db:"may_safeguard"`
	}
	if err := q.SelectContext(ctx, &rows, sqlList); err != nil {
		return nil, fmt.Errorf("list outside reviewers: %w", err)
	}
	all, err := people.List(ctx, q)
	if err != nil {
		return nil, err
	}
	byID := map[int64]people.Person{}
	for _, p := range all {
		byID[p.ID] = p
	}
	list := make([]Reviewer, len(rows))
	for i, r := range rows {
		list[i] = Reviewer{Person: byID[r.ID], Safeguards: r.Safeguards}
	}
	return list, nil
}

// Find returns an outside reviewer, removed ones too.
func Find(ctx context.Context, q postgres.Querier, id int64) (Reviewer, error) {
	list, err := List(ctx, q)
	if err != nil {
		return Reviewer{}, err
	}
	for _, r := range list {
		if r.ID == id {
			return r, nil
		}
	}
	return Reviewer{}, fault.New(fault.NotFound, "There is no such outside reviewer.")
}

const sqlSafeguard = `
UPDATE people
SET may_safeguard = $2
WHERE id = $1
  AND role = 'outside'`

// Safeguard says whether a reviewer's yes counts as the safeguarding yes, by an admin. It counts for links that are made afterwards.
func Safeguard(ctx context.Context, tx *postgres.Tx, id int64, counts bool, by people.Person) error {
	if by.Role != people.RoleAdmin || by.Disabled {
		return fault.New(fault.Forbidden, "Only an admin says whose yes from outside counts as the safeguarding yes.")
	}
	if _, err := Find(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlSafeguard, id, counts); err != nil {
		return fmt.Errorf("let person %d safeguard: %w", id, err)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "outside.safeguarding", Kind: "person", ID: id, Detail: map[string]any{"counts": counts}})
}

// Remove ends what a reviewer may do: their links open nothing any more, and what they approved no longer counts.
func Remove(ctx context.Context, tx *postgres.Tx, id int64, by people.Person) error {
	if !by.May(people.OutsideName) {
		return fault.New(fault.Forbidden, "Only an admin or a safeguarding lead removes outside reviewers.")
	}
	if _, err := Find(ctx, tx, id); err != nil {
		return err
	}
	return people.Disable(ctx, tx, id, by.ID)
}
