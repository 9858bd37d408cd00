package answer

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// maxComment bounds a comment, in characters. It is ours.
const maxComment = 2000

const sqlInsertAnswer = `
INSERT INTO answers (rule, about, answer, comment, person_id)
VALUES ($1, $2, $3, $4, $5)
RETURNING id`

// Whoever approves a post locks it: either the approval is seen here, or this answer is seen there.
const sqlLockAsked = `
SELECT p.id
FROM posts p
WHERE EXISTS (
  SELECT 1
  FROM submission_questions q
  JOIN submissions s ON s.id = q.submission_id
  WHERE s.post_id = p.id AND s.revision_id = p.current_revision AND q.rule = $1 AND q.about = $2 AND q.severity = 'error'
)
ORDER BY p.id
FOR UPDATE`

const sqlScheduled = `
SELECT DISTINCT d.post_id
FROM deliveries d
JOIN submission_questions q ON q.submission_id = d.submission_id
WHERE d.state = 'scheduled'
  AND d.post_id = ANY($1)
  AND q.rule = $2
  AND q.about = $3
ORDER BY d.post_id`

// Give writes a person's answer to the question of a rule, about a picture or about words; the latest answer holds. When the
// answer is wrong, every scheduled post that was cleared with the question goes back to its authors in the same transaction; their
// ids are returned. An answer cannot be taken back, only followed by another.
func Give(ctx context.Context, tx *postgres.Tx, rules *lint.Set, about About, answer, comment string, by people.Person) ([]int64, error) {
	if rules == nil {
		return nil, fault.New(fault.Internal, "The rules of content are missing, so no question can be answered.")
	}
	comment = strings.TrimSpace(comment)
	all := rules.Rules()
	at := slices.IndexFunc(all, func(r lint.Rule) bool { return r.ID == about.Rule && r.How == lint.Asked })
	switch {
	case !by.May(people.RuleAnswer):
		return nil, fault.New(fault.Forbidden, "Your role does not allow answering questions about posts.")
	case at < 0:
		return nil, fault.New(fault.NotFound, "No rule %q asks a question.", about.Rule)
	case answer != "yes" && answer != "no":
		return nil, fault.BadField("answer", "is %q; it must be yes or no", answer)
	case utf8.RuneCountInString(comment) > maxComment || !utf8.ValidString(comment):
		return nil, fault.BadField("comment", "is too long: keep it under 2,000 characters")
	}
	r := all[at]
	if r.About == lint.AboutPicture {
		if _, err := book.FindBlob(ctx, tx, hex.EncodeToString(about.Hash[:])); err != nil {
			return nil, err
		}
	}
	wrong := answer != r.Right && r.Severity == lint.Error
	var asked []int64
	if wrong {
		if err := tx.SelectContext(ctx, &asked, sqlLockAsked, r.ID, about.Hash[:]); err != nil {
			return nil, fmt.Errorf("find what rule %s was asked about: %w", r.ID, err)
		}
	}
	var id int64
	if err := tx.GetContext(ctx, &id, sqlInsertAnswer, r.ID, about.Hash[:], answer, comment, by.ID); err != nil {
		return nil, fmt.Errorf("answer rule %s: %w", r.ID, err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "rule.answered", Kind: "answer", ID: id,
		Detail: map[string]any{"rule": r.ID, "about": string(r.About), "hash": hex.EncodeToString(about.Hash[:]), "answer": answer, "comment": comment},
	}); err != nil || !wrong {
		return nil, err
	}
	return renew(ctx, tx, r, about, asked, by)
}

// renew takes back what was cleared with a question that now has a wrong answer.
func renew(ctx context.Context, tx *postgres.Tx, r lint.Rule, about About, asked []int64, by people.Person) ([]int64, error) {
	var posts []int64
	if err := tx.SelectContext(ctx, &posts, sqlScheduled, pq.Array(asked), r.ID, about.Hash[:]); err != nil {
		return nil, fmt.Errorf("find what was cleared with rule %s: %w", r.ID, err)
	}
	if len(posts) == 0 {
		return nil, nil
	}
	author, err := people.System(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		if err := replan.Renew(ctx, tx, p, by.Name+" answered a question about this post: "+r.Message, author.ID, by.ID); err != nil {
			return nil, err
		}
	}
	return posts, nil
}
