package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestSomebodyHoldsADraftAndALeadLiftsIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	if a := s.as("editor").post(fmt.Sprintf("/campaigns/%d/submit", edition), nil); a.status != http.StatusSeeOther {
		t.Fatalf("submit: %d %s", a.status, a.body)
	}
	card := s.submittedCards()[0]
	s.answered(card)
	at := fmt.Sprintf("/review/%d", card.Submission)
	manager, reviewer, admin := s.as("manager"), s.as("reviewer"), s.as("admin")
	if a := manager.post(at+"/hold", url.Values{"why": {" "}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="why-problem"`) {
		t.Errorf("a hold without a reason: %d", a.status)
	}
	if a := manager.post(at+"/hold", url.Values{"why": {"The family <b>asked</b> us to wait."}}); a.status != http.StatusSeeOther {
		t.Fatalf("hold: %d %s", a.status, a.body)
	}
	if a := manager.get(at); !strings.Contains(a.body, `id="hold-back"`) || strings.Contains(a.body, `id="lift"`) {
		t.Error("who holds it cannot take that back, or can lift it")
	}
	shown := reviewer.get(at)
	if !strings.Contains(shown.body, `id="held"`) || !strings.Contains(shown.body, "The family &lt;b&gt;asked&lt;/b&gt; us to wait.") || strings.Contains(shown.body, `id="approve"`) {
		t.Error("the card does not say that it is held and why, or can be approved")
	}
	if a := reviewer.post(at+"/approve", nil); a.status != http.StatusForbidden {
		t.Errorf("approved while it was held: %d", a.status)
	}
	if a := reviewer.post(at+"/lift", nil); a.status != http.StatusForbidden {
		t.Errorf("a reviewer lifted a hold: %d", a.status)
	}
	if a := admin.post(at+"/lift", nil); a.status != http.StatusSeeOther {
		t.Errorf("lift: %d %s", a.status, a.body)
	}
	if a := admin.post(at+"/lift", nil); a.status != http.StatusConflict {
		t.Errorf("lifted twice: %d", a.status)
	}
	if a := reviewer.post(at+"/approve", nil); a.status != http.StatusSeeOther {
		t.Errorf("approve: %d %s", a.status, a.body)
	}
}

func TestRemarksOnPicturesReachTheAuthor(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	if a := s.as("editor").post(fmt.Sprintf("/campaigns/%d/submit", edition), nil); a.status != http.StatusSeeOther {
		t.Fatalf("submit: %d %s", a.status, a.body)
	}
	for _, card := range s.submittedCards() {
		pictures := card.Groups[0].Final.Parts[0].Pictures
		if len(pictures) == 0 {
			continue
		}
		at, field := fmt.Sprintf("/review/%d", card.Submission), "remark-1-"+pictures[0].SHA256
		reviewer := s.as("reviewer")
		if a := reviewer.get(at); !strings.Contains(a.body, `name="`+field+`"`) {
			t.Errorf("no field for a remark on the picture\n%s", a.body)
		}
		if a := reviewer.post(at+"/changes", url.Values{"remark-1-zz": {"?"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a remark on a picture that is none: %d", a.status)
		}
		if a := reviewer.post(at+"/changes", url.Values{field: {"The heart is <i>cut off</i>."}}); a.status != http.StatusSeeOther {
			t.Errorf("changes: %d %s", a.status, a.body)
		}
		if a := s.as("editor").get(at); !strings.Contains(a.body, "Picture of part 1") || !strings.Contains(a.body, "The heart is &lt;i&gt;cut off&lt;/i&gt;.") {
			t.Error("the author does not see the remark")
		}
		return
	}
	t.Error("no draft has a picture")
}
