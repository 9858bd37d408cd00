package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/outside"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// byLink is a team with a draft that somebody from outside is asked about.
type byLink struct {
	*site
	keys     seal.Keys
	card     review.Card
	reviewer outside.Reviewer
}

func newByLink(t *testing.T, change ...func(*Deps)) *byLink {
	t.Helper()
	b := &byLink{}
	b.site = newTeam(t, append(change, func(d *Deps) { b.keys = d.Keys })...)
	entries, err := book.Entries(t.Context(), b.db, book.EntryFilter{Edition: b.plan()})
	b.must(err)
	for i, e := range entries {
		if i > 0 && entries[i-1].Post == e.Post {
			continue
		}
		_, err := review.Submit(t.Context(), b.db, checks(t), e.Post, b.person("editor"), today)
		b.must(err)
	}
	b.card = b.cardIn("en")
	b.answered(b.card)
	b.inTx(func(ctx ctx, tx *postgres.Tx) (err error) {
		b.reviewer, err = outside.Name(ctx, tx, outside.New{Email: "pat@partner.example", Name: "Pat <b>Partner", Languages: []string{"en", "ar"}}, b.person("admin"))
		return err
	})
	return b
}

func (b *byLink) cardIn(language string) review.Card {
	b.t.Helper()
	for _, card := range b.submittedCards() {
		if card.Language == language {
			return card
		}
	}
	b.t.Fatalf("no draft in %s", language)
	return review.Card{}
}

var freshLink = regexp.MustCompile(`id="fresh-link"[^>]* value="(http[^"]+)"`)

// made lets an admin make a link and returns its path.
func (b *byLink) made(card review.Card) string {
	b.t.Helper()
	a := b.as("admin").post(fmt.Sprintf("/review/%d/links", card.Submission), url.Values{"reviewer": {fmt.Sprint(b.reviewer.ID)}, "hours": {"72"}})
	found := freshLink.FindStringSubmatch(a.body)
	if a.status != http.StatusOK || found == nil {
		b.t.Fatalf("make a link: %d\n%s", a.status, a.body)
	}
	u, err := url.Parse(found[1])
	b.must(err)
	if mailed := b.letter("review link"); !strings.Contains(mailed, u.Path) {
		b.t.Errorf("the link is not in the letter\n%s", mailed)
	}
	return u.Path
}

// letter returns the latest letter of a kind to the reviewer.
func (b *byLink) letter(kind string) string {
	b.t.Helper()
	var row struct {
		ID     string `db:"message_id"`
		Sealed []byte `db:"sealed"`
		KeyID  string `db:"key_id"`
		To     string `db:"address"`
	}
	b.must(b.db.GetContext(b.t.Context(), &row, `SELECT message_id, sealed, key_id, address FROM outbox WHERE kind = $1 ORDER BY id DESC LIMIT 1`, kind))
	if row.To != b.reviewer.Email {
		b.t.Errorf("the letter goes to %s", row.To)
	}
	body, err := b.keys.Open("a letter", row.KeyID, row.Sealed, "outbox/"+row.ID)
	b.must(err)
	var words struct{ Text string }
	b.must(json.Unmarshal(body, &words))
	return words.Text
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// coded has a code sent and returns it.
func (b *byLink) coded(v visitor, at string) string {
	b.t.Helper()
	if a := v.post(at+"/code", nil); a.status != http.StatusSeeOther {
		b.t.Fatalf("send a code: %d %s", a.status, a.body)
	}
	return sixDigits.FindString(b.letter("code"))
}

// entered returns a visitor who has typed the code.
func (b *byLink) entered(at string) visitor {
	b.t.Helper()
	v := b.visitor()
	code := b.coded(v, at)
	if a := v.post(at+"/enter", url.Values{"code": {code[:3] + " " + code[3:]}}); a.status != http.StatusSeeOther || a.to != at+"#decide" {
		b.t.Fatalf("enter: %d to %q\n%s", a.status, a.to, a.body)
	}
	return v
}

// rows counts every row that review by link could write, and the audit log.
func (b *byLink) rows() string {
	b.t.Helper()
	var n string
	b.must(b.db.GetContext(b.t.Context(), &n, `
SELECT concat_ws(' ', (SELECT count(*) FROM verdicts), (SELECT count(*) FROM clearances), (SELECT count(*) || '/' || sum(refusals) FROM review_links),
  (SELECT count(*) || '/' || coalesce(sum(tries), 0) FROM review_codes), (SELECT count(*) FROM outbox), (SELECT count(*) FROM audit), (SELECT count(*) FROM sessions),
  (SELECT string_agg(md5(l::text), '' ORDER BY id) FROM review_links l))`))
	return n
}

func (b *byLink) count(query string, args ...any) int {
	b.t.Helper()
	var n int
	b.must(b.db.GetContext(b.t.Context(), &n, query, args...))
	return n
}

func (b *byLink) verdicts() int { return b.count(`SELECT count(*) FROM verdicts`) }

func (b *byLink) refusals() int {
	return b.count(`SELECT count(*) FROM audit WHERE action = 'link.refused' AND address IS NOT NULL`)
}

func TestSomebodyFromOutsideApprovesByLinkInThreeSteps(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := b.made(b.card)
	v := b.visitor()
	before := b.rows()
	for range 3 { // as scanners of mail servers do
		a := v.get(at)
		if a.status != http.StatusOK || !strings.Contains(a.body, "Pat &lt;b&gt;Partner") || !strings.Contains(a.body, "p…@partner.example") || strings.Contains(a.body, "pat@partner.example") {
			t.Fatalf("the page of the link: %d\n%s", a.status, a.body)
		}
		if a.header.Get("Set-Cookie") != "" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", a.header)
		}
		if strings.Contains(a.body, `id="approve"`) || strings.Contains(a.body, "/media/") || strings.Contains(a.body, "/review/") {
			t.Error("the page lets approve without a code, or leads to pages of the team")
		}
		picture := regexp.MustCompile(`src="(` + at + `/picture/[0-9a-f]{64})"`).FindStringSubmatch(a.body)
		if picture == nil {
			t.Fatal("the page shows no picture")
		}
		if p := v.get(picture[1]); p.status != http.StatusOK || p.header.Get("Content-Type") != "image/png" {
			t.Errorf("the picture: %d", p.status)
		}
		for _, other := range []string{"/code", "/enter", "/approve", "/changes", "/hold", "/answers"} {
			if a := v.get(at + other); a.status < 400 {
				t.Errorf("GET %s: %d", other, a.status)
			}
		}
	}
	if after := b.rows(); after != before {
		t.Errorf("reading changed rows: %s, then %s", before, after)
	}
	v = b.entered(at)
	if cookies := v.get(at).header.Get("Set-Cookie"); cookies != "" {
		t.Errorf("reading set %s", cookies)
	}
	if a := v.get(at); !strings.Contains(a.body, `id="approve"`) {
		t.Fatalf("no way to approve after the code\n%s", a.body)
	}
	if a := v.post(at+"/approve", nil); a.status != http.StatusSeeOther || a.to != at {
		t.Fatalf("approve: %d %s", a.status, a.body)
	}
	if a := v.get(at); !strings.Contains(a.body, "You approved this on") || strings.Contains(a.body, `id="approve"`) {
		t.Error("the page does not say that it was approved, or lets approve again")
	}
	if n := b.count(`SELECT count(*) FROM verdicts v JOIN clearances k USING (submission_id) WHERE person_id = $1 AND role = 'outside' AND link_id IS NOT NULL`, b.reviewer.ID); n != 1 {
		t.Errorf("%d approvals of the reviewer cleared the draft", n)
	}
	if n := b.count(`SELECT count(*) FROM audit WHERE person_id = $1 AND action IN ('post.approved', 'link.code_sent', 'link.opened')`, b.reviewer.ID); n != 3 {
		t.Errorf("%d lines in the log are the reviewer's", n)
	}
	if strings.Contains(b.log.String(), strings.TrimPrefix(at, link.Path)) {
		t.Error("the token stands in the log")
	}
}

func TestOverHTTPSThePassIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	b := newByLink(t, func(d *Deps) { d.PublicURL = "https://daymark.example.org" })
	address, err := link.Make(t.Context(), b.db, link.Making{
		Submission: b.card.Submission, Reviewer: b.reviewer.ID, Base: "https://daymark.example.org", Key: b.keys[0],
	}, b.person("admin"), today)
	b.must(err)
	at := strings.TrimPrefix(address, "https://daymark.example.org")
	v := b.visitor()
	v.client.Transport = hostIs("daymark.example.org")
	a := v.post(at+"/enter", url.Values{"code": {b.coded(v, at)}})
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-daymark-link=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=900"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
}

func TestWithoutACodeALinkHoldsAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := b.made(b.card)
	v := b.visitor()
	for _, verdict := range []string{"approve", "changes"} {
		if a := v.post(at+"/"+verdict, url.Values{"comment": {"x"}}); a.status != http.StatusForbidden {
			t.Errorf("%s without a code: %d", verdict, a.status)
		}
	}
	if b.verdicts() != 0 || b.refusals() != 2 {
		t.Errorf("%d verdicts and %d lines in the log, want 0 and 2", b.verdicts(), b.refusals())
	}
	if a := v.post(at+"/hold", url.Values{"why": {" "}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="why-problem"`) {
		t.Errorf("a hold without a reason: %d", a.status)
	}
	if a := v.post(at+"/hold", url.Values{"why": {"<i>Wait</i>"}}); a.status != http.StatusSeeOther {
		t.Fatalf("hold: %d %s", a.status, a.body)
	}
	if a := v.get(at); !strings.Contains(a.body, "You hold this post.") || strings.Contains(a.body, `id="hold-form"`) {
		t.Error("the page does not say that it is held")
	}
	if a := v.post(at+"/hold", url.Values{"why": {"again"}}); a.status != http.StatusConflict || b.verdicts() != 1 {
		t.Errorf("held twice: %d, %d verdicts", a.status, b.verdicts())
	}
	if a := b.as("admin").get(fmt.Sprintf("/review/%d", b.card.Submission)); !strings.Contains(a.body, "&lt;i&gt;Wait&lt;/i&gt;") || !strings.Contains(a.body, `id="lift"`) {
		t.Error("the team does not see the hold, or cannot lift it")
	}
	if a := b.entered(at).post(at+"/approve", nil); a.status != http.StatusForbidden {
		t.Errorf("approved what is held: %d", a.status)
	}
}

func TestALinkThatIsNotOpenSaysWhyAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil  func(b *byLink)
		says   string
		status int
	}{
		"expired": {func(b *byLink) {
			b.asOwner(`ALTER TABLE review_links DISABLE TRIGGER kept`)
			b.asOwner(`UPDATE review_links SET made_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'`)
		}, "The time of this link is over.", http.StatusConflict},
		"past the instant": {func(b *byLink) { b.clock.Set(b.card.First) }, "The time of this link is over.", http.StatusConflict},
		"revoked": {func(b *byLink) {
			var id int64
			b.must(b.db.GetContext(b.t.Context(), &id, `SELECT id FROM review_links`))
			if a := b.as("safeguarding").post(fmt.Sprintf("/review/%d/links/%d/revoke", b.card.Submission, id), nil); a.status != http.StatusSeeOther {
				b.t.Fatalf("revoke: %d %s", a.status, a.body)
			}
		}, "This link was taken back.", http.StatusConflict},
		"for a post edited since": {func(b *byLink) { b.edit() }, "The post has changed since this link was made.", http.StatusConflict},
		"of a reviewer who was removed": {func(b *byLink) {
			if a := b.as("admin").post(fmt.Sprintf("/outside/%d/remove", b.reviewer.ID), nil); a.status != http.StatusSeeOther {
				b.t.Fatalf("remove: %d %s", a.status, a.body)
			}
		}, "You are not on file as a reviewer any more", http.StatusForbidden},
		"of a reviewer whose address was changed": {func(b *byLink) {
			b.exec(`UPDATE people SET email = 'admin+pat@example.org' WHERE id = $1`, b.reviewer.ID)
		}, "or with another address", http.StatusForbidden},
		"of a reviewer whose access ended": {func(b *byLink) {
			b.exec(`UPDATE people SET access_until = clock_timestamp() - interval '1 second' WHERE id = $1`, b.reviewer.ID)
		}, "You are not on file as a reviewer any more", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newByLink(t)
			at := b.made(b.card)
			v := b.entered(at)
			tt.spoil(b)
			before, noted := b.verdicts(), b.refusals()
			if a := v.get(at); !strings.Contains(a.body, tt.says) || a.status != http.StatusConflict || strings.Contains(a.body, b.card.Title) {
				t.Errorf("read: %d\n%s", a.status, a.body)
			}
			if got := b.refusals(); got != noted+1 {
				t.Errorf("reading it leaves %d lines in the log, want 1", got-noted)
			}
			noted++
			for i, path := range []string{"/approve", "/changes", "/hold", "/code", "/enter", "/answers"} {
				a := v.post(at+path, url.Values{"comment": {"x"}, "why": {"x"}, "code": {"123456"}})
				if a.status != tt.status || !strings.Contains(a.body, tt.says) {
					t.Errorf("POST %s: %d\n%s", path, a.status, a.body)
				}
				if got := b.refusals(); got != noted+i+1 {
					t.Errorf("POST %s: %d lines in the log, want %d", path, got, noted+i+1)
				}
			}
			if b.verdicts() != before {
				t.Error("a verdict was written all the same")
			}
		})
	}
}

// edit writes another version of the draft's post.
func (b *byLink) edit() {
	b.t.Helper()
	b.inTx(func(ctx ctx, tx *postgres.Tx) error {
		p, err := book.FindPost(ctx, tx, b.card.Post)
		if err != nil {
			return err
		}
		p.Source.Parts[0].Texts["en"] += " Edited."
		_, err = book.AddRevision(ctx, tx, p.ID, p.Source, b.person("editor").ID, book.FromPerson)
		return err
	})
}

func TestALinkIsUsedOnceAlsoByTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := b.made(b.card)
	v := b.entered(at)
	var group sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		verdict := []string{"approve", "changes"}[i%2]
		group.Go(func() { statuses[i] = v.post(at+"/"+verdict, url.Values{"comment": {"x"}}).status })
	}
	group.Wait()
	won := 0
	for _, status := range statuses {
		if status == http.StatusSeeOther {
			won++
		} else if status != http.StatusConflict && status != http.StatusForbidden {
			t.Errorf("status %d", status)
		}
	}
	if won != 1 || b.verdicts() != 1 || b.refusals() != 3 {
		t.Errorf("%d won, %d verdicts, %d refusals", won, b.verdicts(), b.refusals())
	}
	if a := v.post(at+"/approve", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "This link was used") {
		t.Errorf("used again: %d", a.status)
	}
	if a := v.post(at+"/code", nil); a.status != http.StatusConflict {
		t.Errorf("a code for a used link: %d", a.status)
	}
}

func TestACodeIsNotGuessed(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := b.made(b.card)
	v := b.visitor()
	code := b.coded(v, at)
	if a := v.post(at+"/code", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "less than a minute ago") {
		t.Errorf("a second code at once: %d", a.status)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for i := range 5 {
		a := v.post(at+"/enter", url.Values{"code": {wrong}})
		want := fmt.Sprintf("%d tries are left", 4-i)
		if i == 4 {
			want = "was wrong five times"
		}
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("try %d: %d, want %q\n%s", i+1, a.status, want, a.body)
		}
	}
	if a := v.post(at+"/enter", url.Values{"code": {code}}); a.status != http.StatusConflict || a.header.Get("Set-Cookie") != "" {
		t.Errorf("the right code after five wrong ones: %d", a.status)
	}
	if b.refusals() != 7 {
		t.Errorf("%d lines in the log, want 7", b.refusals())
	}
	b.asOwner(`UPDATE review_codes SET made_at = made_at - interval '2 minutes'`)
	fresh := b.coded(v, at)
	b.asOwner(`UPDATE review_codes SET made_at = made_at - interval '1 hour', expires_at = clock_timestamp() - interval '1 second'`)
	if a := v.post(at+"/enter", url.Values{"code": {fresh}}); a.status != http.StatusConflict {
		t.Errorf("a code that is too old: %d", a.status)
	}
	for range 8 {
		b.coded(v, at)
		b.asOwner(`UPDATE review_codes SET made_at = made_at - interval '2 minutes'`)
	}
	if a := v.post(at+"/code", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "No more codes") {
		t.Errorf("the eleventh code: %d", a.status)
	}
	if b.verdicts() != 0 {
		t.Error("there is a verdict")
	}
}

func TestAPassOfOneLinkOpensNoOther(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	first, second := b.made(b.card), b.made(b.cardIn("ar"))
	v := b.entered(first)
	if a := v.post(second+"/approve", nil); a.status != http.StatusForbidden {
		t.Errorf("approved by the pass of another link: %d", a.status)
	}
	anew := b.made(b.card)
	if a := v.post(first+"/approve", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "taken back") {
		t.Errorf("the earlier link to the same draft: %d", a.status)
	}
	if a := v.post(anew+"/approve", nil); a.status != http.StatusForbidden {
		t.Errorf("the new link by the earlier one's pass: %d", a.status)
	}
	if a := v.get(second + "/picture/" + strings.Repeat("0", 64)); a.status != http.StatusNotFound {
		t.Errorf("a picture of something else: %d", a.status)
	}
	for _, path := range []string{"/by-link/", "/by-link/x", "/by-link/x/picture/y", "/by-link/x/y/z", "/by-link/%00"} {
		if a := v.get(path); a.status != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, a.status)
		}
		if a := v.post(path, nil); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, a.status)
		}
	}
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.test"}}} {
		if a := v.do(http.MethodPost, second+"/hold", url.Values{"why": {"x"}}, header); a.status != http.StatusForbidden {
			t.Errorf("a form of another site: %d", a.status)
		}
	}
	if strings.Contains(b.log.String(), strings.TrimPrefix(second, link.Path)) {
		t.Error("the token stands in the log")
	}
	if b.verdicts() != 0 {
		t.Error("there is a verdict")
	}
}

func TestOnlyAdminsAndSafeguardingLeadsNameAndMakeLinks(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	lead := b.as("safeguarding")
	form := url.Values{"name": {"Noor"}, "email": {"Noor@expert.example"}, "languages": {"en, fr"}, "safeguards": {"yes"}}
	if a := lead.post("/outside", form); a.status != http.StatusForbidden {
		t.Errorf("a safeguarding lead said whose yes counts for safeguarding: %d", a.status)
	}
	form.Set("safeguards", "no")
	if a := lead.post("/outside", form); a.status != http.StatusSeeOther {
		t.Fatalf("name: %d %s", a.status, a.body)
	}
	if a := lead.post("/outside", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="email-problem"`) {
		t.Errorf("named twice: %d", a.status)
	}
	for _, bad := range []url.Values{
		{"name": {""}, "email": {"x"}, "languages": {""}}, {"name": {"A\nB"}, "email": {"a@b.example\r\nBcc: c@d.example"}, "languages": {"zz-!"}},
	} {
		a := lead.post("/outside", bad)
		for _, id := range []string{"name", "email", "languages"} {
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="`+id+`-problem"`) {
				t.Errorf("%v: %d, nothing about %s", bad, a.status, id)
			}
		}
	}
	if a := lead.get("/outside"); !strings.Contains(a.body, "Pat &lt;b&gt;Partner") || strings.Contains(a.body, "/safeguard") {
		t.Error("the list is not escaped, or a lead may say whose yes counts for safeguarding")
	}
	at := fmt.Sprintf("/review/%d/links", b.card.Submission)
	for _, bad := range []url.Values{{"reviewer": {""}, "hours": {"72"}}, {"reviewer": {fmt.Sprint(b.reviewer.ID)}, "hours": {"x"}}, {"reviewer": {fmt.Sprint(b.reviewer.ID)}, "hours": {"999"}}, {"reviewer": {fmt.Sprint(b.person("reviewer").ID)}, "hours": {"72"}}} {
		if a := lead.post(at, bad); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="make-problems"`) {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	french := b.cardIn("fr")
	if a := lead.post(fmt.Sprintf("/review/%d/links", french.Submission), url.Values{"reviewer": {fmt.Sprint(b.reviewer.ID)}, "hours": {"72"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "does not read French") {
		t.Errorf("for somebody who does not read it: %d", a.status)
	}
	if n := b.count(`SELECT count(*) FROM review_links`); n != 0 {
		t.Errorf("%d links were made", n)
	}
	b.made(b.card)
	if a := lead.get(at); !strings.Contains(a.body, `-revoke"`) || strings.Contains(a.body, "/by-link/") {
		t.Error("the list lacks the link, or shows it again")
	}
	if a := b.as("admin").post(fmt.Sprintf("/outside/%d/safeguard", b.reviewer.ID), url.Values{"counts": {"yes"}}); a.status != http.StatusSeeOther {
		t.Errorf("safeguard: %d", a.status)
	}
	if a := lead.post(fmt.Sprintf("/outside/%d/remove", b.person("editor").ID), nil); a.status != http.StatusNotFound {
		t.Errorf("a lead removed a colleague as an outside reviewer: %d", a.status)
	}
	if a := lead.post("/login", url.Values{"email": {b.reviewer.Email}, "password": {password}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an outside reviewer logs in: %d", a.status)
	}
}

func TestAFailureOfALinksPageNamesNoToken(t *testing.T) {
	t.Parallel()
	b := newByLink(t)
	at := b.made(b.card)
	b.must(b.db.Close())
	a := b.visitor().get(at)
	if a.status != http.StatusInternalServerError || !strings.Contains(a.body, `id="reference"`) || strings.Contains(a.body, "sql") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	if log := b.log.String(); strings.Contains(log, strings.TrimPrefix(at, link.Path)) || !strings.Contains(log, "page of a link failed") {
		t.Error("the failure is not in the log, or with the token")
	}
}

// asOwner changes what the application's role may not.
func (b *byLink) asOwner(query string) {
	b.t.Helper()
	_, err := b.owner.ExecContext(b.t.Context(), query)
	b.must(err)
}
