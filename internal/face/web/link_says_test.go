package web

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/lint"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/remind"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// asked returns a draft in English of which something is asked that nobody has answered.
func (b *byLink) asked() (review.Card, judge.Asked) {
	b.t.Helper()
	b.asOwner(`ALTER TABLE answers DISABLE TRIGGER USER; DELETE FROM answers; ALTER TABLE answers ENABLE TRIGGER USER`)
	for _, card := range b.submittedCards() {
		at := slices.IndexFunc(card.Questions, func(q judge.Asked) bool { return q.Open && q.Severity == lint.Error })
		if card.Language == "en" && at >= 0 {
			return card, card.Questions[at]
		}
	}
	b.t.Fatal("nothing is asked about any draft")
	return review.Card{}, judge.Asked{}
}

func reply(q judge.Asked, answer string) url.Values {
	return url.Values{"rule": {q.Rule}, "about": {hex.EncodeToString(q.AboutKey[:])}, "answer": {answer}, "comment": {"<b>Looked</b> at it in full size."}}
}

func (b *byLink) answers() int {
	return b.count(`SELECT count(*) FROM answers WHERE person_id = $1`, b.reviewer.ID)
}

func TestSomebodyFromOutsideAnswersWhatIsAskedAndThenApproves(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	card, q := b.asked()
	at := b.made(card)
	v := b.visitor()
	if a := v.get(at); strings.Contains(a.body, at+"/answers") || !strings.Contains(a.body, "To answer, have a code sent to you first") {
		t.Error("questions can be answered without a code, or the page does not say how")
	}
	if a := v.post(at+"/answers", reply(q, q.Right)); a.status != http.StatusForbidden || b.answers() != 0 {
		t.Errorf("an answer without a code: %d, %d kept", a.status, b.answers())
	}
	v = b.entered(at)
	if a := v.get(at); !strings.Contains(a.body, `action="`+at+`/answers"`) || !strings.Contains(a.body, "Answer what is asked above first") || strings.Contains(a.body, `id="approve"`) {
		t.Errorf("nothing to answer after the code, or it can be approved before\n%s", a.body)
	}
	if a := v.post(at+"/approve", nil); a.status != http.StatusConflict {
		t.Errorf("approved with an open question: %d", a.status)
	}
	for name, bad := range map[string]struct {
		form   url.Values
		status int
	}{
		"neither yes nor no":            {reply(q, "perhaps"), http.StatusUnprocessableEntity},
		"a comment that is too long":    {url.Values{"rule": {q.Rule}, "about": {hex.EncodeToString(q.AboutKey[:])}, "answer": {"yes"}, "comment": {strings.Repeat("x", 2001)}}, http.StatusUnprocessableEntity},
		"what this draft does not ask":  {url.Values{"rule": {q.Rule}, "about": {strings.Repeat("ab", 32)}, "answer": {"yes"}}, http.StatusConflict},
		"a rule that is none":           {url.Values{"rule": {"x"}, "about": {hex.EncodeToString(q.AboutKey[:])}, "answer": {"yes"}}, http.StatusConflict},
		"nothing":                       {url.Values{}, http.StatusConflict},
		"something that is no question": {url.Values{"rule": {q.Rule}, "about": {"'; DROP"}, "answer": {"yes"}}, http.StatusConflict},
	} {
		if a := v.post(at+"/answers", bad.form); a.status != bad.status || b.answers() != 0 {
			t.Errorf("%s: %d, want %d; %d kept", name, a.status, bad.status, b.answers())
		}
	}
	for _, one := range card.Questions {
		if a := v.post(at+"/answers", reply(one, one.Right)); a.status != http.StatusSeeOther || a.to != at+"#questions" {
			t.Fatalf("answer: %d\n%s", a.status, a.body)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit WHERE action = 'rule.answered' AND person_id = $1 AND address IS NOT NULL`, b.reviewer.ID); n != b.answers() || n != len(card.Questions) {
		t.Errorf("%d lines about %d answers to %d questions", n, b.answers(), len(card.Questions))
	}
	if a := b.as("editor").get(fmt.Sprintf("/review/%d", card.Submission)); !strings.Contains(a.body, "&lt;b&gt;Looked&lt;/b&gt;") || !strings.Contains(a.body, "Pat &lt;b&gt;Partner") {
		t.Error("the team does not see who answered what")
	}
	if a := v.post(at+"/approve", nil); a.status != http.StatusSeeOther {
		t.Errorf("approve: %d\n%s", a.status, a.body)
	}
	if a := v.post(at+"/answers", reply(q, q.Right)); a.status != http.StatusConflict {
		t.Errorf("an answer by a link that was used: %d", a.status)
	}
}

func TestTheDatabaseTakesNoAnswerFromOutsideWithoutALinkAndACode(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	card, q := b.asked()
	about := q.AboutKey
	give := func() error {
		_, err := b.db.ExecContext(t.Context(), `INSERT INTO answers (rule, about, answer, person_id) VALUES ($1, $2, 'yes', $3)`, q.Rule, about[:], b.reviewer.ID)
		return err
	}
	refused := func(when string) {
		t.Helper()
		if err := give(); err == nil || !strings.Contains(err.Error(), "no open link") {
			t.Errorf("%s: %v", when, err)
		}
	}
	refused("without a link")
	at := b.made(card)
	refused("without a code")
	b.entered(at)
	b.must(give())
	about = [32]byte{1}
	refused("about what the draft does not ask")
	about = q.AboutKey
	b.exec(`UPDATE review_links SET revoked_at = clock_timestamp(), revoked_by = made_by`)
	refused("after it was taken back")
}

func TestSomebodyFromOutsideRemarksOnSinglePartsAndPictures(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	picture := b.card.Groups[0].Final.Parts[0].Pictures[0].SHA256
	at := b.made(b.card)
	v := b.entered(at)
	field := "remark-1-" + picture
	if a := v.get(at); !strings.Contains(a.body, `name="`+field+`"`) {
		t.Fatalf("no field for a remark on the picture\n%s", a.body)
	}
	a := v.post(at+"/changes", url.Values{field: {strings.Repeat("x", 4001)}, "comment": {"Gentler, please."}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "up to 4,000 characters") || !strings.Contains(a.body, "Gentler, please.") || b.verdicts() != 0 {
		t.Errorf("a remark that is too long: %d", a.status)
	}
	if a := v.post(at+"/changes", url.Values{field: {"The <i>heart</i> is cut off."}}); a.status != http.StatusSeeOther {
		t.Fatalf("changes: %d\n%s", a.status, a.body)
	}
	if a := b.as("editor").get(fmt.Sprintf("/review/%d", b.card.Submission)); !strings.Contains(a.body, "The &lt;i&gt;heart&lt;/i&gt; is cut off.") {
		t.Error("the team does not see the remark")
	}
}

func TestWhoAskedAndWhoWroteAreToldWhatWasSaidByLink(t *testing.T) {
	t.Parallel()
	for verdict, want := range map[string]string{"approve": "from outside, approved", "changes": "from outside, asks for changes to", "hold": "from outside, holds"} {
		t.Run(verdict, func(t *testing.T) {
			t.Parallel()
			b := newByLink(t)
			b.inTx(func(ctx ctx, tx *postgres.Tx) error { // another hand than the one that named the reviewer
				_, err := people.Add(ctx, tx, people.NewPerson{Email: "lead@example.org", Name: "Lead", Role: people.RoleSafeguarding, Languages: []string{"en"}, Password: password, Cost: cheap}, 0)
				return err
			})
			b.edit() // so that a person, and not the planner, wrote it
			again, err := review.Submit(t.Context(), b.db, checks(t), b.card.Post, b.person("editor"), today)
			b.must(err)
			card, err := review.Find(t.Context(), b.db, again.Submissions[0], b.person("admin"))
			b.must(err)
			if card.Language != "en" {
				card = b.cardIn("en")
			}
			b.answered(card)
			a := b.as("lead").post(fmt.Sprintf("/review/%d/links", card.Submission), url.Values{"reviewer": {fmt.Sprint(b.reviewer.ID)}, "hours": {"72"}})
			at := freshLink.FindStringSubmatch(a.body)
			if at == nil {
				t.Fatalf("no link: %d\n%s", a.status, a.body)
			}
			u, err := url.Parse(at[1])
			b.must(err)
			if a := b.entered(u.Path).post(u.Path+"/"+verdict, url.Values{"comment": {"x"}, "why": {"x"}}); a.status != http.StatusSeeOther {
				t.Fatalf("%s: %d\n%s", verdict, a.status, a.body)
			}
			for range 2 {
				_, err = remind.Look(t.Context(), b.db, today)
				b.must(err)
			}
			told := map[string]int{}
			for _, role := range []string{"admin", "lead", "editor", "manager", "reviewer", "safeguarding"} {
				list, err := notice.OpenFor(t.Context(), b.db, b.person(role).ID, 100)
				b.must(err)
				for _, n := range list {
					if strings.Contains(n.Say, want) && n.Kind == "submission" && n.SubjectID == fmt.Sprint(card.Submission) {
						told[role]++
					}
				}
			}
			if told["admin"] != 1 || told["lead"] != 1 || told["editor"] != 1 || len(told) != 3 {
				t.Errorf("told %v, want the admin who named the reviewer, the lead who made the link and the editor who wrote it", told)
			}
			_, err = matter.Spread(t.Context(), b.db)
			b.must(err)
			writer := &matter.Writer{DB: b.db, Keys: seal.Keys{b.keys[0]}, PublicURL: "https://daymark.example.org"}
			_, err = writer.Write(t.Context(), today)
			b.must(err)
			if n := b.count(`SELECT count(DISTINCT address) FROM outbox WHERE address IN ('admin@example.org', 'lead@example.org', 'editor@example.org')`); n != 3 {
				t.Errorf("%d of the three are written to", n)
			}
		})
	}
}

func TestTheDoorToOutsideReviewersIsForWhoMayNameThem(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for _, role := range people.Roles() {
		may := people.Person{Role: role}.May(people.OutsideName)
		if role == people.RoleChapter {
			continue // sees nothing without a label, and may not name anybody
		}
		if a := s.as(string(role)).get("/more"); strings.Contains(a.body, `href="/outside"`) != may {
			t.Errorf("as %s there is a door: %t", role, !may)
		}
	}
}
