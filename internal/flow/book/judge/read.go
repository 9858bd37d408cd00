package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const sqlPosts = `
SELECT p.id, p.rehearsal, p.message, p.version, r.id AS revision, r.body
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.edition_id = $1
ORDER BY p.id`

// postsOf reads the posts of an edition with their entries.
func postsOf(ctx context.Context, q postgres.Querier, edition int64) ([]book.Post, error) {
	var rows []struct {
		ID        int64  `db:"id"`
		Rehearsal bool   `db:"rehearsal"`
		Message   string `db:"message"`
		Version   int    `db:"version"`
		Revision  int64  `db:"revision"`
		Body      []byte `db:"body"`
	}
	if err := q.SelectContext(ctx, &rows, sqlPosts, edition); err != nil {
		return nil, fmt.Errorf("read the posts of edition %d: %w", edition, err)
	}
	entries, err := book.Entries(ctx, q, book.EntryFilter{Edition: edition})
	if err != nil {
		return nil, err
	}
	of := map[int64][]book.Entry{}
	for _, e := range entries {
		of[e.Post] = append(of[e.Post], e)
	}
	list := make([]book.Post, len(rows))
	for i, row := range rows {
		source, err := post.ReadSource(row.Body)
		if err != nil {
			return nil, fmt.Errorf("post %d: %w", row.ID, err)
		}
		list[i] = book.Post{
			ID: row.ID, Edition: edition, Rehearsal: row.Rehearsal, Message: row.Message, Version: row.Version,
			Revision: row.Revision, Source: source, Entries: of[row.ID],
		}
	}
	return list, nil
}

const sqlWaivers = `
SELECT w.id, w.post_id, w.language, w.finding, w.reason, p.name AS person, w.at
FROM waivers w
JOIN people p ON p.id = w.person_id
WHERE w.post_id = ANY($1)`

// waived names a waiver.
type waived struct {
	post     int64
	language string
	key      [32]byte
}

// readWaivers reads the waivers of posts.
func readWaivers(ctx context.Context, q postgres.Querier, posts []int64) (map[waived]Waiver, error) {
	var rows []struct {
		ID       int64     `db:"id"`
		Post     int64     `db:"post_id"`
		Language string    `db:"language"`
		Finding  []byte    `db:"finding"`
		Reason   string    `db:"reason"`
		Person   string    `db:"person"`
		At       time.Time `db:"at"`
	}
	if err := q.SelectContext(ctx, &rows, sqlWaivers, pq.Array(posts)); err != nil {
		return nil, fmt.Errorf("read waivers: %w", err)
	}
	list := map[waived]Waiver{}
	for _, r := range rows {
		list[waived{r.Post, r.Language, [32]byte(r.Finding)}] = Waiver{ID: r.ID, Person: r.Person, Reason: r.Reason, At: r.At}
	}
	return list, nil
}

// Answered puts the latest answers to questions.
func Answered(ctx context.Context, q postgres.Querier, questions []*Asked) error {
	about := make([]answer.About, len(questions))
	for i, a := range questions {
		about[i] = a.Asks()
	}
	latest, err := answer.Latest(ctx, q, about)
	if err != nil {
		return err
	}
	for i, a := range questions {
		a.Answer, a.Open = nil, true
		if said, ok := latest[about[i]]; ok {
			a.Answer, a.Open = &said, said.Answer != a.Right
		}
	}
	return nil
}

// answered puts the latest answers to the questions of what was judged. A wrong answer is a finding: what it says has to be
// mended, or looked at again and answered anew.
func answered(ctx context.Context, q postgres.Querier, list []Judged) error {
	var questions []*Asked
	for i := range list {
		for k := range list[i].Questions {
			questions = append(questions, &list[i].Questions[k])
		}
	}
	if err := Answered(ctx, q, questions); err != nil {
		return err
	}
	for i := range list {
		j := &list[i]
		for _, a := range j.Questions {
			if a.Answer == nil || !a.Open {
				continue
			}
			f := lint.Finding{
				Rule: a.Rule, Severity: a.Severity, Part: -1, Picture: a.Picture, Field: "post", Language: j.Language,
				Message: a.Message, Suggestion: a.Advice, Fixed: true,
			}
			key, err := keyOf(j.Words, f)
			if err != nil {
				return err
			}
			j.Findings = append(j.Findings, Found{Finding: f, Key: key})
		}
		slices.SortStableFunc(j.Findings, byGravity)
	}
	return nil
}

// byGravity orders findings, the gravest first and then as they stand in the text.
func byGravity(a, b Found) int {
	return strings.Compare(
		fmt.Sprintf("%d %03d %07d %s", grave(a.Severity), a.Part+1, a.Start, a.Rule),
		fmt.Sprintf("%d %03d %07d %s", grave(b.Severity), b.Part+1, b.Start, b.Rule))
}
