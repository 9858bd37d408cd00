package review_test

import (
	"slices"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/postgres"
)

func TestAnApprovalIsGivenByPeopleWhoWorkOnEveryAccountOfTheDraft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	exec := func(query string, args ...any) error {
		_, err := d.db.ExecContext(d.ctx, query, args...)
		return err
	}
	for id, label := range map[int64]string{d.accra: "accra", d.lima: "lima"} {
		if err := exec(`UPDATE channels SET labels = ARRAY[$2] WHERE id = $1`, id, label); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec(`UPDATE people SET labels = '{accra}' WHERE id = ANY (ARRAY[$1, $2]::bigint[])`, d.ana.ID, d.omar.ID); err != nil {
		t.Fatal(err)
	}
	d.ana.Labels = []string{"accra"}
	both := d.submitOne(t, d.write(t, d.wren, source("en: A vigil"), d.accra, d.lima))
	alone := d.submitOne(t, d.write(t, d.wren, source("en: Another vigil"), d.accra))

	drafts, err := waiting.Drafts(d.ctx, d.db, d.ana)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range drafts {
		if one.For(d.ana) != (one.Submission == alone) || one.Beyond != (one.Submission == both) {
			t.Errorf("draft %d waits for her: %t, beyond: %t", one.Submission, one.For(d.ana), one.Beyond)
		}
	}
	if card := d.card(t, both, d.ana); !card.Beyond || card.MayApprove || card.WhyNot == "" {
		t.Errorf("the card of both: %+v", card)
	}
	d.refused(t, both, d.ana, review.Approve, "", fault.Forbidden, "accounts that you do not work on")
	able, err := waiting.Able(d.ctx, d.db, both, d.ana)
	if err != nil || !slices.Equal(able, []string{"Boss", "Zoe"}) {
		t.Errorf("able are %q, %v", able, err)
	}
	// The database's own word, also when the code forgets to ask.
	err = exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'approve')`, both, d.ana.ID)
	if postgres.Constraint(err) != "within_limits" {
		t.Errorf("written past the code: %v", err)
	}
	// She can still stop it, and ask for changes.
	d.say(t, both, d.ana, review.Hold)
	d.say(t, both, d.boss, review.Lift)
	if out := d.say(t, both, d.zoe, review.Approve); !out.Cleared {
		t.Errorf("approved by somebody without limits: %+v", out)
	}
	if out := d.say(t, alone, d.ana, review.Approve); !out.Cleared {
		t.Errorf("approved within her limits: %+v", out)
	}
	// A campaign is a limit as an account is: what lies outside is not there at all.
	if err := exec(`UPDATE people SET labels = '{}', campaigns = '{elsewhere}' WHERE id = $1`, d.ana.ID); err != nil {
		t.Fatal(err)
	}
	other := d.submitOne(t, d.write(t, d.wren, source("en: A third vigil"), d.accra))
	if err := exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'approve')`, other, d.ana.ID); postgres.Constraint(err) != "within_limits" {
		t.Errorf("of another campaign: %v", err)
	}
}
