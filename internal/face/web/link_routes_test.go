package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"daymark/internal/face/web/linked"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/outside"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// standing is how a link stands to whoever asks for something below it.
type standing struct {
	name string
	read int            // what reading answers
	acts map[string]int // what each form answers, by the end of its address; several kinds of refusal would hide one that is missing
}

// standings say what each address below a link answers. A form that has its effect leads elsewhere (303).
var standings = []standing{
	{"without a code", http.StatusOK, map[string]int{
		"code": http.StatusSeeOther, "enter": http.StatusUnprocessableEntity, "answers": http.StatusForbidden, "approve": http.StatusForbidden, "changes": http.StatusForbidden, "hold": http.StatusSeeOther,
	}},
	{"with the right code", http.StatusOK, map[string]int{
		"code": http.StatusConflict, "enter": http.StatusConflict, "answers": http.StatusSeeOther, "approve": http.StatusSeeOther, "changes": http.StatusSeeOther, "hold": http.StatusSeeOther,
	}},
	{"with the code of somebody else's link", http.StatusOK, map[string]int{
		"code": http.StatusSeeOther, "enter": http.StatusUnprocessableEntity, "answers": http.StatusForbidden, "approve": http.StatusForbidden, "changes": http.StatusForbidden, "hold": http.StatusSeeOther,
	}},
	{"expired", http.StatusConflict, refusedWith(http.StatusConflict)},
	{"revoked", http.StatusConflict, refusedWith(http.StatusConflict)},
	{"that is nobody's", http.StatusNotFound, refusedWith(http.StatusNotFound)},
}

func refusedWith(status int) map[string]int {
	all := map[string]int{}
	for _, end := range []string{"code", "enter", "answers", "approve", "changes", "hold"} {
		all[end] = status
	}
	return all
}

// lent makes a link of a draft for somebody of their own.
func (b *byLink) lent(n int, card review.Card) (at string, who outside.Reviewer) {
	b.t.Helper()
	b.inTx(func(ctx ctx, tx *postgres.Tx) (err error) {
		who, err = outside.Name(ctx, tx, outside.New{Email: fmt.Sprintf("pat%d@partner.example", n), Name: "Pat", Languages: []string{"en"}}, b.person("admin"))
		return err
	})
	address, err := link.Make(b.t.Context(), b.db, link.Making{Submission: card.Submission, Reviewer: who.ID, Base: "http://x", Key: b.keys[0]}, b.person("admin"), today)
	b.must(err)
	return strings.TrimPrefix(address, "http://x"), who
}

// typed sends a code by a link and types it.
func (b *byLink) typed(v visitor, at string, who outside.Reviewer) {
	b.t.Helper()
	b.reviewer = who // whose letters are looked for
	code := b.coded(v, at)
	if a := v.post(at+"/enter", url.Values{"code": {code}}); a.status != http.StatusSeeOther {
		b.t.Fatalf("enter: %d\n%s", a.status, a.body)
	}
}

// stand brings a link of its own into a standing, for a visitor.
func (b *byLink) stand(n int, how string, card review.Card, v visitor) (at string, who outside.Reviewer) {
	b.t.Helper()
	at, who = b.lent(n, card)
	b.reviewer = who
	switch how {
	case "with the right code":
		b.typed(v, at, who)
	case "with the code of somebody else's link":
		other, theirs := b.lent(n+100000, card)
		b.typed(v, other, theirs)
		b.reviewer = who
	case "expired":
		b.asOwner(fmt.Sprintf(`ALTER TABLE review_links DISABLE TRIGGER kept;
UPDATE review_links SET made_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' WHERE person_id = %d;
ALTER TABLE review_links ENABLE TRIGGER kept`, who.ID))
	case "revoked":
		b.exec(`UPDATE review_links SET revoked_at = clock_timestamp(), revoked_by = made_by WHERE person_id = $1`, who.ID)
	case "that is nobody's":
		at = link.Path + strings.Repeat("A", 26)
	}
	return at, who
}

var (
	pictured = regexp.MustCompile(`/picture/([0-9a-f]{64})`)
	moments  = regexp.MustCompile(`<time[^>]*>[^<]*</time>`) // links are made a moment after each other
)

// TestEachRouteOfALinkIsForWhoHoldsItWhoeverIsLoggedIn asks each address below a link as each role and as a stranger, with each
// standing. Who is logged in changes nothing: not the answer, and not whose word it is.
func TestEachRouteOfALinkIsForWhoHoldsItWhoeverIsLoggedIn(t *testing.T) {
	t.Parallel()
	for _, s := range standings {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newByLink(t)
			card, q := b.asked()
			b.answered(card)
			b.asOwner(`ALTER TABLE submissions DISABLE TRIGGER USER; UPDATE submissions SET approvals_needed = 20; ALTER TABLE submissions ENABLE TRIGGER USER`)
			roles := append([]people.Role{""}, people.Roles()...)
			n := 0
			for _, way := range linked.Ways() {
				method, path, _ := strings.Cut(way.Pattern, " ")
				end := path[strings.LastIndex(path, "/")+1:]
				first := ""
				for _, role := range roles {
					n++
					v, of := b.visitor(), card
					if role != "" {
						v = b.as(string(role))
					}
					at, who := b.stand(n, s.name, of, v)
					form := reply(q, q.Right)
					form.Set("why", "The family asked us to wait.")
					if end == "enter" {
						if s.acts["code"] == http.StatusSeeOther { // a code waits, and this is not it
							code := b.coded(b.visitor(), at)
							form.Set("code", map[bool]string{true: "000001", false: "000000"}[code == "000000"])
						}
					}
					address := strings.NewReplacer(link.Path+"{token}", at, "{sha256}", card.Groups[0].Final.Parts[0].Pictures[0].SHA256).Replace(path)
					before := b.spoken(who.ID)
					a := v.do(method, address, form, http.Header{"Sec-Fetch-Site": {"same-origin"}})
					want, isForm := s.acts[end]
					if !isForm {
						want = s.read
					}
					if a.status != want {
						t.Errorf("%s as %q: %d, want %d\n%s", way.Pattern, role, a.status, want, a.body)
					}
					if changed := b.spoken(who.ID) != before; changed != (want == http.StatusSeeOther && end != "code") {
						t.Errorf("%s as %q: something was said by link: %t", way.Pattern, role, changed)
					}
					if n := b.count(`SELECT count(*) FROM verdicts WHERE link_id IS NULL`) + b.count(`SELECT count(*) FROM answers a JOIN people p ON p.id = a.person_id WHERE p.role NOT IN ('outside', 'reviewer')`); n != 0 {
						t.Errorf("%s as %q: %d words are of whoever is logged in", way.Pattern, role, n)
					}
					if end == "hold" { // what it held would keep the others from approving
						b.as("admin").post(fmt.Sprintf("/review/%d/lift", card.Submission), nil)
						b.asOwner(`ALTER TABLE verdicts DISABLE TRIGGER USER; DELETE FROM verdicts WHERE verdict IN ('hold', 'lift'); ALTER TABLE verdicts ENABLE TRIGGER USER`)
					}
					if !isForm && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
						same := strings.NewReplacer(strings.TrimPrefix(at, link.Path), "TOKEN", who.Email[:1], "P").Replace(a.body)
						same = moments.ReplaceAllString(pictured.ReplaceAllString(same, "PICTURE"), "WHEN")
						if first == "" {
							first = same
						} else if same != first {
							t.Errorf("%s as %q reads something else than a stranger", way.Pattern, role)
						}
					}
				}
			}
			if !slices.ContainsFunc(linked.Ways(), func(w linked.Way) bool { return strings.HasSuffix(w.Pattern, "/hold") }) {
				t.Error("the table of links has no hold: this test looks at nothing")
			}
		})
	}
}

// spoken counts what somebody said by link.
func (b *byLink) spoken(who int64) int {
	b.t.Helper()
	return b.count(`SELECT (SELECT count(*) FROM verdicts WHERE person_id = $1) + (SELECT count(*) FROM answers WHERE person_id = $1)`, who)
}
