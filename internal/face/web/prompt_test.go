package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// urgent is the form of a post that cannot wait, for the first channel of a plan.
func urgent(do string) url.Values {
	return url.Values{
		"name": {"Missing child"}, "text-en": {"A child is missing.\r\nCall the police: {{org}}"}, "channel": {"1"}, "window": {"360"}, "do": {do},
	}
}

func TestAnEditorAsksForAnApprovalNowAndAReviewerGivesIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	if a := v.get("/"); !strings.Contains(a.body, `href="/compose"`) {
		t.Error("Home does not offer to write a post")
	}
	a := v.get("/compose")
	for _, want := range []string{`id="text-en"`, `id="text-ar"`, `dir="rtl"`, `id="channel-1"`, `name="picture"`, `<option value="360" selected>`, "6 hours from now"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	bad := urgent("send")
	bad.Set("text-en", " ")
	bad.Del("channel")
	if a := v.post("/compose", bad); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="text-en-problem"`) || !strings.Contains(a.body, `value="Missing child"`) {
		t.Errorf("without a text: %d\n%s", a.status, a.body)
	}
	open := urgent("send")
	open.Set("text-en", "A child is missing: {{reach}}")
	if a := v.post("/compose", open); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "is not known yet") || !strings.Contains(a.body, "Nothing is written yet") {
		t.Errorf("with a value that nobody knows: %d\n%s", a.status, a.body)
	}
	looked := v.post("/compose", urgent("look"))
	for _, want := range []string{"Blue Heart Trust", "of 500 characters", "as soon as it is approved, until"} {
		if looked.status != http.StatusOK || !strings.Contains(looked.body, want) {
			t.Errorf("the look: %d lacks %q", looked.status, want)
		}
	}
	var posts int
	s.must(s.db.GetContext(t.Context(), &posts, `SELECT count(*) FROM posts WHERE edition_id IS NULL`))
	if posts != 0 {
		t.Fatalf("%d posts were written before they were sent", posts)
	}
	sent := v.post("/compose", urgent("send"))
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(sent.to, "/posts/") {
		t.Fatalf("sent: %d to %q\n%s", sent.status, sent.to, sent.body)
	}
	if a := v.get(sent.to); !strings.Contains(a.body, `id="goes-now"`) || !strings.Contains(a.body, `id="change-words"`) || !strings.Contains(a.body, "Reviewers are asked to look at it now") {
		t.Errorf("the post does not say that it waits for an approval now\n%s", a.body)
	}
	reviewer := s.as("reviewer")
	home := reviewer.get("/")
	card := regexp.MustCompile(`/review/[0-9]+`).FindString(home.body[strings.Index(home.body, `id="now"`):])
	if card == "" || strings.Index(home.body, `id="now"`) > strings.Index(home.body, `id="wait-title"`) {
		t.Fatalf("Home does not begin with it\n%s", home.body)
	}
	if a := reviewer.get("/review"); !strings.Contains(a.body, `data-state="now"`) {
		t.Error("the queue does not mark it")
	}
	s.answered(s.submittedCards()[0])
	if a := reviewer.get(card); !strings.Contains(a.body, `id="goes-now"`) || !strings.Contains(a.body, `id="approve"`) {
		t.Fatalf("the card\n%s", a.body)
	}
	if a := reviewer.post(card+"/approve", nil); a.status != http.StatusSeeOther {
		t.Fatalf("approve: %d\n%s", a.status, a.body)
	}
	if a := reviewer.get("/"); strings.Contains(a.body, `id="now"`) {
		t.Error("Home still asks for an approval")
	}
	words := urgent("send")
	words.Set("seen", "2")
	words.Set("text-en", "The child is found.")
	if a := v.get(sent.to + "/words"); !strings.Contains(a.body, "A child is missing.") || !strings.Contains(a.body, `name="seen" value="2"`) {
		t.Errorf("the form of the words\n%s", a.body)
	}
	if a := v.post(sent.to+"/words", words); a.status != http.StatusSeeOther {
		t.Errorf("new words: %d\n%s", a.status, a.body)
	}
	if a := v.get(sent.to); !strings.Contains(a.body, "In review") || strings.Contains(a.body, `data-state="scheduled"`) {
		t.Error("an approved text was changed, and stays approved")
	}
	if a := reviewer.post(card+"/approve", nil); a.status != http.StatusConflict {
		t.Errorf("the old words are approved: %d", a.status)
	}
}

func TestADraftIsKeptAndAPlannedPostIsHurried(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	kept := v.post("/compose", urgent("keep"))
	if a := v.get(kept.to); kept.status != http.StatusSeeOther || !strings.Contains(a.body, `id="submit"`) || !strings.Contains(a.body, "kept as a draft") {
		t.Errorf("a draft: %d\n%s", kept.status, a.body)
	}
	var planned int64
	s.must(s.db.GetContext(t.Context(), &planned, `SELECT p.id FROM posts p JOIN deliveries d ON d.post_id = p.id WHERE p.edition_id IS NOT NULL GROUP BY p.id ORDER BY p.id LIMIT 1`))
	at := fmt.Sprintf("/posts/%d", planned)
	if a := v.get(at + "/now"); a.status != http.StatusOK || !strings.Contains(a.body, `id="now-send"`) {
		t.Errorf("the form: %d\n%s", a.status, a.body)
	}
	if a := v.post(at+"/now", url.Values{"window": {"x"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="window-problem"`) {
		t.Errorf("without a window: %d", a.status)
	}
	if a := v.post(at+"/now", url.Values{"window": {"60"}}); a.status != http.StatusSeeOther || a.to != at {
		t.Errorf("hurried: %d to %q", a.status, a.to)
	}
	if a := v.get(at); !strings.Contains(a.body, `id="goes-now"`) || strings.Contains(a.body, `id="change-words"`) {
		t.Errorf("a planned post that is wanted now\n%s", a.body)
	}
	if a := v.get(at + "/words"); a.status != http.StatusConflict {
		t.Errorf("the words of a campaign file are changed here: %d", a.status)
	}
	if a := s.as("reviewer").get(at); strings.Contains(a.body, at+"/now") {
		t.Error("a reviewer is offered what only editors may")
	}
}

func TestACorrectionIsLinkedWithWhatItCorrects(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	of := b.Post("blue-heart")
	d := b.Deliver(booktest.Delivery{Post: of, Channel: b.Channel(booktest.Channel{Handle: "one@x.test"})})
	b.Publish(d, booktest.Due)
	s.clock.Set(booktest.Due.Add(time.Hour))
	at := fmt.Sprintf("/posts/%d", of)
	v := s.as("editor")
	if a := v.get(at); !strings.Contains(a.body, `id="correct"`) || !strings.Contains(a.body, at+"/correct?language=en") {
		t.Error("the post does not offer to be corrected")
	}
	if a := v.get(at + "/correct"); !strings.Contains(a.body, "Correction: Text of blue-heart") || !strings.Contains(a.body, `<option value="reply" selected>`) {
		t.Errorf("the form\n%s", a.body)
	}
	form := url.Values{"kind": {"reply"}, "reason": {"short"}, "text-en": {"Correction: it is <b>this</b>."}, "channel": {"1"}, "window": {"360"}, "do": {"send"}}
	if a := v.post(at+"/correct", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="reason-problem"`) {
		t.Errorf("without a reason: %d", a.status)
	}
	form.Set("reason", "The number was of last year.")
	sent := v.post(at+"/correct", form)
	if sent.status != http.StatusSeeOther || sent.to == at {
		t.Fatalf("sent: %d to %q\n%s", sent.status, sent.to, sent.body)
	}
	if a := v.get(at); !strings.Contains(a.body, `id="corrected"`) || !strings.Contains(a.body, sent.to) {
		t.Error("the post does not lead to its correction")
	}
	if a := v.get(sent.to); !strings.Contains(a.body, `id="corrects"`) || !strings.Contains(a.body, "as a reply to") || !strings.Contains(a.body, "&lt;b&gt;this") {
		t.Errorf("the correction does not say what it corrects\n%s", a.body)
	}
	cards := s.submittedCards()
	if a := s.as("reviewer").get(fmt.Sprintf("/review/%d", cards[0].Submission)); !strings.Contains(a.body, "The number was of last year.") || !strings.Contains(a.body, "http://127.0.0.1:1/@charity/remote-") {
		t.Errorf("reviewers do not see what it answers\n%s", a.body)
	}
	b.TakeDown(d, s.clock.Now())
	if a := v.get(at + "/correct"); strings.Contains(a.body, `<option value="reply"`) || !strings.Contains(a.body, "No copy is there any more") {
		t.Error("a reply to what was taken down is offered")
	}
}
