// Package pause is the emergency stop as people use it: which parts of the sending can be stopped, stopping one, letting it go on,
// and holding what falls due meanwhile, so that nothing of it leaves by itself.
//
// A part is everything, a network, a channel or a campaign. The rows and who lifted them are internal/org/licence's; the package
// makes sure that the part is there, that whoever asks may, and that they say why. It stops nothing itself: internal/flow/dispatch
// reads the pauses when it claims and again in the statement that comes before each call. What becomes of what was held, people say
// in internal/flow/dispatch/decide.
package pause

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// shortest is how many characters a reason has at least. Those who decide later whether to go on read nothing else.
const shortest = 10

// Part is something that can be stopped.
type Part struct {
	Scope  licence.Scope `db:"scope"`
	ID     string        `db:"id"`   // empty for everything
	Name   string        `db:"name"` // how people call it; of a network its name in code
	Handle string        `db:"handle"`
}

// Key names a part in one word, for a form: everything, or its scope and its id.
func (p Part) Key() string {
	if p.Scope == licence.Everything {
		return string(p.Scope)
	}
	return string(p.Scope) + ":" + p.ID
}

const sqlParts = `
SELECT scope, id, name, handle
FROM (
  SELECT 1 AS place, 'everything' AS scope, '' AS id, 'everything' AS name, '' AS handle
  UNION ALL
  SELECT DISTINCT 2, 'network', platform, platform, ''
  FROM channels
  WHERE archived_at IS NULL
  UNION ALL
  SELECT 3, 'channel', id::text, name, ltrim(handle, '@')
  FROM channels
  WHERE archived_at IS NULL
  UNION ALL
  SELECT 4, 'campaign', id, coalesce(title->>'en', id), ''
  FROM campaigns
) parts
ORDER BY place, lower(name), id`

// Parts returns everything first, then the networks and channels in use, then the campaigns.
func Parts(ctx context.Context, q postgres.Querier) ([]Part, error) {
	var list []Part
	if err := q.SelectContext(ctx, &list, sqlParts); err != nil {
		return nil, fmt.Errorf("list what can be paused: %w", err)
	}
	return list, nil
}

// Find returns the part of a scope that a person means: by its id, or a channel by its handle.
func Find(ctx context.Context, q postgres.Querier, scope licence.Scope, said string) (Part, error) {
	all, err := Parts(ctx, q)
	if err != nil {
		return Part{}, err
	}
	mine := slices.DeleteFunc(slices.Clone(all), func(p Part) bool {
		return p.Scope != scope || p.ID != said && (p.Handle == "" || !strings.EqualFold(p.Handle, strings.TrimPrefix(said, "@")))
	})
	switch len(mine) {
	case 0:
		return Part{}, fault.New(fault.NotFound, "There is no %s %q in use.", scope, said)
	case 1:
		return mine[0], nil
	}
	return Part{}, fault.New(fault.Invalid, "%d channels have the handle %q; name one by its number: %s.", len(mine), said, ids(mine))
}

func ids(parts []Part) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.ID
	}
	return strings.Join(list, ", ")
}

// Raise stops a part. Where it is stopped already, it returns the pause that is there. Once the pause is in force, what comes up soon
// under it is set aside.
func Raise(ctx context.Context, db *postgres.DB, part Part, reason string, by people.Person) (licence.Pause, error) {
	if err := may(by); err != nil {
		return licence.Pause{}, err
	}
	if utf8.RuneCountInString(strings.TrimSpace(reason)) < shortest {
		return licence.Pause{}, fault.BadField("reason", "say why in at least %d characters", shortest)
	}
	var raised licence.Pause
	err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		raised, err = licence.Raise(ctx, tx, licence.NewPause{Scope: part.Scope, ScopeID: part.ID, Cause: licence.ByPerson, Reason: reason, By: by.ID})
		return err
	})
	if err != nil {
		return licence.Pause{}, err
	}
	// The pause is in force, whatever becomes of this: what stands in the way of claims is set aside by a regular job as well.
	var now time.Time
	if err := db.GetContext(ctx, &now, sqlNow); err == nil {
		_ = setAside(ctx, db, raised.ID, now)
	}
	return raised, nil
}

// sqlNow is product time: a pause is raised by people, who have no clock at hand.
const sqlNow = `SELECT product_now()`

func may(by people.Person) error {
	if !by.May(people.PauseManage) {
		return fault.New(fault.Forbidden, "%s may neither pause nor resume.", by.Name)
	}
	return nil
}

// Standing is a pause that is in force, with the name of what it stops.
type Standing struct {
	licence.Pause
	Name string
}

const sqlNames = `
SELECT s.id, coalesce(
  CASE s.scope
    WHEN 'channel' THEN (SELECT c.name FROM channels c WHERE c.id::text = s.scope_id)
    WHEN 'campaign' THEN (SELECT m.title->>'en' FROM campaigns m WHERE m.id = s.scope_id)
  END, s.scope_id) AS name
FROM pauses s
WHERE s.lifted_at IS NULL
  AND s.scope <> 'everything'`

// Active returns the pauses that are in force, oldest first.
func Active(ctx context.Context, q postgres.Querier) ([]Standing, error) {
	pauses, err := licence.Active(ctx, q)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	if slices.ContainsFunc(pauses, func(p licence.Pause) bool { return p.Scope != licence.Everything }) {
		var rows []struct {
			ID   int64  `db:"id"`
			Name string `db:"name"`
		}
		if err := q.SelectContext(ctx, &rows, sqlNames); err != nil {
			return nil, fmt.Errorf("name what is paused: %w", err)
		}
		for _, r := range rows {
			names[r.ID] = r.Name
		}
	}
	list := make([]Standing, len(pauses))
	for i, p := range pauses {
		list[i] = Standing{p, p.ScopeID}
		if name := names[p.ID]; name != "" {
			list[i].Name = name
		}
	}
	return list, nil
}

// Counts is what a pause leaves for people to look at.
type Counts struct {
	OnTheWay int `db:"on_the_way"` // being sent just now: no pause calls it back
	Overdue  int `db:"overdue"`    // held because it fell due while nothing could be sent
}

// The first count runs on the index of leased rows: the queue may be long.
const sqlCounts = `
SELECT
  (SELECT count(*) FROM queue WHERE lease_owner IS NOT NULL AND sending_at IS NOT NULL) AS on_the_way,
  (SELECT count(*) FROM deliveries WHERE state = 'held' AND hold = 'overdue') AS overdue`

// Count counts what is being sent just now and what waits for a decision because it fell due meanwhile.
func Count(ctx context.Context, q postgres.Querier) (Counts, error) {
	var n Counts
	if err := q.GetContext(ctx, &n, sqlCounts); err != nil {
		return Counts{}, fmt.Errorf("count what a pause leaves: %w", err)
	}
	return n, nil
}
