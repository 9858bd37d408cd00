// Package duties tells people what is theirs to do by a day: tasks of an edition, checks of facts and helplines, and drafts that wait for
// their word.
//
// Each is a notice as long as it is to be done, and closed by itself afterwards. Reminders of drafts that have to be approved soon are
// told by internal/flow/review/remind, what is at risk within a day by internal/flow/dispatch/preflight. The package changes nothing
// else, and mails nobody.
package duties

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/org/helpline"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const (
	// tasksAhead is how many days before its day a task is told of.
	tasksAhead = 3
	// ChecksAhead is how long before a post needs it a check is told of: a phone call and a holiday fit in.
	ChecksAhead = 14 * 24 * time.Hour
	// keptOpen is for how many days after its day a task that nobody ticked is still told of.
	keptOpen = 30
)

// Fact is one that a post to come states although it does not hold on its day. What posts state is known to internal/flow/draft.
type Fact struct {
	ID  string
	Why string     // a sentence
	Day civil.Date // of the first such post
}

// Look tells, at an instant of product time, what has become due, and closes what has been done. zone is the team's, facts are those that
// posts of the time of [ChecksAhead] state. It returns how many matters are new.
func Look(ctx context.Context, db *postgres.DB, now time.Time, zone *time.Location, facts []Fact) (int, error) {
	told := 0
	for _, duty := range []struct {
		begins string // of the keys
		list   func(context.Context, *postgres.DB, time.Time, *time.Location) ([]notice.New, error)
	}{{"task:", tasks}, {"check:", func(ctx context.Context, db *postgres.DB, now time.Time, _ *time.Location) ([]notice.New, error) {
		return checks(ctx, db, now, facts)
	}}, {"review-waits:", drafts}} {
		list, err := duty.list(ctx, db, now, zone)
		if err != nil {
			return told, err
		}
		n, err := keep(ctx, db, duty.begins, list, now)
		told += n
		if err != nil {
			return told, err
		}
	}
	return told, nil
}

const sqlStanding = `
SELECT key
FROM notices
WHERE done_at IS NULL
  AND starts_with(key, $1)`

// keep tells what is not told yet and closes what is no duty any more.
func keep(ctx context.Context, db *postgres.DB, begins string, list []notice.New, now time.Time) (int, error) {
	var standing []string
	if err := db.SelectContext(ctx, &standing, sqlStanding, begins); err != nil {
		return 0, fmt.Errorf("list duties that were told: %w", err)
	}
	over := make(map[string]bool, len(standing))
	for _, key := range standing {
		over[key] = true
	}
	told := 0
	for _, n := range list {
		if over[n.Key] {
			delete(over, n.Key)
			continue
		}
		fresh, err := notice.Tell(ctx, db, n)
		if err != nil {
			return told, err
		}
		if fresh {
			told++
		}
	}
	if len(over) == 0 {
		return told, nil
	}
	return told, db.InTx(ctx, func(tx *postgres.Tx) error {
		system, err := people.System(ctx, tx)
		if err != nil {
			return err
		}
		for key := range over {
			if err := notice.Settle(ctx, tx, key, system.ID, now); err != nil {
				return err
			}
		}
		return nil
	})
}

const sqlTasks = `
SELECT t.id, t.edition_id, to_char(t.due_date, 'YYYY-MM-DD') AS due, t.who, t.what, coalesce(c.title ->> 'en', c.id) || ' ' || e.year AS edition,
  t.due_date < $1::date AS late
FROM tasks t
JOIN editions e ON e.id = t.edition_id
JOIN campaigns c ON c.id = e.campaign_id
WHERE t.done_at IS NULL
  AND NOT e.rehearsal
  AND t.due_date <= $1::date + $2::int
  AND t.due_date >= $1::date - $3::int
ORDER BY t.due_date, t.id`

const sqlOfRole = `
SELECT id
FROM people
WHERE role = ANY ($1)
  AND is_active(id)
ORDER BY id`

// tasks lists the open tasks of editions whose day is near or past. A task that got another day is another matter.
func tasks(ctx context.Context, db *postgres.DB, now time.Time, zone *time.Location) ([]notice.New, error) {
	var list []struct {
		ID      int64  `db:"id"`
		Edition int64  `db:"edition_id"`
		Due     string `db:"due"`
		Who     string `db:"who"`
		What    string `db:"what"`
		Name    string `db:"edition"`
		Late    bool   `db:"late"`
	}
	if err := db.SelectContext(ctx, &list, sqlTasks, civil.DateOf(now.In(zone)).String(), tasksAhead, keptOpen); err != nil {
		return nil, fmt.Errorf("look for tasks: %w", err)
	}
	var out []notice.New
	for _, t := range list {
		var who []int64
		if err := db.SelectContext(ctx, &who, sqlOfRole, pq.Array(roles(t.Who))); err != nil {
			return nil, fmt.Errorf("look whose a task is: %w", err)
		}
		n := notice.New{
			Key: fmt.Sprintf("task:%d:%s", t.ID, t.Due), Level: notice.Note, Kind: "edition", ID: fmt.Sprint(t.Edition), At: now, For: who,
			Say: fmt.Sprintf("%s: %s It is for %s, by %s.", t.Name, t.What, t.Who, day(t.Due)),
		}
		if t.Late {
			n.Key, n.Level = fmt.Sprintf("task:%d:%s:late", t.ID, t.Due), notice.Warning
			n.Say = fmt.Sprintf("%s: %s It was for %s, by %s, and nobody has marked it as done.", t.Name, t.What, t.Who, day(t.Due))
		}
		out = append(out, n)
	}
	return out, nil
}

// byWord are the roles that campaign files mean by the words they use. Who coordinates is no role of its own.
var byWord = []struct {
	begins string
	roles  []people.Role
}{
	{"safeguarding", []people.Role{people.RoleSafeguarding}},
	{"chapter", []people.Role{people.RoleChapter}},
	{"moderator", []people.Role{people.RoleModerator}},
	{"translator", []people.Role{people.RoleTranslator}},
	{"reviewer", []people.Role{people.RoleReviewer}},
	{"editor", []people.Role{people.RoleEditor}},
	{"manager", []people.Role{people.RoleManager}},
	{"coordinator", []people.Role{people.RoleEditor, people.RoleAdmin}},
	{"admin", []people.Role{people.RoleAdmin}},
}

// roles reads whom a task is for. Words that are none of ours, or a role that nobody has, make it the whole team's.
func roles(who string) []string {
	var out []string
	for _, one := range byWord {
		if strings.HasPrefix(strings.ToLower(who), one.begins) {
			for _, r := range one.roles {
				out = append(out, string(r))
			}
			break
		}
	}
	return out
}

func day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("2 January 2006")
}

// checks lists facts that do not hold on the day of a post to come, and helplines that are shown and whose check ends.
func checks(ctx context.Context, db *postgres.DB, now time.Time, facts []Fact) ([]notice.New, error) {
	var out []notice.New
	for _, f := range facts {
		out = append(out, notice.New{
			Key: fmt.Sprintf("check:fact:%s:%s", f.ID, f.Day), Level: notice.Warning, Kind: "fact", ID: f.ID, At: now,
			Say: fmt.Sprintf("%s A post of %s states it.", f.Why, day(f.Day.String())),
		})
	}
	lines, err := helpline.All(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, l := range helpline.Due(lines, now, ChecksAhead) {
		if l.Record.Last == nil {
			continue // nothing shows it
		}
		out = append(out, notice.New{
			Key: fmt.Sprintf("check:helpline:%s:%d:%s", l.Record.ID, l.Record.Version, l.Record.Last.Until.UTC().Format(time.DateOnly)), Level: notice.Warning, Kind: "helpline",
			ID: l.Record.ID, At: now, Say: l.Why,
		})
	}
	return out, nil
}
