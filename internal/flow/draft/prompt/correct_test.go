package prompt_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/postgres"
)

func sorted(list []string) string {
	slices.Sort(list)
	return strings.Join(list, " ")
}

// out makes a post that is out in London and, if asked, in Bogotá.
func (s *scene) out(message string, both bool) (id int64, deliveries []int64) {
	s.t.Helper()
	id = s.Post(message)
	channels := []int64{s.london}
	if both {
		channels = append(channels, s.bogota)
	}
	for _, channel := range channels {
		d := s.Deliver(booktest.Delivery{Post: id, Channel: channel})
		s.Publish(d, booktest.Due)
		deliveries = append(deliveries, d)
	}
	return id, deliveries
}

func (s *scene) draft(id int64) (prompt.Correction, []prompt.Copy) {
	s.t.Helper()
	copies, err := prompt.Copies(s.t.Context(), s.db, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return prompt.Correction{Writing: prompt.Draft(s.post(id), copies), Kind: prompt.Reply, Reason: "The number was of last year."}, copies
}

func (s *scene) correct(of int64, c prompt.Correction) (id int64, err error) {
	s.t.Helper()
	err = s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		id, err = prompt.Correct(s.t.Context(), tx, of, c, s.wren, s.now)
		return err
	})
	return id, err
}

func TestACorrectionAnswersEachLiveCopy(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	of, old := s.out("blue-heart", true)
	c, _ := s.draft(of)
	if c.Texts["en"] != "Correction: Text of blue-heart" || len(c.Places) != 2 {
		t.Fatalf("it begins as %+v", c.Writing)
	}
	id, err := s.correct(of, c)
	if err != nil {
		t.Fatal(err)
	}
	p := s.post(id)
	if p.Edition != s.Edition || p.Message != "Correction of blue heart" || len(p.Entries) != 2 {
		t.Fatalf("it is %+v", p)
	}
	for i, e := range p.Entries {
		if e.Answers != old[i] || e.AnswersPost != of || !e.Prompt {
			t.Errorf("place %d answers %+v", i, e)
		}
	}
	card := s.submit(id, 1)
	releases, err := book.ReleasesOf(t.Context(), s.db, card...)
	if err != nil || len(releases) != 2 || !releases[0].Final.SameWords(releases[1].Final) {
		t.Fatalf("reviewers see %+v, %v", releases, err)
	}
	for _, r := range releases {
		if a := r.Final.Answers; a == nil || a.Post != of || !slices.Contains(old, a.Delivery) || !strings.HasPrefix(a.URL, "http://127.0.0.1:1/@charity/remote-") || !r.Final.Prompt {
			t.Errorf("a release answers %+v", a)
		}
	}
	s.approve(card...)
	if got := s.stands(id); got != "scheduled, scheduled" {
		t.Errorf("it is %s", got)
	}
	up, err := prompt.Corrects(t.Context(), s.db, id)
	if err != nil || len(up) != 1 || up[0].Post != of || up[0].Reason != c.Reason || up[0].Person != "Wren Writer" {
		t.Errorf("it corrects %+v, %v", up, err)
	}
	again, err := s.correct(of, c)
	if err != nil || s.post(again).Message != "Correction of blue heart 2" {
		t.Errorf("a second one: %v", err)
	}
	down, err := prompt.CorrectedBy(t.Context(), s.db, of)
	if err != nil || len(down) != 2 || down[0].Post != id || down[1].Post != again {
		t.Errorf("it is corrected by %+v, %v", down, err)
	}
	var logged int
	s.get(&logged, `SELECT count(*) FROM audit WHERE action IN ('post.corrects', 'post.corrected') AND person_id = $1`, s.Author)
	if logged != 4 {
		t.Errorf("the log has %d lines", logged)
	}
}

func TestWhatWasTakenDownIsCorrectedByAPostOfItsOwnOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	of, old := s.out("blue-heart", false)
	s.TakeDown(old[0], s.now)
	c, copies := s.draft(of)
	if len(copies) != 1 || copies[0].Live || len(c.Places) != 1 {
		t.Fatalf("copies %+v, places %+v", copies, c.Places)
	}
	if _, err := s.correct(of, c); !fault.Is(err, fault.Invalid) {
		t.Errorf("a reply to what is gone: %v", err)
	}
	c.Kind = prompt.Post
	id, err := s.correct(of, c)
	if err != nil || s.post(id).Entries[0].Answers != 0 {
		t.Errorf("a post of its own: %v", err)
	}
	for name, change := range map[string]func(c *prompt.Correction){
		"no reason":        func(c *prompt.Correction) { c.Reason = " short " },
		"a hidden reason":  func(c *prompt.Correction) { c.Reason = "a number\u202e of last year" },
		"another kind":     func(c *prompt.Correction) { c.Kind = "thread" },
		"nothing to say":   func(c *prompt.Correction) { c.Texts = nil },
		"a reply nowhere":  func(c *prompt.Correction) { c.Kind = prompt.Reply; c.Places[0].Channel = s.bogota },
		"an endless story": func(c *prompt.Correction) { c.Reason = strings.Repeat("x", 501) },
	} {
		bad, _ := s.draft(of)
		bad.Kind = prompt.Post
		change(&bad)
		if _, err := s.correct(of, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	never := s.Post("never out")
	if _, err := s.correct(never, c); !fault.Is(err, fault.Conflict) {
		t.Errorf("nothing was out: %v", err)
	}
	c.Kind = prompt.Post
	if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		_, err := prompt.Correct(t.Context(), tx, of, c, s.ana, s.now)
		return err
	}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer corrects: %v", err)
	}
}

func TestAReplyToWhatWasRemovedMeanwhileBecomesAPostOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	of, old := s.out("blue-heart", false)
	c, _ := s.draft(of)
	id, err := s.correct(of, c)
	if err != nil {
		t.Fatal(err)
	}
	s.approve(s.submit(id, 1)...)
	s.TakeDown(old[0], s.now)
	// The dispatcher holds it for a decision then.
	s.exec(`UPDATE deliveries SET state = 'held', hold = 'decision', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE post_id = $1`, id)
	s.hurry(id, 1)
	e := s.post(id).Entries[0]
	if e.Answers != 0 || e.State != post.Held || e.Hold != post.ForApproval {
		t.Fatalf("it is %+v", e)
	}
	s.approve(s.submit(id, 1)...)
	if got := s.stands(id); got != "scheduled" {
		t.Errorf("it is %s", got)
	}
	// What waits for a person's word about whether it is out is left alone.
	lost := s.Deliver(booktest.Delivery{Post: id, Channel: s.bogota, Due: s.now.Add(-time.Minute)})
	s.exec(`UPDATE deliveries SET hold = 'decision' WHERE id = $1`, lost)
	if n, err := prompt.Waiting(t.Context(), s.db, id); err != nil || n != 1 {
		t.Errorf("%d wait, %v", n, err)
	}
}

func TestALanguageWithoutAKnownLeadBeginsWithItsWords(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"en": "Correction:", "fr": "Rectificatif\u00a0:", "es": "Corrección:", "ar": "تصحيح:", "pt": ""} {
		if got := prompt.Lead(language); got != want {
			t.Errorf("%s: %q", language, got)
		}
	}
}
