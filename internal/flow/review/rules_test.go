package review_test

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/review"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/google/go-cmp/cmp"
)

// Rules that tests judge by.
var (
	rescued = lint.Rule{
		ID: "LANG-001", How: lint.Automatic, Severity: lint.Error, Message: "It makes the helper the hero.", Suggestion: "Write “supported”.",
		Patterns: []lint.Pattern{{Language: "en", Find: `\brescued\b`}},
		Bad:      []lint.Example{{Text: "They were rescued."}}, Good: []lint.Example{{Text: "They were supported."}},
	}
	shocking = lint.Rule{
		ID: "LANG-004", How: lint.Automatic, Severity: lint.Warning, Message: "It is loud.", Suggestion: "Say it calmly.",
		Patterns: []lint.Pattern{{Language: "en", Find: `\bshocking\b`}},
		Bad:      []lint.Example{{Text: "Shocking!"}}, Good: []lint.Example{{Text: "It is so."}},
	}
	stale = lint.Rule{
		ID: "STAT-003", How: lint.Automatic, Severity: lint.Error, Fixed: true, Message: "This figure is outdated.", Suggestion: "Take it out.",
		Patterns: []lint.Pattern{{Find: `\b21 million\b`}},
		Bad:      []lint.Example{{Text: "21 million people"}}, Good: []lint.Example{{Text: "many people"}},
	}
	child = lint.Rule{
		ID: "IMG-003", How: lint.Asked, Severity: lint.Error, Question: "Could anybody recognise a child?", About: lint.AboutPicture,
		When: "has_picture", Right: "no", Message: "The picture shows a child.", Suggestion: "Take another picture.",
	}
	consent = lint.Rule{
		ID: "SAFE-006", How: lint.Asked, Severity: lint.Error, Question: "Has the person quoted said yes?", About: lint.AboutWords,
		When: "is_sensitive", Right: "yes", Message: "Nobody said yes.", Suggestion: "Ask.",
	}
	stock = lint.Rule{
		ID: "IMG-006", How: lint.Asked, Severity: lint.Warning, Question: "Is it a photograph of a model?", About: lint.AboutPicture,
		When: "has_picture", Right: "no", Message: "Say that it is a model.", Suggestion: "Write “posed by models”.",
	}
	unchecked = lint.Rule{
		ID: "SAFE-002", How: lint.Automatic, Severity: lint.Error, Check: "helpline_unchecked",
		Message: "Nobody has checked the helpline lately.", Suggestion: "Call it, and write down what you heard.",
	}
)

// ruled is a desk that judges by rules.
func ruled(t *testing.T, rules ...lint.Rule) *desk {
	t.Helper()
	d := newDesk(t)
	d.checks = checksOf(t, rules...)
	return d
}

func (d *desk) judged(t tb, postID int64, language string) judge.Judged {
	t.Helper()
	p, err := book.FindPost(d.ctx, d.db, postID)
	if err != nil {
		t.Fatalf("%v", err)
	}
	j, err := judge.Post(d.ctx, d.db, d.checks.Rules, p, language, now)
	if err != nil {
		t.Fatalf("judge: %v", err)
	}
	return j
}

func (d *desk) waive(postID int64, key [32]byte, reason string, by people.Person) error {
	return d.db.InTx(d.ctx, func(tx *postgres.Tx) error {
		return judge.Waive(d.ctx, tx, d.checks.Rules, judge.Waiving{Post: postID, Language: "en", Key: key, Reason: reason}, by, now)
	})
}

func (d *desk) give(about answer.About, said string, by people.Person) (posts []int64, err error) {
	err = d.db.InTx(d.ctx, func(tx *postgres.Tx) (err error) {
		posts, err = answer.Give(d.ctx, tx, d.checks.Rules, about, said, "I looked.", by)
		return err
	})
	return posts, err
}

// answers gives the answer to every question of a card.
func (d *desk) answers(t tb, submission int64, said func(judge.Asked) string) {
	t.Helper()
	for _, q := range d.card(t, submission, d.ana).Questions {
		if _, err := d.give(q.Asks(), said(q), d.ana); err != nil {
			t.Fatalf("answer %s: %v", q.Rule, err)
		}
	}
}

func right(q judge.Asked) string { return q.Right }

// pictured makes a source with a picture whose bytes are given.
func (d *desk) pictured(t tb, bytes, text string) post.Source {
	t.Helper()
	d.inTx(t, func(tx *postgres.Tx) error {
		return book.AddBlob(d.ctx, tx, book.Blob{MIME: "image/png", Width: 1, Height: 1, Bytes: []byte(bytes)})
	})
	var sum string
	d.get(t, &sum, `SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')`, bytes)
	s := source("en: " + text)
	s.Parts[0].Pictures = []post.SourcePicture{{SHA256: sum, Alt: map[string]string{"en": "A blue heart."}}}
	return s
}

func TestAnErrorKeepsALanguageFromItsReviewersUntilSomebodyLetsItStand(t *testing.T) {
	t.Parallel()
	d := ruled(t, rescued, shocking)
	id := d.write(t, d.wren, source("en: They were rescued.", "fr: Elles sont libres."), d.accra, d.lima)
	out := d.submit(t, id)
	want := []string{"English waits: “rescued”: It makes the helper the hero. Write “supported”."}
	if diff := cmp.Diff(want, out.Waiting); diff != "" || len(out.Submissions) != 1 {
		t.Fatalf("submitted %v, waiting (-want +got):\n%s", out.Submissions, diff)
	}
	found := d.judged(t, id, "en").Findings
	if len(found) != 1 || found[0].Waiver != nil || found[0].Places != nil || found[0].Start != 10 {
		t.Fatalf("found %+v, want one finding at every place", found)
	}
	for _, tt := range []struct {
		name   string
		key    [32]byte
		reason string
		by     people.Person
		kind   fault.Kind
		words  string
	}{
		{"no reason", found[0].Key, "  Because   ", d.wren, fault.Invalid, "why it may stand"},
		{"a reviewer", found[0].Key, "It is a quotation of a law.", d.ana, fault.Forbidden, "role"},
		{"another finding", [32]byte{1}, "It is a quotation of a law.", d.wren, fault.Conflict, "changed since"},
	} {
		if err := d.waive(id, tt.key, tt.reason, tt.by); !fault.Is(err, tt.kind) || !strings.Contains(fault.Say(err), tt.words) {
			t.Errorf("%s: %v, want %s with %q", tt.name, err, tt.kind, tt.words)
		}
	}
	if err := d.waive(id, found[0].Key, "It is a quotation of a law.", d.wren); err != nil {
		t.Fatal(err)
	}
	if err := d.waive(id, found[0].Key, "It is a quotation of a law.", d.boss); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "Wren Writer has let this stand") {
		t.Errorf("waived twice: %v", err)
	}
	if rows, err := audit.List(d.ctx, d.db, audit.Filter{Action: "finding.waived"}); err != nil || len(rows) != 1 || rows[0].Detail["reason"] != "It is a quotation of a law." {
		t.Errorf("the log has %+v, %v", rows, err)
	}
	out = d.submit(t, id)
	if len(out.Waiting) != 0 || len(out.Submissions) != 2 {
		t.Fatalf("after the waiver: %+v", out)
	}
	card := d.card(t, out.Submissions[0], d.ana)
	if len(card.Findings) != 1 || card.Findings[0].Waiver == nil || card.Findings[0].Waiver.Person != "Wren Writer" ||
		card.Findings[0].Waiver.Reason != "It is a quotation of a law." || card.Findings[0].Quote != "rescued" {
		t.Errorf("reviewers are shown %+v", card.Findings)
	}
	if diff := cmp.Diff(out, d.submit(t, id)); diff != "" {
		t.Errorf("submitted again (-first +second):\n%s", diff)
	}

	d.edit(t, id, d.wren, source("en: They were all rescued.", "fr: Elles sont libres."))
	if out := d.submit(t, id); len(out.Waiting) != 1 || len(out.Submissions) != 1 {
		t.Errorf("the words changed and the waiver holds still: %+v", out)
	}
	d.edit(t, id, d.wren, source("en: They were rescued.", "fr: Elles sont toutes libres."))
	if out := d.submit(t, id); len(out.Waiting) != 0 || len(out.Submissions) != 2 {
		t.Errorf("the words that were waived wait again, though only the French text changed: %+v", out)
	}
}

func TestWhatHasToBeMendedIsNotWaived(t *testing.T) {
	t.Parallel()
	d := ruled(t, stale)
	id := d.write(t, d.wren, source("en: 21 million people"), d.accra)
	found := d.judged(t, id, "en").Findings
	if len(found) != 1 {
		t.Fatalf("found %+v", found)
	}
	if err := d.waive(id, found[0].Key, "The figure is well known.", d.boss); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "has to be mended") {
		t.Errorf("it was waived: %v", err)
	}
	if out := d.submit(t, id); len(out.Submissions) != 0 {
		t.Errorf("it was submitted: %+v", out)
	}
}

func TestAWaiverOfAWarningMakesANewCardAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	d := ruled(t, shocking)
	id := d.write(t, d.wren, source("en: A shocking truth"), d.accra)
	first := d.submitOne(t, id)
	if card := d.card(t, first, d.ana); len(card.Findings) != 1 || card.Findings[0].Severity != lint.Warning {
		t.Fatalf("reviewers are shown %+v", card.Findings)
	}
	if again := d.submitOne(t, id); again != first {
		t.Errorf("the same words have a new card")
	}
	if err := d.waive(id, d.judged(t, id, "en").Findings[0].Key, "The survivors asked for it.", d.wren); err != nil {
		t.Fatal(err)
	}
	second := d.submitOne(t, id)
	if second == first {
		t.Fatalf("reviewers are not shown that a finding was let stand")
	}
	d.refused(t, first, d.ana, review.Approve, "", fault.Conflict, "changed since")
	if out := d.say(t, second, d.ana, review.Approve); out.Scheduled != 1 {
		t.Errorf("approved: %+v", out)
	}
}

func TestOpenQuestionsKeepAPostFromBeingApproved(t *testing.T) {
	t.Parallel()
	d := ruled(t, child, stock)
	id := d.write(t, d.wren, d.pictured(t, "one", "Remember"), d.accra)
	submission := d.submitOne(t, id)
	card := d.card(t, submission, d.ana)
	if len(card.Questions) != 2 || !card.MayApprove || !strings.Contains(card.Blocked, "IMG-003") || strings.Contains(card.Blocked, "IMG-006") {
		t.Fatalf("the card asks %+v, blocked: %q", card.Questions, card.Blocked)
	}
	d.refused(t, submission, d.ana, review.Approve, "", fault.Conflict, "IMG-003, “Could anybody recognise a child?”")
	about := card.Questions[0].Asks()
	for _, tt := range []struct {
		name  string
		about answer.About
		said  string
		by    people.Person
		kind  fault.Kind
	}{
		{"a manager", about, "no", d.manager, fault.Forbidden},
		{"neither yes nor no", about, "maybe", d.ana, fault.Invalid},
		{"a rule that asks nothing", answer.About{Rule: "LANG-001", Hash: about.Hash}, "no", d.ana, fault.NotFound},
		{"a picture that is not there", answer.About{Rule: "IMG-003", Hash: [32]byte{9}}, "no", d.ana, fault.NotFound},
	} {
		if _, err := d.give(tt.about, tt.said, tt.by); !fault.Is(err, tt.kind) {
			t.Errorf("%s answers: %v, want %s", tt.name, err, tt.kind)
		}
	}
	if _, err := d.give(about, "no", d.omar); err != nil {
		t.Fatal(err)
	}
	card = d.card(t, submission, d.ana)
	if a := card.Questions[0].Answer; a == nil || a.Person != "Omar Approver" || a.Answer != "no" || card.Questions[0].Open || card.Blocked != "" {
		t.Fatalf("after the answer the card has %+v, blocked: %q", card.Questions, card.Blocked)
	}
	if out := d.say(t, submission, d.ana, review.Approve); out.Scheduled != 1 {
		t.Errorf("approved: %+v", out)
	}
	if rows, err := audit.List(d.ctx, d.db, audit.Filter{Action: "rule.answered"}); err != nil || len(rows) != 1 || rows[0].PersonName != "Omar Approver" {
		t.Errorf("the log has %+v, %v", rows, err)
	}
}

func TestAnAnswerAboutAPictureHoldsForEveryPostThatShowsItAndOneAboutWordsUntilTheyChange(t *testing.T) {
	t.Parallel()
	d := ruled(t, child, consent)
	write := func(bytes, text string) (int64, post.Source) {
		s := d.pictured(t, bytes, text)
		s.Sensitive, s.ContentNote = true, map[string]string{"en": "Violence"}
		return d.write(t, d.wren, s, d.accra), s
	}
	open := func(id int64) string {
		var rules []string
		for _, q := range d.judged(t, id, "en").Questions {
			if q.Open {
				rules = append(rules, q.Rule)
			}
		}
		return strings.Join(rules, " ")
	}
	first, s := write("one", "“I left.”")
	d.answers(t, d.submitOne(t, first), right)
	if got := open(first); got != "" {
		t.Errorf("open after every answer: %s", got)
	}
	second, _ := write("one", "Other words")
	third, _ := write("two", "“I left.”")
	if got := open(second) + ", " + open(third); got != "SAFE-006, IMG-003 SAFE-006" {
		t.Errorf("open for the same picture with other words, and for another picture with the same words: %s", got)
	}
	s.Parts[0].Texts = map[string]string{"en": "“I left!”"}
	d.edit(t, first, d.wren, s)
	if got := open(first); got != "SAFE-006" {
		t.Errorf("open after an edit: %s", got)
	}
}

func TestAWrongAnswerStopsAPostAndTakesBackWhatWasApproved(t *testing.T) {
	t.Parallel()
	d := ruled(t, child)
	id := d.write(t, d.wren, d.pictured(t, "one", "Remember"), d.accra)
	waits := d.write(t, d.wren, d.pictured(t, "one", "Remember them"), d.lima)
	other := d.write(t, d.wren, d.pictured(t, "two", "Remember us"), d.lima)
	d.answers(t, d.submitOne(t, id), right)
	d.say(t, d.submitOne(t, id), d.ana, review.Approve)
	d.answers(t, d.submitOne(t, other), right)
	d.say(t, d.submitOne(t, other), d.ana, review.Approve)
	question := d.judged(t, id, "en").Questions[0].Asks()
	posts, err := d.give(question, "yes", d.omar)
	if diff := cmp.Diff([]int64{id}, posts); diff != "" || err != nil {
		t.Fatalf("%v; taken back (-want +got):\n%s", err, diff)
	}
	entries, err := book.Entries(d.ctx, d.db, book.EntryFilter{Post: id})
	if err != nil || entries[0].State != post.Held || !strings.Contains(entries[0].Problem, "Omar Approver") {
		t.Errorf("the post is %+v, %v", entries, err)
	}
	if got := d.standing(t, other); got != "scheduled" {
		t.Errorf("a post with another picture is %s", got)
	}
	for _, p := range []int64{id, waits} {
		if out := d.submit(t, p); len(out.Submissions) != 0 || len(out.Waiting) != 1 || !strings.HasSuffix(out.Waiting[0], "The picture shows a child. Take another picture.") {
			t.Errorf("submitted %+v", out)
		}
	}
	found := d.judged(t, id, "en").Findings
	if len(found) != 1 || !found[0].Fixed {
		t.Fatalf("found %+v", found)
	}
	if err := d.waive(id, found[0].Key, "Nobody will notice the child.", d.boss); !fault.Is(err, fault.Conflict) {
		t.Errorf("a wrong answer was waived: %v", err)
	}
	if _, err := d.give(question, "no", d.ana); err != nil {
		t.Fatal(err)
	}
	if got := d.say(t, d.submitOne(t, id), d.ana, review.Approve); got.Scheduled != 1 {
		t.Errorf("answered anew: %+v", got)
	}
}

// An answer that changes while somebody approves is seen by one of the two: nothing stays scheduled with a wrong answer.
func TestAWrongAnswerAndAnApprovalAtOnceLeaveNothingScheduled(t *testing.T) {
	t.Parallel()
	d := ruled(t, child)
	for i := range 8 {
		id := d.write(t, d.wren, d.pictured(t, "picture "+string(rune('a'+i)), "Remember"), d.accra)
		submission := d.submitOne(t, id)
		d.answers(t, submission, right)
		question := d.card(t, submission, d.ana).Questions[0].Asks()
		done := make(chan error, 2)
		go func() {
			_, err := review.Say(d.ctx, d.db, submission, d.ana, review.Approve, "", now)
			done <- err
		}()
		go func() {
			_, err := d.give(question, "yes", d.omar)
			done <- err
		}()
		for range 2 {
			if err := <-done; err != nil && !fault.Is(err, fault.Conflict) {
				t.Fatal(err)
			}
		}
		if got := d.standing(t, id); !strings.HasPrefix(got, "held") {
			t.Errorf("it is %s", got)
		}
	}
}

func TestReviewersAreShownWhatTheyKnowAlready(t *testing.T) {
	t.Parallel()
	d := ruled(t)
	id := d.write(t, d.wren, source("en: One", "fr: Un"), d.accra, d.lima)
	first := d.submit(t, id).Submissions
	if card := d.card(t, first[0], d.ana); card.Earlier != 0 || card.Groups[0].Previous != "" {
		t.Errorf("the first card is compared with %d, %q", card.Earlier, card.Groups[0].Previous)
	}
	d.say(t, first[0], d.ana, review.Approve)
	d.edit(t, id, d.wren, source("en: Two", "fr: Deux"))
	second := d.submit(t, id).Submissions
	d.edit(t, id, d.wren, source("en: Three", "fr: Trois"))
	third := d.submit(t, id).Submissions
	for i, want := range []struct{ previous, words string }{{"One", "Three"}, {"Deux", "Trois"}} {
		card := d.card(t, third[i], d.ana)
		if got := card.Groups[0]; got.Previous != want.previous || got.Words() != want.words {
			t.Errorf("%q is compared with %q, want %q (approved before, else submitted before)", got.Words(), got.Previous, want.previous)
		}
	}
	if card := d.card(t, second[1], d.ana); card.Groups[0].Previous != "Un" {
		t.Errorf("an older card is compared with %q", card.Groups[0].Previous)
	}
}

func TestAnEditionIsJudgedAsItsPostsAre(t *testing.T) {
	t.Parallel()
	d := ruled(t, rescued, shocking, child)
	with := d.write(t, d.wren, d.pictured(t, "one", "They were rescued."), d.accra, d.lima)
	source2 := source("en: Shocking. Shocking!", "fr: Rien")
	source2.Variants = []post.Variant{{Part: 1, Language: "en", Network: "bluesky", Text: "All is well."}}
	id := d.write(t, d.wren, source2, d.accra)
	without := d.write(t, d.wren, source("en: {{theme}}, rescued"))
	if err := d.waive(with, d.judged(t, with, "en").Findings[0].Key, "It is a quotation of a law.", d.wren); err != nil {
		t.Fatal(err)
	}
	all, err := judge.Edition(d.ctx, d.db, d.checks.Rules, d.Edition, now)
	if err != nil || len(all.Posts) != 3 {
		t.Fatalf("%d posts, %v", len(all.Posts), err)
	}
	for i, post := range []int64{with, id, without} {
		of := all.Posts[i]
		if of.Post.ID != post {
			t.Fatalf("post %d is %d, want %d", i, of.Post.ID, post)
		}
		for _, j := range of.Languages {
			if diff := cmp.Diff(d.judged(t, post, j.Language), j); diff != "" {
				t.Errorf("post %d in %s alone (-) and in its edition (+):\n%s", i, j.Language, diff)
			}
		}
	}
	if n := len(all.Posts[1].Languages[0].Findings); n != 2 {
		t.Errorf("a word that is there twice is found %d times", n)
	}
	if len(all.Posts[1].Languages) != 2 || len(all.Posts[2].Languages[0].Findings) != 1 {
		t.Errorf("judged %+v", all.Posts)
	}
}

func TestTheDatabaseRefusesWhatReviewersMayNotSee(t *testing.T) {
	t.Parallel()
	d := ruled(t, child)
	id := d.write(t, d.wren, d.pictured(t, "one", "Remember"), d.accra)
	submission := d.submitOne(t, id)
	question := d.card(t, submission, d.ana).Questions[0]
	approve := `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, 'reviewer', 'approve')`
	for _, tt := range []struct{ name, query, want string }{
		{"an error that nobody has waived", `INSERT INTO submission_findings (submission_id, no, rule, severity, body) VALUES ($1, 1, 'LANG-001', 'error', '{}')`, "errors_are_waived"},
		{"an error with a waiver that is not there", `INSERT INTO submission_findings (submission_id, no, rule, severity, body, waiver_id) VALUES ($1, 1, 'LANG-001', 'error', '{}', 99)`, "submission_findings_waiver_id_fkey"},
		{"a finding that is taken away", `DELETE FROM submission_findings WHERE submission_id = $1`, ""},
		{"a question that is taken away", `DELETE FROM submission_questions WHERE submission_id = $1`, ""},
		{"a question that wants less", `UPDATE submission_questions SET severity = 'note' WHERE submission_id = $1`, ""},
		{"an answer that is taken back", `DELETE FROM answers WHERE id = $1`, ""},
		{"an answer that is turned round", `UPDATE answers SET answer = 'yes' WHERE id = $1`, ""},
		{"a waiver without a reason", `INSERT INTO waivers (post_id, language, rule, finding, quote, reason, person_id) VALUES ($1, 'en', 'LANG-001', sha256(''), '', 'short    ', 1)`, "waivers_reason_check"},
		{"a waiver that gets another reason", `UPDATE waivers SET reason = 'another reason' WHERE id = $1`, ""},
		{"a helpline that a release does not show any more", `DELETE FROM release_helplines WHERE release_id = $1`, ""},
	} {
		_, err := d.db.ExecContext(d.ctx, tt.query, submission)
		if got := postgres.Constraint(err); err == nil || got != tt.want {
			t.Errorf("%s: %v, refused by %q, want %q", tt.name, err, got, tt.want)
		}
	}
	if _, err := d.db.ExecContext(d.ctx, approve, submission, d.ana.ID); err != nil {
		t.Fatal(err)
	}
	clear := `INSERT INTO clearances (submission_id) VALUES ($1)`
	if _, err := d.db.ExecContext(d.ctx, clear, submission); postgres.Constraint(err) != "answered" {
		t.Errorf("cleared with an open question: %v", err)
	}
	for _, query := range []string{
		`INSERT INTO submission_findings (submission_id, no, rule, severity, body) VALUES ($1, 1, 'LANG-004', 'note', '{}')`,
		`INSERT INTO submission_questions (submission_id, rule, about, severity, wants, body) VALUES ($1, 'A', sha256(''), 'note', 'yes', '{}')`,
	} {
		if _, err := d.db.ExecContext(d.ctx, query, submission); postgres.Constraint(err) != "sealed" {
			t.Errorf("shown after the first verdict: %v", err)
		}
	}
	for _, said := range []string{"no", "yes"} {
		if _, err := d.give(question.Asks(), said, d.omar); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.db.ExecContext(d.ctx, clear, submission); postgres.Constraint(err) != "answered" {
		t.Errorf("cleared with a wrong answer that followed a right one: %v", err)
	}
	if _, err := d.give(question.Asks(), "no", d.omar); err != nil {
		t.Fatal(err)
	}
	if _, err := d.db.ExecContext(d.ctx, clear, submission); err != nil {
		t.Errorf("not cleared after a right answer: %v", err)
	}
}
