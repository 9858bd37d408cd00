package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// told is one risk with what its notice says.
type told struct {
	risk.Risk
	Post       int64     `db:"post_id"`
	Edition    int64     `db:"edition_id"`
	Channel    int64     `db:"channel_id"`
	Submission int64     `db:"submission_id"`
	DueAt      time.Time `db:"due_at"`
	Message    string    `db:"message"`
	Name       string    `db:"name"` // of the channel
}

const (
	// Helplines are told by [Look], also where nobody sweeps. A rehearsal worries nobody.
	sqlToTell = `
SELECT r.delivery_id, r.matter, r.subject, r.say, r.mend, d.post_id, coalesce(p.edition_id, 0) AS edition_id, d.channel_id, coalesce(d.submission_id, 0) AS submission_id,
  d.due_at, p.message, c.name
FROM delivery_risks r
JOIN deliveries d ON d.id = r.delivery_id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
WHERE d.due_at <= $1
  AND d.state IN ('held', 'scheduled')
  AND NOT p.rehearsal
  AND r.matter <> 'helpline'
ORDER BY d.due_at, d.id, r.matter, r.subject`

	sqlAlreadyTold = `
SELECT key
FROM notices
WHERE key = ANY($1)`
)

// key names the matter of a risk: what one person mends at one place is one matter, however many posts it concerns.
func (r told) key(now time.Time) string {
	day := r.DueAt.UTC().Format(time.DateOnly)
	switch r.Matter {
	case risk.Approval:
		of := fmt.Sprintf("edition:%d", r.Edition)
		if r.Edition == 0 {
			of = fmt.Sprintf("post:%d", r.Post)
		}
		if r.near(now) {
			return fmt.Sprintf("at-risk:approval:%s:%s:soon", of, day)
		}
		return fmt.Sprintf("at-risk:approval:%s:%s", of, day)
	case risk.Account, risk.Server:
		return fmt.Sprintf("at-risk:%s:%d:%s", r.Matter, r.Channel, day)
	case risk.Link, risk.Fact:
		return fmt.Sprintf("at-risk:%s:%s:%s", r.Matter, r.Subject, day)
	case risk.Budget:
		return fmt.Sprintf("at-risk:budget:%d:%s", r.Channel, r.DueAt.UTC().Format("2006-01"))
	}
	return fmt.Sprintf("at-risk:%s:%d:%d", r.Matter, r.Post, r.Submission)
}

// near reports whether it is due within the hour.
func (r told) near(now time.Time) bool { return !r.DueAt.After(now.Add(soon)) }

// level is how grave the matter is: whether the post goes out without anybody doing something.
func (r told) level(now time.Time) notice.Level {
	switch r.Matter {
	case risk.Account, risk.Taken, risk.Picture, risk.Budget:
		return notice.Error
	case risk.Approval:
		if r.near(now) {
			return notice.Error
		}
	}
	return notice.Warning
}

// about is the page on which the matter is seen to.
func (r told) about() (kind, id string) {
	switch r.Matter {
	case risk.Account, risk.Server, risk.Budget:
		return "channel", fmt.Sprint(r.Channel)
	case risk.Fact:
		return "fact", r.Subject
	case risk.Approval:
		if r.Edition != 0 {
			return "edition", fmt.Sprint(r.Edition)
		}
	}
	return "post", fmt.Sprint(r.Post)
}

// tell tells the team what it has not been told yet and returns how many matters that were.
func tell(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var list []told
	if err := db.SelectContext(ctx, &list, sqlToTell, now.Add(Ahead)); err != nil {
		return 0, fmt.Errorf("look for what the team is to be told: %w", err)
	}
	var keys []string
	groups := map[string][]told{}
	for _, r := range list {
		key := r.key(now)
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], r)
	}
	if len(keys) == 0 {
		return 0, nil
	}
	var already []string
	if err := db.SelectContext(ctx, &already, sqlAlreadyTold, pq.Array(keys)); err != nil {
		return 0, fmt.Errorf("read what the team was told: %w", err)
	}
	for _, key := range already {
		delete(groups, key)
	}
	n := 0
	for _, key := range keys {
		group := groups[key]
		if len(group) == 0 {
			continue
		}
		kind, id := group[0].about()
		fresh, err := notice.Tell(ctx, db, notice.New{Key: key, Level: group[0].level(now), Kind: kind, ID: id, At: now, Say: sentence(group)})
		if err != nil {
			return n, err
		}
		if fresh {
			n++
		}
	}
	return n, nil
}

// sentence says what is at risk, of which posts and from when on, and what to do.
func sentence(group []told) string {
	first := group[0]
	var names []string
	seen := map[int64]bool{}
	for _, r := range group {
		if !seen[r.Post] {
			seen[r.Post] = true
			if len(names) < 3 {
				names = append(names, r.Message)
			}
		}
	}
	which := strings.Join(names, ", ")
	if more := len(seen) - len(names); more > 0 {
		which += fmt.Sprintf(" and %d more", more)
	}
	at := first.DueAt.UTC().Format("2 January 15:04 UTC")
	switch first.Matter {
	case risk.Account, risk.Server, risk.Link, risk.Fact:
		return fmt.Sprintf("%s That concerns %s, due from %s on. %s", ended(first.Say), which, at, first.Mend)
	case risk.Budget:
		return fmt.Sprintf("%s has no budget left this month for %s, due from %s on. %s", first.Name, which, at, first.Mend)
	case risk.Approval:
		return fmt.Sprintf("Not approved yet and due from %s on: %s. %s", at, which, first.Mend)
	}
	return fmt.Sprintf("%s is due on %s on %s. %s %s", which, at, first.Name, ended(first.Say), first.Mend)
}

// ended closes a sentence that is not closed.
func ended(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}
