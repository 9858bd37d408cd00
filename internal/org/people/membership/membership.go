// Package membership is what the charity gives a person: a role, the chapters and campaigns they are limited to, the languages they
// judge, and until when.
//
// It changes these, and lets somebody in again who was disabled. One admin whose access does not end always stays. The package
// invites nobody and shows no page.
package membership

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// The bounds of what somebody is limited to.
const (
	maxLabels = 50
	maxLabel  = 60
)

// Access is what a person is given.
type Access struct {
	Role      people.Role
	Languages []string
	Labels    []string  // limited to channels that have one of these; empty is all
	Campaigns []string  // limited to these; empty is all
	Until     time.Time // from then on they are out; zero is never
}

// Member is a person with their access.
type Member struct {
	ID       int64
	Email    string
	Name     string
	Disabled bool // an admin ended the access
	Over     bool // or its day has come
	Access
}

type memberRow struct {
	ID        int64          `db:"id"`
	Email     string         `db:"email"`
	Name      string         `db:"name"`
	Role      people.Role    `db:"role"`
	Languages pq.StringArray `db:"languages"`
	Labels    pq.StringArray `db:"labels"`
	Campaigns pq.StringArray `db:"campaigns"`
	Until     sql.NullTime   `db:"access_until"`
	Disabled  bool           `db:"disabled"`
	Over      bool           `db:"over"`
}

func (r memberRow) member() Member {
	m := Member{ID: r.ID, Email: r.Email, Name: r.Name, Disabled: r.Disabled, Over: r.Over, Access: Access{
		Role: r.Role, Languages: r.Languages, Labels: r.Labels, Campaigns: r.Campaigns,
	}}
	if r.Until.Valid {
		m.Until = r.Until.Time.UTC()
	}
	return m
}

const (
	sqlFind = `
SELECT id, email, name, role, languages, labels, campaigns, access_until, disabled_at IS NOT NULL AS disabled,
       coalesce(access_until <= clock_timestamp(), false) AS over
FROM people
WHERE id = $1 AND role <> 'system'`

	sqlLock = sqlFind + `
FOR UPDATE`

	sqlList = `
SELECT id, email, name, role, languages, labels, campaigns, access_until, disabled_at IS NOT NULL AS disabled,
       coalesce(access_until <= clock_timestamp(), false) AS over
FROM people
WHERE role <> 'system'
ORDER BY NOT is_active(id), lower(name), id`
)

// Find returns a person with their access.
func Find(ctx context.Context, q postgres.Querier, id int64) (Member, error) {
	return find(ctx, q, sqlFind, id)
}

func find(ctx context.Context, q postgres.Querier, query string, id int64) (Member, error) {
	var row memberRow
	err := q.GetContext(ctx, &row, query, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, fault.New(fault.NotFound, "There is no such person.")
	}
	if err != nil {
		return Member{}, fmt.Errorf("read person %d: %w", id, err)
	}
	return row.member(), nil
}

// List returns everybody but Daymark itself by name, those who are out last.
func List(ctx context.Context, q postgres.Querier) ([]Member, error) {
	var rows []memberRow
	if err := q.SelectContext(ctx, &rows, sqlList); err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	list := make([]Member, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.member())
	}
	return list, nil
}

const sqlUnknownCampaigns = `
SELECT c
FROM unnest($1::text[]) AS c
WHERE NOT EXISTS (SELECT 1 FROM campaigns k WHERE k.id = c)`

// Clean returns an access in the form we keep, or what is wrong with it, by the fields role, languages, labels, campaigns and until.
// now is real time.
func Clean(ctx context.Context, q postgres.Querier, a Access, now time.Time) (Access, []fault.Problem, error) {
	var wrong []fault.Problem
	bad := func(field, format string, args ...any) {
		wrong = append(wrong, fault.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	languages, say := people.CleanLanguages(a.Languages)
	if say != "" {
		bad("languages", "%s", say)
	}
	a.Languages, a.Labels, a.Campaigns = languages, tidy(a.Labels), tidy(a.Campaigns)
	if len(a.Labels) > maxLabels {
		bad("labels", "are too many; use at most %d", maxLabels)
	}
	for _, l := range a.Labels {
		if _, _, unsafe := text.FirstUnsafe(l); unsafe || utf8.RuneCountInString(l) > maxLabel || strings.ContainsAny(l, "\r\n\t") {
			bad("labels", "%q is no label; use a few plain letters", l)
		}
	}
	var unknown []string
	if err := q.SelectContext(ctx, &unknown, sqlUnknownCampaigns, pq.StringArray(a.Campaigns)); err != nil {
		return a, nil, fmt.Errorf("look for campaigns: %w", err)
	}
	for _, c := range unknown {
		bad("campaigns", "there is no campaign %q", c)
	}
	switch {
	case !slices.Contains(people.Roles(), a.Role):
		bad("role", "choose one of the roles")
	case a.Role == people.RoleAdmin && len(a.Labels)+len(a.Campaigns) > 0:
		bad("role", "an admin sees everything; take the limits away, or choose another role")
	case a.Role == people.RoleChapter && len(a.Labels) == 0:
		bad("labels", "a chapter lead sees nothing without a label of the chapter's accounts")
	}
	if !a.Until.IsZero() && !a.Until.After(now) {
		bad("until", "is over already; choose a later day, or end the access at once below")
	}
	return a, wrong, nil
}

// tidy trims texts and leaves out empty and repeated ones.
func tidy(given []string) []string {
	list := []string{}
	for _, one := range given {
		if one = strings.Join(strings.Fields(one), " "); one != "" && !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

const sqlGive = `
UPDATE people
SET name = $2, role = $3, languages = $4, labels = $5, campaigns = $6, access_until = $7
WHERE id = $1`

// Give writes an access that was cleaned; the audit line is its caller's.
func Give(ctx context.Context, tx *postgres.Tx, id int64, name string, a Access) error {
	until := sql.NullTime{Time: a.Until, Valid: !a.Until.IsZero()}
	if _, err := tx.ExecContext(ctx, sqlGive, id, name, a.Role, pq.StringArray(a.Languages), pq.StringArray(a.Labels), pq.StringArray(a.Campaigns), until); err != nil {
		return fmt.Errorf("change what person %d may do: %w", id, err)
	}
	return nil
}

// Change gives a person another name or access. What is wrong comes back all at once.
func Change(ctx context.Context, tx *postgres.Tx, id int64, name string, a Access, by people.Person, now time.Time) error {
	if !by.May(people.PeopleManage) {
		return fault.New(fault.Forbidden, "Only an admin may change what people may do.")
	}
	had, err := find(ctx, tx, sqlLock, id)
	if err != nil {
		return err
	}
	if had.Role == people.RoleOutside {
		return fault.New(fault.Conflict, "%s reviews by personal links and has no account. Invite them under another address for one.", had.Name)
	}
	a, wrong, err := Clean(ctx, tx, a, now)
	if err != nil {
		return err
	}
	name, say := people.CleanName(name)
	if say != "" {
		wrong = append([]fault.Problem{{Field: "name", Message: say}}, wrong...)
	}
	if err := fault.BadFields(wrong); err != nil {
		return err
	}
	if had.Role == people.RoleAdmin && (a.Role != people.RoleAdmin || !a.Until.IsZero()) {
		if err := people.KeepAnAdmin(ctx, tx, people.Person{ID: id, Name: had.Name}); err != nil {
			return err
		}
	}
	if err := Give(ctx, tx, id, name, a); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "person.changed", Kind: "person", ID: id, Detail: map[string]any{
		"before": Detail(had.Name, had.Access), "after": Detail(name, a),
	}})
}

// Detail returns what the audit log says of an access.
func Detail(name string, a Access) map[string]any {
	d := map[string]any{"name": name, "role": string(a.Role), "languages": a.Languages, "labels": a.Labels, "campaigns": a.Campaigns}
	if !a.Until.IsZero() {
		d["until"] = a.Until.UTC().Format(time.RFC3339)
	}
	return d
}

const sqlEnable = `
UPDATE people
SET disabled_at = NULL
WHERE id = $1 AND disabled_at IS NOT NULL AND role <> 'system'`

// Enable lets somebody in again; it is no error when they were in.
func Enable(ctx context.Context, tx *postgres.Tx, id int64, by people.Person) error {
	if !by.May(people.PeopleManage) {
		return fault.New(fault.Forbidden, "Only an admin may let people in.")
	}
	if _, err := Find(ctx, tx, id); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlEnable, id)
	if err != nil {
		return fmt.Errorf("let person %d in again: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "person.enabled", Kind: "person", ID: id})
}
