package journey

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/dispatch/consenting"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/audit"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"

	"github.com/chromedp/chromedp"
)

// voices is a campaign that quotes somebody on the day, and once more three days later.
const voices = `daymark: 1
id: voices
observance: un-trafficking-day
title: {en: "Voices"}
languages: [en]
hashtags: ["#BlueHeart"]
posts:
  - id: quote
    offset: D0
    time: "09:00"
    text: {en: "In her own words: I found people who listened. 💙"}
  - id: again
    offset: D+3
    time: "09:00"
    text: {en: "Once more, in her own words: ask, and then listen. 💙"}
`

// secret is the name of who is quoted.
const secret = "Zephyrine Quillfeather"

// TestAConsentIsWithdrawnAndNothingOfThePersonIsLeftOut walks from saying that a post quotes somebody to the withdrawal of her consent: what
// waits is held, what is out is taken down from three networks, and her name is nowhere but sealed.
func TestAConsentIsWithdrawnAndNothingOfThePersonIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, w := range []walk{{phone, "ar", true}, {desk, "en", true}} {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.lead()
			toots, skies, posts := h.threeNetworks()
			out := func() int {
				return len(saidOnMastodon(toots)) + len(saidOnBluesky(skies)) + len(saidOnX(posts)) + len(h.sandbox.State().Statuses)
			}
			h.speaks(w.speech)
			h.serve("")
			quote, again := h.voices()

			ed := w.visit(t)
			ed.logIn(h, "editor@daymark.example", password)
			for _, p := range []int64{quote, again} {
				ed.open(fmt.Sprintf("%s/posts/%d", h.url, p))
				ed.reach("#shows-person")
				ed.follow("#shows-person")
				ed.reads("#people-lacking", h.says("consent.people.lacking"))
			}
			ed.look("a post that quotes somebody without a consent")
			ed.reach("#submit")
			ed.follow("#submit")
			if n := h.count(fmt.Sprintf(`SELECT count(*) FROM submissions WHERE post_id = %d`, again)); n != 0 {
				t.Fatalf("%d drafts that quote somebody are before reviewers without a consent", n)
			}

			omar := w.visit(t)
			omar.logIn(h, "safeguarding@daymark.example", password)
			h.recordInBrowser(omar, quote, again)
			for _, p := range []int64{quote, again} {
				release(h, p)
			}
			entries := h.entries(quote)
			h.at(entries[0].DueAt)
			h.waitFor("the quote to be out", func() bool { return out() == len(entries) })
			h.waitFor("it to be written down", func() bool {
				return h.count(fmt.Sprintf(`SELECT count(*) FROM deliveries WHERE post_id = %d AND state = 'published'`, quote)) == len(entries)
			})
			ed.open(fmt.Sprintf("%s/posts/%d", h.url, quote))
			ed.reads("#people", h.says("consent.holds", "C-0001", h.words.LongDay("2029-01-31")))
			ed.look("a post under a consent")

			omar.open(h.url + "/consents/1")
			omar.do("unfold the withdrawal", click("#withdraw-open"))
			omar.choose("#why", "danger")
			omar.write("#said", secret+" rang. He has found her.")
			omar.look("a consent about to be withdrawn")
			omar.reach("#withdraw-send")
			omar.follow("#withdraw-send")
			omar.reads("#flash", h.says("consent.withdrawn", "C-0001", len(h.entries(again)), len(entries)))
			for _, e := range h.entries(again) {
				if e.State != post.Held || e.Hold != post.ForDecision {
					t.Errorf("delivery %d is %s (%s), want held", e.Delivery, e.State, e.Hold)
				}
			}
			h.waitFor("every copy to be gone", func() bool { return out() == 0 })
			h.waitFor("that to be written down", func() bool { return h.count(`SELECT count(*) FROM takedowns WHERE done_at IS NOT NULL`) == 1 })
			omar.look("what became of each copy")
			omar.open(h.url + "/consents")
			omar.reads("#ledger", "C-0001", secret, h.says("consent.state.withdrawn"))
			omar.look("the ledger")

			mina := w.visit(t)
			mina.logIn(h, "manager@daymark.example", password)
			mina.open(h.url + "/audit?action=consent.withdrawn")
			mina.reads("#log", "C-0001", "danger")
			mina.look("the withdrawal in the log")
			mina.open(h.url + "/audit?action=takedown.begun")
			mina.reads("#log", "C-0001")

			h.nowhere()
			omar.open(h.url + "/consents/1")
			omar.reads("#who", secret)
			omar.reach("#erase")
			omar.follow("#erase")
			omar.reads("#erased", h.says("consent.erased.text"))
			omar.look("a consent of which nobody knows any more who gave it")
		})
	}
}

// voices loads and plans the campaign that quotes somebody.
func (h *house) voices() (quote, again int64) {
	h.t.Helper()
	ctx := h.t.Context()
	loaded, err := campaign.Load(fstest.MapFS{"voices/campaign.yaml": {Data: []byte(voices)}}, "voices")
	h.must(err)
	editor := h.byRole(people.RoleEditor)
	_, err = h.app.Load(ctx, loaded, editor)
	h.must(err)
	made, err := plan.Make(ctx, h.app.DB, "voices", 2027, plan.Options{By: editor, Now: h.app.Clock.Now()})
	h.must(err)
	entries, err := book.Entries(ctx, h.app.DB, book.EntryFilter{Edition: made.Edition})
	h.must(err)
	if len(entries) != 8 {
		h.t.Fatalf("planned %d deliveries, want two posts on four accounts", len(entries))
	}
	return entries[0].Post, entries[len(entries)-1].Post
}

// recordInBrowser records a consent, with a mistake on the way, and links it to posts.
func (h *house) recordInBrowser(v *visitor, posts ...int64) {
	v.t.Helper()
	v.open(h.url + "/more")
	v.follow(`main a[href="/consents"]`)
	v.reads("#lacking", "Quote", "Again")
	v.look("the ledger, with what waits for a consent")
	v.follow("#new-consent")
	v.write("#name", secret)
	v.write("#contact", "zephyrine@quill.example")
	v.write("#until", "2029-01-31")
	v.reach("#record-send")
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("#record-send")))
	v.must("send a consent with a mistake", err)
	if resp.Status != http.StatusUnprocessableEntity || !ask[bool](v, `document.querySelector("#uses-problem") !== null && document.querySelector("#name").value !== ""`) {
		v.t.Errorf("answered %d: what is missing is not said, or what was typed is lost", resp.Status)
	}
	v.forgive()
	v.look("a consent with a mistake")
	for _, box := range []string{"#uses-words", "#uses-name", "#languages-en"} {
		v.reach(box)
		v.do("tick "+box, click(box))
	}
	v.reach("#record-send")
	v.follow("#record-send")
	v.reads("#flash", h.says("consent.recorded", "C-0001"))
	for _, p := range posts {
		v.do("unfold the links", click("#link-open"))
		v.write("#thing", fmt.Sprintf("%s/posts/%d", h.url, p))
		ask[bool](v, `(document.querySelector("#shows-name").checked = false, document.querySelector("#shows-words").checked = true)`)
		v.reach("#add-send")
		v.follow("#add-send")
		v.reads("#flash", h.says("consent.linked", "C-0001"))
	}
	v.reads("#links", "Quote", "Again")
	v.look("a consent")
}

// nowhere looks for the name, and for the address, in a dump of the whole database, in all that was logged, in what people can export, and
// in what the house says to each of them.
func (h *house) nowhere() {
	h.t.Helper()
	dump, err := exec.CommandContext(h.t.Context(), h.dumper(), "--inserts", h.app.OwnerDSN).Output()
	h.must(err)
	if len(dump) < 100_000 || !strings.Contains(string(dump), "C-0001") {
		h.t.Fatalf("the dump has %d bytes, which is not all", len(dump))
	}
	found := map[string]string{"the dump of the database": string(dump), "the log of the daemon": h.log.String()}
	for _, role := range people.Roles() {
		if role == people.RoleSafeguarding {
			continue
		}
		p, err := people.ByEmail(h.t.Context(), h.app.DB, string(role)+"@daymark.example")
		if err != nil {
			continue // this house has nobody of that role
		}
		client := h.client(p.Email)
		for _, at := range []string{"/audit/export?format=" + string(audit.CSV), "/audit/export?format=" + string(audit.JSONLines), "/export/posts", "/audit", "/notices", "/published", "/calendar", "/search?q=Zephyrine", "/takedowns/1"} {
			resp, err := client.Get(h.url + at)
			h.must(err)
			body, err := io.ReadAll(resp.Body)
			h.must(err)
			h.must(resp.Body.Close())
			found[fmt.Sprintf("%s for %s", at, role)] = strings.ReplaceAll(string(body), "q=Zephyrine", "")
		}
	}
	for where, text := range found {
		if strings.HasPrefix(where, "/search") { // it repeats what was looked for, and finds nothing
			text = strings.ReplaceAll(text, `"Zephyrine"`, "")
			if strings.Contains(text, "Quillfeather") {
				h.t.Errorf("the name is in %s", where)
			}
			continue
		}
		for _, s := range []string{"Zephyrine", "Quillfeather", "quill.example", fmt.Sprintf("%x", "Zephyrine"), "WmVwaHlyaW5l"} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(s)) {
				h.t.Errorf("%q is in %s", s, where)
			}
		}
	}
}

// client is a program that is logged in as somebody.
func (h *house) client(email string) *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url+"/login", strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	h.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := c.Do(req)
	h.must(err)
	h.must(resp.Body.Close())
	if resp.StatusCode != http.StatusOK || strings.HasSuffix(resp.Request.URL.Path, "/login") {
		h.t.Fatalf("log in as %s: %d at %s", email, resp.StatusCode, resp.Request.URL)
	}
	return c
}

// TestAnApprovalThatComesAfterAWithdrawalSaysSo holds the sentence that a reviewer reads who was a moment too late.
func TestAnApprovalThatComesAfterAWithdrawalSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.lead()
	h.threeNetworks()
	quote, _ := h.voices()
	h.consents(quote)
	sent, err := review.Submit(t.Context(), h.app.DB, h.app.Checks(), quote, h.byRole(people.RoleEditor), h.app.Clock.Now())
	h.must(err)
	h.answered()
	h.withdraws()
	_, err = review.Say(t.Context(), h.app.DB, sent.Submissions[0], h.byRole(people.RoleReviewer), review.Approve, "", h.app.Clock.Now())
	if err == nil || !strings.Contains(err.Error(), "no consent covers it now") {
		t.Errorf("it is approved: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM queue`); n != 0 {
		t.Errorf("%d deliveries are queued", n)
	}
}

// dumper finds pg_dump where Debian and others put it.
func (h *house) dumper() string {
	h.t.Helper()
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); err == nil && len(found) > 0 {
		return found[len(found)-1]
	}
	path, err := exec.LookPath("pg_dump")
	h.must(err)
	return path
}

// consents records a consent to words and links it to a post.
func (h *house) consents(to int64) {
	h.t.Helper()
	ctx, lead, now := h.t.Context(), h.byRole(people.RoleSafeguarding), h.app.Clock.Now()
	var id int64
	h.must(h.app.DB.InTx(ctx, func(tx *postgres.Tx) (err error) {
		id, err = consent.Record(ctx, tx, h.app.Keys[0], consent.Who{Name: secret}, consent.Terms{
			Uses: consent.Uses{Words: true}, Until: civil.Date{Year: 2029, Month: 1, Day: 31}, How: consent.ByForm,
		}, lead, now, time.UTC)
		return err
	}))
	_, err := consenting.Link(ctx, h.app.DB, id, linking.Thing{Post: to}, consent.Uses{Words: true}, lead, now)
	h.must(err)
}

func (h *house) withdraws() {
	h.t.Helper()
	_, err := consenting.Withdraw(h.t.Context(), h.app.DB, h.app.Keys, 1, "asked", "", h.byRole(people.RoleSafeguarding), h.app.Clock.Now(), time.UTC)
	h.must(err)
}

// TestANewKeyOpensWhatWasSealedOfConsents changes the key of a house that has a consent.
func TestANewKeyOpensWhatWasSealedOfConsents(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.lead()
	h.consents(h.first()[0].Post)
	h.app.Settings.DataDir = h.app.DataDir
	old := h.app.Keys
	done, err := h.app.RotateKey(t.Context(), h.byRole(people.RoleAdmin), "")
	h.must(err)
	opens := func(keys seal.Keys) (e consent.Entry, err error) {
		err = h.app.DB.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			e, err = consent.Open(t.Context(), tx, keys, 1, h.byRole(people.RoleSafeguarding))
			return err
		})
		return e, err
	}
	if e, err := opens(seal.Keys{done.Key}); err != nil || e.Who.Name != secret {
		t.Errorf("the new key: %v", err)
	}
	if _, err := opens(old); err == nil {
		t.Error("the old key opens it still")
	}
}
