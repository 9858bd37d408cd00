package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"daymark/internal/org/people"
)

// The other bad inputs of review and log-in are in link_test.go (a link used twice, expired, revoked, for an edited post, a guessed
// code, two verdicts at once by link) and in members_test.go (a log-in flood).

func TestAReviewerWhoWasRemovedMeanwhileGivesNoVerdict(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := fmt.Sprintf("/review/%d", b.card.Submission)
	v := b.as("reviewer")
	if a := v.get(at); !strings.Contains(a.body, `id="approve"`) {
		t.Fatalf("the card cannot be approved: %d", a.status)
	}
	if a := b.as("admin").post(fmt.Sprintf("/people/%d/disable", b.person("reviewer").ID), nil); a.status != http.StatusSeeOther {
		t.Fatalf("disable: %d", a.status)
	}
	for _, verdict := range []string{"approve", "changes", "hold"} {
		if a := v.post(at+"/"+verdict, url.Values{"comment": {"x"}, "why": {"x"}}); a.status != http.StatusSeeOther || a.to != "/login" {
			t.Errorf("%s: %d to %q", verdict, a.status, a.to)
		}
	}
	if b.verdicts() != 0 {
		t.Error("there is a verdict")
	}
	if n := b.count(`SELECT count(*) FROM audit WHERE action = 'person.disabled' AND subject_id = $1`, b.person("reviewer").ID); n != 1 {
		t.Errorf("%d lines in the log, want 1", n)
	}
}

func TestOfTwoVerdictsAtOnceOneStandsAndTheOtherIsToldWhy(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := fmt.Sprintf("/review/%d/approve", b.card.Submission)
	ways := []visitor{b.as("reviewer"), b.as("reviewer"), b.as("admin"), b.as("safeguarding")}
	answers := make([]got, len(ways))
	var group sync.WaitGroup
	for i, v := range ways {
		group.Go(func() { answers[i] = v.post(at, nil) })
	}
	group.Wait()
	won := 0
	for _, a := range answers {
		switch {
		case a.status == http.StatusSeeOther:
			won++
		case a.status != http.StatusConflict && a.status != http.StatusForbidden, !strings.Contains(a.body, "approved"):
			t.Errorf("%d\n%s", a.status, a.body)
		}
	}
	if won != 1 || b.verdicts() != 1 || b.count(`SELECT count(*) FROM clearances`) != 1 {
		t.Errorf("%d won, %d verdicts", won, b.verdicts())
	}
	if n := b.count(`SELECT count(*) FROM audit WHERE action = 'review.refused' AND subject_kind = 'submission' AND subject_id = $1 AND address IS NOT NULL`, b.card.Submission); n != 3 {
		t.Errorf("%d lines about those that came late, want 3", n)
	}
}

func TestAnInvitationToAnAddressThatExistsIsRefusedAndWrittenDown(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	admin := s.as("admin")
	before := s.count(`SELECT count(*) FROM people`)
	a := admin.post("/people/invitations", url.Values{"email": {"EDITOR@example.org"}, "role": {string(people.RoleReviewer)}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="email-problem"`) {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	if n := s.count(`SELECT count(*) FROM invitations`) + s.count(`SELECT count(*) FROM outbox`) + s.count(`SELECT count(*) FROM people`) - before; n != 0 {
		t.Errorf("%d rows were made", n)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'invitation.refused' AND address IS NOT NULL`); n != 1 {
		t.Errorf("%d lines in the log, want 1", n)
	}
}
