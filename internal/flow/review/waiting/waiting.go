// Package waiting says which drafts wait for a verdict, and for whom.
//
// It reads little of each draft, so that a page can count and order hundreds and read the few that it shows. It gives no verdicts.
package waiting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/locale"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Standing is how a draft stands for one person.
type Standing struct {
	Language string `db:"language"`
	Wrote    string `db:"wrote"` // how the person's words came into the post, a way of the database's view written; empty when they did not
	Own      bool   `db:"own"`   // its author may approve it, once it has rested
	Rested   bool   `db:"rested"`
	Current  bool   `db:"current"` // the newest of the post's current version in its language
	Cleared  bool   `db:"cleared"`
	Held     bool   `db:"held"`     // somebody holds it
	Approved bool   `db:"approved"` // the person approves it now
	Changes  bool   `db:"changes"`  // somebody's latest word is a request for changes
	Beyond   bool   `db:"beyond"`   // it goes to accounts, too, that are not within the person's limits
}

// version is the way of somebody who wrote a version of a post. It comes behind the other ways by the alphabet, so that the last of a
// person's ways is this one where they went it.
const version = "version"

// others says why somebody else has to approve a post, for each way by which a person's words came into it. The ways are those of the
// view written of the database.
func others(wrote string) string {
	switch wrote {
	case "campaign":
		return "You loaded words of this post in its campaign's file. Somebody else has to approve it."
	case "theme":
		return "You set the theme that this post says. Somebody else has to approve it."
	case "fact":
		return "You wrote a fact that this post states. Somebody else has to approve it."
	case "helpline":
		return "You wrote the helpline that this post shows. Somebody else has to approve it."
	case "profile":
		return "You changed what this post says of the organisation while it was before reviewers. Somebody else has to approve it."
	case "country":
		return "You changed the country of an account, and so the helpline, while this post was before reviewers. Somebody else has to approve it."
	}
	return "You wrote a version of this post. Somebody else has to approve it."
}

// WhyNot says why a person may not approve a draft that stands so, or nothing.
func (s Standing) WhyNot(person people.Person) string {
	writes := (person.Role == people.RoleEditor || person.Role == people.RoleChapter) && person.May(people.PostSubmit)
	switch {
	case !person.May(people.PostApprove) && !(s.Own && s.Wrote == version && writes):
		return "Your role does not allow approving."
	case s.Wrote != "" && !s.Own:
		return others(s.Wrote)
	case !slices.Contains(person.Languages, s.Language):
		return "Your profile does not say that you read " + locale.Name(s.Language) + "."
	case s.Beyond:
		return "It also goes to accounts that you do not work on, and an approval is for all of them. Somebody who works on all of them has to approve it."
	case !s.Current:
		return "The post has changed since. Its new version has a card of its own."
	case s.Cleared:
		return "It is approved already."
	case s.Held:
		return "Somebody holds it. They can take that back, or a safeguarding lead or an admin can lift it."
	case s.Approved:
		return "You have approved it. It waits for one more person."
	case s.Wrote != "" && !s.Rested:
		return "You wrote it. You can approve it a quarter of an hour after it was sent for review, when you have read it again."
	}
	return ""
}

// Draft is a submission that waits for a verdict.
type Draft struct {
	Submission int64     `db:"submission"`
	First      time.Time `db:"first_due"`
	Prompt     bool      `db:"prompt"` // it goes out as soon as it is approved
	Standing
}

// For reports whether a draft waits for a person's word. Where changes are asked for, it waits for its author.
func (d Draft) For(person people.Person) bool { return !d.Changes && d.WhyNot(person) == "" }

// Begins with the deliveries that wait, which are few beside all that ever went out.
const sqlDrafts = `
WITH open AS MATERIALIZED (
  SELECT l.submission_id, min(l.due_at) AS first_due, bool_or(d.prompt) AS prompt
  FROM deliveries d
  JOIN releases l ON l.delivery_id = d.id
    AND l.due_at = d.due_at
  WHERE d.state = 'held'
    AND d.hold IN ('approval', 'edited')
  GROUP BY l.submission_id
)
SELECT s.id AS submission, o.first_due, o.prompt, s.language, s.own, true AS current, false AS cleared,
  s.at <= clock_timestamp() - interval '15 minutes' AS rested,
  coalesce((SELECT max(w.why) FROM written w WHERE w.post_id = s.post_id AND w.person_id = $1), '') AS wrote,
  coalesce(v.stopped, false) AND is_held(s.id) AS held,
  $2 AND beyond_limits($1, s.id) AS beyond,
  coalesce(v.changes, false) AS changes,
  coalesce(v.approved, false) AS approved
FROM open o
JOIN submissions s ON s.id = o.submission_id
JOIN posts p ON p.id = s.post_id
  AND p.current_revision = s.revision_id
LEFT JOIN LATERAL (
  SELECT bool_or(w.verdict = 'hold') AS stopped,
    bool_or(w.verdict = 'changes' AND w.latest) AS changes,
    bool_or(w.person_id = $1 AND w.verdict = 'approve' AND w.latest AND w.id > w.ended) AS approved
  FROM (
    SELECT c.id, c.person_id, c.verdict,
      c.id = max(c.id) OVER (PARTITION BY c.person_id) AS latest,
      coalesce(max(c.id) FILTER (WHERE c.verdict IN ('withdraw', 'hold')) OVER (), 0) AS ended
    FROM verdicts c
    WHERE c.submission_id = s.id
  ) w
) v ON true
WHERE NOT EXISTS (SELECT 1 FROM clearances k WHERE k.submission_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id)
  AND (NOT $2 OR may_see_post($1, s.post_id))
ORDER BY o.prompt DESC, o.first_due, s.id`

// Drafts returns every draft within a person's limits that waits for a verdict, as it stands for a person: those that go out as soon as they are approved
// first, then those due soonest.
func Drafts(ctx context.Context, q postgres.Querier, person people.Person) ([]Draft, error) {
	var list []Draft
	if err := q.SelectContext(ctx, &list, sqlDrafts, person.ID, person.Limited()); err != nil {
		return nil, fmt.Errorf("list drafts that wait: %w", err)
	}
	return list, nil
}
