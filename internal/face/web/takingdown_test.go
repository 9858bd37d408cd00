package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/platform"
)

// removing is a network that removes what it is told to, but for one post that it cannot.
type removing struct{ not string }

func (n removing) Delete(_ context.Context, _ int64, ref platform.Ref) error {
	if ref.ID == n.not {
		return &platform.Permanent{Code: "cannot_delete", Say: "This network does not let Daymark remove <posts>."}
	}
	return nil
}

func TestAnEditorTakesAPostDownAndSeesWhatBecameOfEachCopy(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	post := b.Post("wrong")
	var d []int64
	for _, handle := range []string{"one@x.test", "two@x.test", "three@x.test"} {
		d = append(d, b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{Handle: handle})}))
	}
	b.Publish(d[0], booktest.Due)
	b.Publish(d[1], booktest.Due)
	b.Schedule(d[2])
	s.clock.Set(booktest.Due.Add(time.Hour))
	postURL := fmt.Sprintf("/posts/%d", post)
	v := s.as("editor")
	if a := v.get(postURL); !strings.Contains(a.body, `href="`+postURL+`/takedown"`) {
		t.Error("the post does not offer to be taken down")
	}
	if a := s.as("reviewer").get(postURL); strings.Contains(a.body, "/takedown") {
		t.Error("a reviewer is offered what only editors may")
	}
	if a := v.get(postURL + "/takedown"); a.status != http.StatusOK || strings.Count(a.body, `<li id="copy-`) != 2 {
		t.Errorf("the form: %d\n%s", a.status, a.body)
	}
	for _, short := range []string{"", "   ", "too short"} {
		if a := v.post(postURL+"/takedown", url.Values{"takedown-reason": {short}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="takedown-reason-problem"`) {
			t.Errorf("the reason %q: %d", short, a.status)
		}
	}
	begun := v.post(postURL+"/takedown", url.Values{"takedown-reason": {`A face is in the picture <script>alert("x")</script>`}})
	if begun.status != http.StatusSeeOther || !strings.HasPrefix(begun.to, "/takedowns/") {
		t.Fatalf("taking down: %d to %q\n%s", begun.status, begun.to, begun.body)
	}
	going := v.get(begun.to)
	for _, want := range []string{`data-hx-trigger="every 2s"`, `id="held"`, "Waiting", "A face is in the picture &lt;script&gt;"} {
		if !strings.Contains(going.body, want) {
			t.Errorf("while it goes on the page lacks %q", want)
		}
	}
	if _, err := takedown.Run(t.Context(), s.db, removing{fmt.Sprintf("remote-%d", d[1])}, s.clock.Now); err != nil {
		t.Fatal(err)
	}
	done := s.as("manager").get(begun.to)
	for _, want := range []string{"Every copy has its result.", `id="left"`, "Remove by hand", "Taken down", "remove &lt;posts&gt;"} {
		if !strings.Contains(done.body, want) {
			t.Errorf("at the end the page lacks %q\n%s", want, done.body)
		}
	}
	if strings.Contains(done.body, "hx-trigger") {
		t.Error("the page renews itself although all is done")
	}
	for _, path := range []string{begun.to, postURL, "/", "/notices"} {
		if a := v.get(path); a.status != http.StatusOK || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s: %d, or the reason came through unescaped", path, a.status)
		}
	}
	if a := v.get("/notices"); !strings.Contains(a.body, `href="`+begun.to+`"`) {
		t.Error("what the team is told does not lead to the take-down")
	}
	if a := v.get(postURL); !strings.Contains(a.body, "took it down.") {
		t.Error("the post's history says nothing of it")
	}
}

func TestWhatTheNetworkKeepsIsRemovedByHandAndAPictureIsTakenDownEverywhere(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	face := b.Picture("face")
	wrong, other := b.Post("wrong"), b.Post("other")
	out := b.Deliver(booktest.Delivery{Post: wrong, Channel: b.Channel(booktest.Channel{}), Picture: face})
	waits := b.Deliver(booktest.Delivery{Post: other, Channel: b.Channel(booktest.Channel{}), Picture: face})
	b.Publish(out, booktest.Due)
	b.Schedule(waits)
	s.clock.Set(booktest.Due.Add(time.Hour))
	v := s.as("editor")
	edition := fmt.Sprintf("/editions/%d", b.Edition)
	if a := v.get(edition + "/takedown"); a.status != http.StatusOK || !strings.Contains(a.body, `id="copy-`) {
		t.Errorf("the edition's take-down: %d", a.status)
	}
	link := "/pictures/" + face + "/takedown"
	if a := v.get(fmt.Sprintf("/posts/%d/takedown", wrong)); !strings.Contains(a.body, `href="`+link+`"`) {
		t.Errorf("the take-down of a post does not lead to that of its picture\n%s", a.body)
	}
	if a := v.get(link); a.status != http.StatusOK || !strings.Contains(a.body, `src="/media/`+face+`"`) || strings.Count(a.body, `<li id="copy-`) != 1 {
		t.Errorf("the picture's take-down: %d\n%s", a.status, a.body)
	}
	if a := v.get("/pictures/" + strings.Repeat("0", 64) + "/takedown"); a.status != http.StatusNotFound {
		t.Errorf("a picture that is not there: %d", a.status)
	}
	begun := v.post(link, url.Values{"takedown-reason": {"A face can be seen in it"}})
	if begun.status != http.StatusSeeOther {
		t.Fatalf("taking a picture down: %d\n%s", begun.status, begun.body)
	}
	if _, err := takedown.Run(t.Context(), s.db, removing{fmt.Sprintf("remote-%d", out)}, s.clock.Now); err != nil {
		t.Fatal(err)
	}
	hand := fmt.Sprintf("%s/copies/%d/1", begun.to, out)
	page := v.get(begun.to)
	for _, want := range []string{`action="` + hand + `"`, fmt.Sprintf(`id="kept-%d"`, waits), "is held until somebody decides"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q\n%s", want, page.body)
		}
	}
	if a := s.as("reviewer").get(begun.to); strings.Contains(a.body, hand) {
		t.Error("a reviewer is offered what only editors may")
	}
	if a := v.post(hand, nil); a.status != http.StatusSeeOther || a.to != begun.to {
		t.Errorf("by hand: %d to %q\n%s", a.status, a.to, a.body)
	}
	if a := v.get(begun.to); !strings.Contains(a.body, "Ada editor removed it by hand:") || strings.Contains(a.body, hand) {
		t.Errorf("who removed it is not shown\n%s", a.body)
	}
	if a := v.post(hand, nil); a.status != http.StatusConflict {
		t.Errorf("twice: %d", a.status)
	}
}
