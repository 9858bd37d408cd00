package web

import (
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/lint"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/review"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// hostile is what somebody might type to break a page.
const hostile = `because <script>alert(1)</script> "so" & so`

// judgedPost writes a post's English text and returns what the rules say of it.
func (s *site) judgedPost(p book.Post, text string) judge.Judged {
	s.t.Helper()
	s.rewrite(p, text)
	p, err := book.FindPost(s.t.Context(), s.db, p.ID)
	s.must(err)
	j, err := judge.Post(s.t.Context(), s.db, checks(s.t).Rules, p, "en", today)
	s.must(err)
	return j
}

// errorOf returns the finding of a rule.
func errorOf(t *testing.T, j judge.Judged, rule string) judge.Found {
	t.Helper()
	for _, f := range j.Findings {
		if f.Rule == rule {
			return f
		}
	}
	t.Fatalf("%s found nothing: %+v", rule, j.Findings)
	return judge.Found{}
}

// card returns the newest card of a post in a language.
func (s *site) card(post int64, language string) review.Card {
	s.t.Helper()
	for _, c := range s.submittedCards() {
		if c.Post == post && c.Language == language {
			return c
		}
	}
	s.t.Fatalf("no card of post %d in %s", post, language)
	return review.Card{}
}

func TestAnErrorIsMendedOrWaivedForAReason(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	found := errorOf(t, s.judgedPost(p, "We end child prostitution. {{link}}"), "LANG-002")
	at := fmt.Sprintf("/posts/%d", p.ID)
	ed := s.as("editor")
	shown := ed.get(at)
	for _, want := range []string{`<mark class="mark-error">child prostitution</mark>`, `id="lang-en-errors"`, "1 error keeps English from being sent", `name="reason"`, "ecpat.org</a>"} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the post lacks %q", want)
		}
	}
	if a := s.as("manager").get(at); strings.Contains(a.body, `name="reason"`) || !strings.Contains(a.body, "A child cannot consent") {
		t.Error("a manager may let an error stand, or does not see it")
	}
	form := url.Values{"language": {"en"}, "finding": {hex.EncodeToString(found.Key[:])}, "reason": {"so<b>"}}
	if a := ed.post(at+"/waivers", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="problems"`) ||
		!strings.Contains(a.body, `aria-invalid="true"`) || !strings.Contains(a.body, ">so&lt;b&gt;</textarea>") || strings.Contains(a.body, "so<b>") {
		t.Errorf("a reason that says nothing: %d", a.status)
	}
	form.Set("reason", hostile)
	if a := ed.post(at+"/waivers", form); a.status != http.StatusSeeOther || a.to != at+"#lang-en" {
		t.Fatalf("waive: %d to %q\n%s", a.status, a.to, a.body)
	}
	kept := ed.get(at)
	if strings.Contains(kept.body, "<script>alert") || !strings.Contains(html.UnescapeString(kept.body), hostile) || strings.Contains(kept.body, `id="lang-en-errors"`) {
		t.Error("the reason is not shown as typed, or the error still keeps the post back")
	}
	if !strings.Contains(kept.body, "let a finding in the English text stand.") {
		t.Error("the history does not say who let it stand")
	}
	if a := ed.post(at+"/waivers", form); a.status != http.StatusConflict {
		t.Errorf("the same again: %d", a.status)
	}
	for _, bad := range []url.Values{
		{"language": {"en"}, "finding": {"zz"}, "reason": {hostile}},
		{"language": {"xx"}, "finding": {strings.Repeat("00", 32)}, "reason": {hostile}},
	} {
		if a := ed.post(at+"/waivers", bad); a.status != http.StatusConflict && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	if a := ed.get(at[:len("/posts/")] + "999999"); a.status != http.StatusNotFound {
		t.Errorf("no such post: %d", a.status)
	}
	ed.post(at+"/submit", nil)
	card := fmt.Sprintf("/review/%d", s.card(p.ID, "en").Submission)
	a := s.as("reviewer").get(card)
	if strings.Contains(a.body, "<script>alert") || !strings.Contains(html.UnescapeString(a.body), hostile) || !strings.Contains(a.body, "Ada editor lets it stand:") {
		t.Error("the reviewer is not shown the reason, or it broke out")
	}
}

func TestACardIsApprovedAfterItsQuestionsAreAnswered(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	_, err := review.Submit(t.Context(), s.db, checks(t), p.ID, s.person("editor"), today)
	s.must(err)
	card := s.card(p.ID, "en")
	at := fmt.Sprintf("/review/%d", card.Submission)
	reviewer := s.as("reviewer")
	if a := reviewer.get(at); !strings.Contains(a.body, `id="blocked"`) || strings.Contains(a.body, `id="approve"`) {
		t.Fatal("an open question does not keep the card from being approved")
	}
	if a := reviewer.get("/review"); !strings.Contains(a.body, "to answer</span>") {
		t.Error("the queue does not say that there are questions")
	}
	asks := func(q judge.Asked, answer, comment string) url.Values {
		return url.Values{"rule": {q.Rule}, "about": {hex.EncodeToString(q.AboutKey[:])}, "answer": {answer}, "comment": {comment}}
	}
	first := card.Questions[0]
	for name, bad := range map[string]struct {
		form url.Values
		want int
	}{
		"no answer":             {asks(first, "", ""), http.StatusUnprocessableEntity},
		"maybe":                 {asks(first, "maybe", "kept?"), http.StatusUnprocessableEntity},
		"a comment of a book":   {asks(first, "no", strings.Repeat("a", 2001)), http.StatusUnprocessableEntity},
		"no rule":               {url.Values{"about": {strings.Repeat("00", 32)}, "answer": {"no"}}, http.StatusConflict},
		"about what is no hash": {url.Values{"rule": {first.Rule}, "about": {"../x"}, "answer": {"no"}}, http.StatusConflict},
		"about another picture": {url.Values{"rule": {first.Rule}, "about": {strings.Repeat("00", 32)}, "answer": {"no"}}, http.StatusConflict},
	} {
		if a := reviewer.post(at+"/answers", bad.form); a.status != bad.want {
			t.Errorf("%s: %d, want %d", name, a.status, bad.want)
		}
	}
	wrong := map[string]string{"yes": "no", "no": "yes"}
	reviewer.post(at+"/answers", asks(first, wrong[first.Right], hostile))
	a := reviewer.get(at)
	if strings.Contains(a.body, "<script>alert") || !strings.Contains(html.UnescapeString(a.body), hostile) || !strings.Contains(a.body, "Answer again") || !strings.Contains(a.body, `id="blocked"`) {
		t.Error("a wrong answer is not shown with its comment, or blocks nothing")
	}
	for _, q := range card.Questions {
		if a := reviewer.post(at+"/answers", asks(q, q.Right, "")); a.status != http.StatusSeeOther || a.to != at+"#questions" {
			t.Fatalf("%s: %d to %q", q.Rule, a.status, a.to)
		}
	}
	a = reviewer.get(at)
	if !strings.Contains(a.body, `id="approve"`) || strings.Contains(a.body, `id="blocked"`) || !strings.Contains(a.body, "Ada reviewer answered") {
		t.Error("the card cannot be approved although everything is answered")
	}
	if a := reviewer.post(at+"/approve", nil); a.status != http.StatusSeeOther {
		t.Errorf("approve: %d", a.status)
	}
	var picture *judge.Asked
	for i, q := range card.Questions {
		if q.About == lint.AboutPicture && q.Severity == lint.Error && picture == nil {
			picture = &card.Questions[i]
		}
	}
	if picture == nil {
		t.Fatal("nothing is asked about a picture")
	}
	reviewer.post(at+"/answers", asks(*picture, wrong[picture.Right], ""))
	if a := reviewer.get(at); !strings.Contains(a.body, "approved post shows the same and is held again") {
		t.Error("nobody is told that an approved post is held again")
	}
}

func TestQuestionsAreAnsweredOnThePostAsWell(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	ed := s.as("editor")
	at := fmt.Sprintf("/posts/%d", p.ID)
	asked := regexp.MustCompile(`name="rule" value="([A-Z0-9-]+)"><input type="hidden" name="about" value="([0-9a-f]{64})"`).FindStringSubmatch(ed.get(at).body)
	if asked == nil {
		t.Fatal("the post asks nothing")
	}
	form := url.Values{"rule": {asked[1]}, "about": {asked[2]}, "answer": {"no"}, "comment": {hostile}}
	if !s.person("editor").May(people.RuleAnswer) {
		t.Fatal("an editor may not answer")
	}
	if a := ed.post(at+"/answers", form); a.status != http.StatusSeeOther || a.to != at {
		t.Fatalf("answer: %d to %q", a.status, a.to)
	}
	if a := ed.get(at); strings.Contains(a.body, "<script>alert") || !strings.Contains(a.body, "Ada editor answered No.") {
		t.Error("the answer is not shown")
	}
	form.Set("comment", strings.Repeat("a", 2001))
	if a := ed.post(at+"/answers", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `-problem"`) {
		t.Errorf("a comment of a book: %d", a.status)
	}
}

func TestACardShowsWhatChangedSinceReviewersSawIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	submit := func() {
		t.Helper()
		_, err := review.Submit(t.Context(), s.db, checks(t), p.ID, s.person("editor"), today)
		s.must(err)
	}
	s.judgedPost(p, "We support all who are in need. {{link}}")
	submit()
	p, err := book.FindPost(t.Context(), s.db, p.ID)
	s.must(err)
	s.judgedPost(p, "We support people who are in need. {{link}}")
	submit()
	a := s.as("reviewer").get(fmt.Sprintf("/review/%d", s.card(p.ID, "en").Submission))
	for _, want := range []string{`<del><span class="hidden" lang="en">taken out: </span>all</del>`, `<ins><span class="hidden" lang="en">put in: </span>people</ins>`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	if a := s.as("reviewer").get(fmt.Sprintf("/review/%d", s.card(p.ID, "ar").Submission)); !strings.Contains(a.body, "the same as reviewers saw before") {
		t.Error("the card of unchanged words does not say so")
	}
}

func TestAPlanCountsWhatTheRulesFoundAndNamesWhatHasToBeChecked(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	shipped, err := campaign.ShippedFacts()
	s.must(err)
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		_, err := fact.LoadFile(ctx, tx, slices.Collect(maps.Values(shipped)), s.person("admin"), today)
		return err
	})
	p := s.first(edition)
	j := s.judgedPost(p, "We end child prostitution. {{link}}")
	at := fmt.Sprintf("/editions/%d", edition)
	ed := s.as("editor")
	a := ed.get(at)
	text := html.UnescapeString(a.body)
	for _, want := range []string{`id="found"`, "The rules found", "child prostitution", "To be checked", `href="/facts/F02"`, fmt.Sprintf(`href="/posts/%d"`, p.ID)} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
	f := errorOf(t, j, "LANG-002")
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		return judge.Waive(ctx, tx, checks(t).Rules, judge.Waiving{Post: p.ID, Language: "en", Key: f.Key, Reason: hostile}, s.person("editor"), today)
	})
	a = ed.get(at)
	if strings.Contains(a.body, "<script>alert") || !strings.Contains(a.body, "Ada editor lets it stand") {
		t.Error("the plan does not say who lets the error stand, or the reason broke out")
	}
}
