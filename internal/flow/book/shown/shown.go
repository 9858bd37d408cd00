// Package shown keeps what reviewers are shown beside the words of a submission: what rules found, with the waivers, and what a
// person has to answer.
//
// It is written with the submission and fixed before the first verdict; the database refuses an error that nobody has waived. The
// answers to questions are read as they are now, because the latest one decides. The package judges nothing.
package shown

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book/judge"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// finding is the body of a finding.
type finding struct {
	lint.Finding
	Places []string `json:"places,omitempty"`
}

const sqlInsertFinding = `
INSERT INTO submission_findings (submission_id, no, rule, severity, body, waiver_id)
VALUES ($1, $2, $3, $4, $5, NULLIF($6::bigint, 0))`

const sqlInsertQuestion = `
INSERT INTO submission_questions (submission_id, rule, about, severity, wants, body)
VALUES ($1, $2, $3, $4, $5, $6)`

// Add writes what reviewers of a submission are shown.
func Add(ctx context.Context, tx *postgres.Tx, submission int64, j judge.Judged) error {
	for i, f := range j.Findings {
		body, _, err := post.Canonical(finding{f.Finding, f.Places})
		if err != nil {
			return err
		}
		var waiver int64
		if f.Waiver != nil {
			waiver = f.Waiver.ID
		}
		if _, err := tx.ExecContext(ctx, sqlInsertFinding, submission, i+1, f.Rule, string(f.Severity), string(body), waiver); err != nil {
			if postgres.Constraint(err) == "errors_are_waived" {
				return fault.Wrap(fault.Conflict, err, "This has to be mended, or somebody lets it stand: %s", f.Sentence())
			}
			return fmt.Errorf("show a finding with submission %d: %w", submission, err)
		}
	}
	for _, a := range j.Questions {
		body, _, err := post.Canonical(a.Question)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlInsertQuestion, submission, a.Rule, a.AboutKey[:], string(a.Severity), a.Right, string(body)); err != nil {
			return fmt.Errorf("show a question with submission %d: %w", submission, err)
		}
	}
	return nil
}

const sqlFindings = `
SELECT f.submission_id, f.body, coalesce(w.id, 0) AS waiver, coalesce(w.reason, '') AS reason, coalesce(p.name, '') AS person, w.at
FROM submission_findings f
LEFT JOIN waivers w ON w.id = f.waiver_id
LEFT JOIN people p ON p.id = w.person_id
WHERE f.submission_id = ANY($1)
ORDER BY f.submission_id, f.no`

const sqlQuestions = `
SELECT q.submission_id, q.about, q.body
FROM submission_questions q
WHERE q.submission_id = ANY($1)
ORDER BY q.submission_id, CASE q.severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, q.rule, q.about`

// Of returns what reviewers of submissions are shown, by submission, with the answers as they are now.
func Of(ctx context.Context, q postgres.Querier, submissions ...int64) (map[int64]judge.Judged, error) {
	out := map[int64]judge.Judged{}
	if err := findings(ctx, q, submissions, out); err != nil {
		return nil, err
	}
	var rows []struct {
		Submission int64  `db:"submission_id"`
		About      []byte `db:"about"`
		Body       []byte `db:"body"`
	}
	if err := q.SelectContext(ctx, &rows, sqlQuestions, pq.Array(submissions)); err != nil {
		return nil, fmt.Errorf("read the questions of submissions: %w", err)
	}
	asked := make([]judge.Asked, len(rows))
	pointers := make([]*judge.Asked, len(rows))
	for i, row := range rows {
		asked[i] = judge.Asked{AboutKey: [32]byte(row.About)}
		if err := json.Unmarshal(row.Body, &asked[i].Question); err != nil {
			return nil, fmt.Errorf("read a question of submission %d: %w", row.Submission, err)
		}
		pointers[i] = &asked[i]
	}
	if err := judge.Answered(ctx, q, pointers); err != nil {
		return nil, err
	}
	for i, row := range rows {
		j := out[row.Submission]
		j.Questions = append(j.Questions, asked[i])
		out[row.Submission] = j
	}
	return out, nil
}

func findings(ctx context.Context, q postgres.Querier, submissions []int64, out map[int64]judge.Judged) error {
	var rows []struct {
		Submission int64      `db:"submission_id"`
		Body       []byte     `db:"body"`
		Waiver     int64      `db:"waiver"`
		Reason     string     `db:"reason"`
		Person     string     `db:"person"`
		At         *time.Time `db:"at"`
	}
	if err := q.SelectContext(ctx, &rows, sqlFindings, pq.Array(submissions)); err != nil {
		return fmt.Errorf("read the findings of submissions: %w", err)
	}
	for _, row := range rows {
		var body finding
		if err := json.Unmarshal(row.Body, &body); err != nil {
			return fmt.Errorf("read a finding of submission %d: %w", row.Submission, err)
		}
		f := judge.Found{Finding: body.Finding, Places: body.Places}
		if row.Waiver != 0 {
			f.Waiver = &judge.Waiver{ID: row.Waiver, Person: row.Person, Reason: row.Reason, At: *row.At}
		}
		j := out[row.Submission]
		j.Findings = append(j.Findings, f)
		out[row.Submission] = j
	}
	return nil
}

// Same reports whether two submissions show the same: findings with their waivers, and questions. Answers may differ.
func Same(a, b judge.Judged) (bool, error) {
	x, err := sign(a)
	if err != nil {
		return false, err
	}
	y, err := sign(b)
	return bytes.Equal(x, y), err
}

// sign returns the canonical form of what is shown.
func sign(j judge.Judged) ([]byte, error) {
	type waived struct {
		finding
		Waiver int64 `json:"waiver"`
	}
	type asked struct {
		lint.Question
		AboutKey [32]byte `json:"about_key"`
	}
	all := struct {
		Findings  []waived
		Questions map[string]asked
	}{Questions: map[string]asked{}}
	for _, f := range j.Findings {
		w := waived{finding: finding{f.Finding, f.Places}}
		if f.Waiver != nil {
			w.Waiver = f.Waiver.ID
		}
		all.Findings = append(all.Findings, w)
	}
	for _, q := range j.Questions {
		all.Questions[fmt.Sprintf("%s %x", q.Rule, q.AboutKey)] = asked{q.Question, q.AboutKey}
	}
	body, _, err := post.Canonical(all)
	return body, err
}
