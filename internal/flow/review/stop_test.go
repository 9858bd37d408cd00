package review_test

import (
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/policy"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// asking makes the charity's policy what is named.
func (d *desk) asking(t tb, p policy.Policy) {
	t.Helper()
	d.inTx(t, func(tx *postgres.Tx) error { return policy.Save(d.ctx, tx, p, d.boss) })
}

func TestAHoldStopsAPostUntilItIsTakenBackOrLifted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		ends func(d *desk, t *testing.T, submission int64)
	}{
		{"taken back by who held it", func(d *desk, t *testing.T, submission int64) { d.say(t, submission, d.manager, review.Withdraw) }},
		{"lifted by an admin", func(d *desk, t *testing.T, submission int64) { d.say(t, submission, d.boss, review.Lift) }},
		{"lifted by a safeguarding lead", func(d *desk, t *testing.T, submission int64) { d.say(t, submission, d.omar, review.Lift) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.write(t, d.wren, source("en: A vigil"), d.accra)
			submission := d.submitOne(t, id)
			d.say(t, submission, d.ana, review.Approve)
			if got := d.standing(t, id); got != "scheduled " && got != "scheduled" {
				t.Fatalf("approved it is %q", got)
			}
			d.say(t, submission, d.manager, review.Hold)
			if got := d.standing(t, id); got != "held approval" {
				t.Errorf("held it is %q", got)
			}
			d.refused(t, submission, d.zoe, review.Approve, "", fault.Forbidden, "Somebody holds it")
			d.refused(t, submission, d.zoe, review.Lift, "", fault.Forbidden, "safeguarding lead or an admin")
			tt.ends(d, t, submission)
			if got := d.standing(t, id); got != "held approval" {
				t.Errorf("after the hold it went out by itself: %q", got)
			}
			if out := d.say(t, submission, d.zoe, review.Approve); !out.Cleared || out.Scheduled != 1 {
				t.Errorf("approved after the hold: %+v", out)
			}
		})
	}
}

func TestASensitivePostWaitsForSafeguarding(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := source("en: A survivor speaks")
	s.Sensitive, s.ContentNote = true, map[string]string{"en": "Violence"}
	id := d.write(t, d.wren, s, d.accra)
	submission := d.submitOne(t, id)
	d.say(t, submission, d.ana, review.Approve)
	if out := d.say(t, submission, d.zoe, review.Approve); out.Cleared || out.Missing != 0 || out.Lacking != "safeguarding" {
		t.Errorf("with two reviewers and no safeguarding lead: %+v", out)
	}
	if out := d.say(t, submission, d.omar, review.Approve); !out.Cleared {
		t.Errorf("with the safeguarding lead: %+v", out)
	}
}

func TestAnAuthorApprovesOnlyPlainWordsThatHaveRestedAndOnlyWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.asking(t, policy.Policy{Approvals: 1, Own: true})
	id := d.write(t, d.wren, source("en: A vigil"), d.accra)
	submission := d.submitOne(t, id)
	d.refused(t, submission, d.wren, review.Approve, "", fault.Forbidden, "quarter of an hour")
	// The database's own word: even when the code asks for it, a quarter of an hour is not over.
	if _, err := d.db.ExecContext(d.ctx, `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'approve')`, submission, d.wren.ID); err != nil {
		t.Fatal(err)
	}
	_, err := d.db.ExecContext(d.ctx, `INSERT INTO clearances (submission_id) VALUES ($1)`, submission)
	if got := postgres.Constraint(err); got != "clear_enough" {
		t.Errorf("cleared by its author at once: %v", err)
	}
	if out := d.say(t, submission, d.ana, review.Approve); !out.Cleared {
		t.Errorf("approved by somebody else: %+v", out)
	}

	s := source("en: A survivor speaks")
	s.Sensitive, s.ContentNote = true, map[string]string{"en": "Violence"}
	sensitive := d.submitOne(t, d.write(t, d.wren, s, d.accra))
	d.refused(t, sensitive, d.wren, review.Approve, "", fault.Forbidden, "")
}

func TestApprovalsOfPeopleWhoLeftOrCannotReadDoNotCount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.asking(t, policy.Policy{Approvals: 2})
	id := d.write(t, d.wren, source("en: A vigil"), d.accra)
	submission := d.submitOne(t, id)
	d.say(t, submission, d.ana, review.Approve)
	d.inTx(t, func(tx *postgres.Tx) error { return people.Disable(d.ctx, tx, d.ana.ID, d.boss.ID) })
	if out := d.say(t, submission, d.zoe, review.Approve); out.Cleared || out.Missing != 1 {
		t.Errorf("the approval of somebody who left counts: %+v", out)
	}
	if out := d.say(t, submission, d.omar, review.Approve); !out.Cleared {
		t.Errorf("with a second person: %+v", out)
	}

	other := d.submitOne(t, d.write(t, d.wren, source("en: Another vigil"), d.accra))
	if _, err := d.db.ExecContext(d.ctx, `UPDATE people SET languages = '{fr}' WHERE id = $1`, d.zoe.ID); err != nil {
		t.Fatal(err)
	}
	for _, p := range []people.Person{d.zoe, d.omar} { // Zoe's own page still says that she reads English
		d.say(t, other, p, review.Approve)
	}
	if card := d.card(t, other, d.boss); card.Got != 1 || card.Cleared {
		t.Errorf("somebody who does not read the language counts: %d approvals", card.Got)
	}
}

func TestRemarksStandAtPartsAndPictures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	submission := d.submitOne(t, d.write(t, d.wren, source("en: A vigil"), d.accra))
	word := review.Word{Verdict: review.Changes, Remarks: []review.Remark{{Part: 1, Say: "Name the place."}}}
	if _, err := review.Speak(d.ctx, d.db, submission, d.ana, word, now); err != nil {
		t.Fatal(err)
	}
	said := d.card(t, submission, d.boss).Verdicts
	if len(said) != 1 || said[0].Comment != "Name the place." || len(said[0].Remarks) != 1 || said[0].Remarks[0] != word.Remarks[0] {
		t.Errorf("the card shows %+v", said)
	}
	for _, wrong := range []review.Remark{{Part: 0, Say: "Where?"}, {Part: 1, Say: " "}} {
		if _, err := review.Speak(d.ctx, d.db, submission, d.ana, review.Word{Verdict: review.Changes, Remarks: []review.Remark{wrong}}, now); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
