package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/locale"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/book/shown"
	"daymark/internal/flow/review/policy"
	"daymark/internal/flow/review/ready"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// Checks is what posts must pass before reviewers see them.
type Checks struct {
	Networks ready.Networks
	Rules    *lint.Set
}

// Submitted says what became of a post that was put before reviewers.
type Submitted struct {
	Submissions []int64  // one for each language that is complete
	Waiting     []string // sentences: what keeps the other languages from being submitted
}

// Submit puts the current revision of a post before reviewers, one submission for each language that is complete. A
// language with an unknown token, a missing text, a text that its network refuses or an error that nobody has waived waits and
// says why. Submitting the same again returns the submissions that are already there.
func Submit(ctx context.Context, db *postgres.DB, checks Checks, postID int64, by people.Person, now time.Time) (Submitted, error) {
	return SubmitIn(ctx, db, checks, postID, nil, by, now)
}

// SubmitIn does as [Submit] does, in some languages only; none means all.
func SubmitIn(ctx context.Context, db *postgres.DB, checks Checks, postID int64, only []string, by people.Person, now time.Time) (Submitted, error) {
	if !by.May(people.PostSubmit) {
		return Submitted{}, fault.New(fault.Forbidden, "Your role does not allow sending posts for review.")
	}
	p, err := book.FindPost(ctx, db, postID)
	if err != nil {
		return Submitted{}, err
	}
	values, err := fill.Read(ctx, db, p.Edition)
	if err != nil {
		return Submitted{}, err
	}
	if values.Profile.Name == "" {
		if _, err := profile.Get(ctx, db); err != nil {
			return Submitted{}, err
		}
	}
	waits := map[string][]string{}
	complete := map[string][]fill.Filled{}
	languages := ready.Languages(p, now)
	if len(only) > 0 {
		languages = slices.DeleteFunc(languages, func(language string) bool { return !slices.Contains(only, language) })
	}
	for _, language := range languages {
		filled := ready.Fill(values, p, language, now)
		if waits[language], err = ready.Stops(ctx, db, checks.Networks, filled); err != nil {
			return Submitted{}, err
		}
		if len(waits[language]) == 0 {
			complete[language] = filled
		}
	}
	var out Submitted
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		out = Submitted{}
		locked, err := book.Lock(ctx, tx, postID)
		if err != nil {
			return err
		}
		if locked.Revision != p.Revision {
			return fault.New(fault.Conflict, "Somebody changed this post a moment ago. Look at the new text, then send it for review.")
		}
		// Who changes a value locks the post as well: either the new value is seen here, or this submission is seen there.
		still, err := fill.Read(ctx, tx, p.Edition)
		if err != nil {
			return err
		}
		for language, filled := range complete {
			if same, err := ready.Same(filled, ready.Fill(still, p, language, now)); err != nil {
				return err
			} else if !same {
				return fault.New(fault.Conflict, "A value in this post, such as the theme, changed a moment ago. Send it for review again.")
			}
		}
		judged, err := judge.Filled(ctx, tx, checks.Rules, p, still, complete, now)
		if err != nil {
			return err
		}
		asks, err := policy.For(ctx, tx, p.Edition, p.Source)
		if err != nil {
			return err
		}
		for _, language := range languages {
			why := append(slices.Clone(waits[language]), judged[language].Stops()...)
			for _, reason := range why {
				out.Waiting = append(out.Waiting, locale.Name(language)+" waits: "+reason)
			}
			if len(why) > 0 {
				continue
			}
			id, err := submitLanguage(ctx, tx, p, asks, language, complete[language], judged[language], by)
			if err != nil {
				return err
			}
			out.Submissions = append(out.Submissions, id)
			if err := tellPrompt(ctx, tx, p, id, complete[language], now); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

const sqlLatestSubmission = `
SELECT s.id,
  EXISTS (SELECT 1 FROM (
    SELECT DISTINCT ON (v.person_id) v.verdict FROM verdicts v WHERE v.submission_id = s.id ORDER BY v.person_id, v.id DESC
  ) latest WHERE latest.verdict = 'changes') AS changes
FROM submissions s
WHERE s.post_id = $1
  AND s.revision_id = $2
  AND s.language = $3
ORDER BY s.id DESC
LIMIT 1`

// submitLanguage writes the submission of one language, unless the same one is there already.
func submitLanguage(ctx context.Context, tx *postgres.Tx, p book.Post, asks policy.Policy, language string, filled []fill.Filled, judged judge.Judged, by people.Person) (int64, error) {
	finals := map[int64]post.Final{}
	for _, f := range filled {
		finals[f.Entry.Delivery] = f.Final
	}
	var latest []struct {
		ID      int64 `db:"id"`
		Changes bool  `db:"changes"`
	}
	if err := tx.SelectContext(ctx, &latest, sqlLatestSubmission, p.ID, p.Revision, language); err != nil {
		return 0, fmt.Errorf("look for an earlier submission: %w", err)
	}
	if len(latest) > 0 {
		if latest[0].Changes {
			return 0, fault.New(fault.Conflict, "A reviewer asked for changes to the %s text. Change it first, then send it again.", locale.Name(language))
		}
		releases, err := book.ReleasesOf(ctx, tx, latest[0].ID)
		if err != nil {
			return 0, err
		}
		before, err := shown.Of(ctx, tx, latest[0].ID)
		if err != nil {
			return 0, err
		}
		same, err := sameReleases(releases, finals)
		if err != nil {
			return 0, err
		}
		if same {
			same, err = shown.Same(before[latest[0].ID], judged)
		}
		if err != nil || same {
			return latest[0].ID, err
		}
	}
	id, err := book.AddSubmission(ctx, tx, book.Submission{
		Post: p.ID, Revision: p.Revision, Language: language,
		Approvals: asks.Approvals, Roles: asks.Roles, Own: asks.Own, Sensitive: p.Source.Sensitive, ApproveBy: approveBy(asks, finals), By: by.ID,
	}, finals)
	if err != nil {
		return 0, err
	}
	return id, shown.Add(ctx, tx, id, judged)
}

// approveBy is when what goes out should be approved: the policy's hours before the first of it. What goes out as soon as it is
// approved has no such instant.
func approveBy(asks policy.Policy, finals map[int64]post.Final) time.Time {
	var first time.Time
	for _, f := range finals {
		if !f.Prompt && (first.IsZero() || f.DueAt.Before(first)) {
			first = f.DueAt
		}
	}
	if first.IsZero() {
		return first
	}
	return first.Add(-time.Duration(asks.HoursBefore) * time.Hour)
}

// sameReleases reports whether an earlier submission already shows every one of these finals.
func sameReleases(releases []book.Release, finals map[int64]post.Final) (bool, error) {
	shown := map[int64]string{}
	for _, r := range releases {
		shown[r.Delivery] = r.SHA256
	}
	for delivery, final := range finals {
		_, sum, err := post.Canonical(final)
		if err != nil {
			return false, err
		}
		if shown[delivery] != fmt.Sprintf("%x", sum) {
			return false, nil
		}
	}
	return true, nil
}
