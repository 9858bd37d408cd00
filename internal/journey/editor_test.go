package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/text/count"
	"daymark/internal/flow/book"

	"github.com/chromedp/chromedp"
)

// typeInto puts words into a field as a paste does: at once, with the event that follows.
func (v *visitor) typeInto(selector, words string) {
	v.t.Helper()
	quoted, err := json.Marshal(words)
	v.must("quote words", err)
	ask[bool](v, fmt.Sprintf(`(() => {
		const f = document.querySelector(%q);
		for (let d = f.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
		f.focus(); f.value = %s; f.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, selector, quoted))
}

// forgive forgets what the browser has complained about: it writes down each answer of refusal, which here is no complaint about us.
func (v *visitor) forgive() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.said = nil
}

// press clicks a button by script, wherever it stands.
func (v *visitor) press(selector string) {
	v.t.Helper()
	ask[bool](v, fmt.Sprintf(`(() => { document.querySelector(%q).click(); return true })()`, selector))
}

// sends presses a button of the editor, which keeps what was typed before it leaves the page, and waits for what the next page says.
func (v *visitor) sends(selector, says string) {
	v.t.Helper()
	v.press(selector)
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	for again := time.NewTicker(100 * time.Millisecond); ; {
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#flash")?.textContent ?? ""`))
		if err == nil && strings.Contains(unmarked(said), unmarked(says)) {
			again.Stop()
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			v.t.Fatalf("%s at %s does not lead to %q\n%s", selector, v.where(), says, v.text("main"))
		}
	}
}

// TestAPostIsMadeMovedCountedWarnedAndSentForReview walks the editor's job.
func TestAPostIsMadeMovedCountedWarnedAndSentForReview(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("")
			ed := w.visit(t)
			ed.logIn(h, "editor@daymark.example", password)
			ed.open(h.url + "/")
			ed.arrive("begin a post by its key", chromedp.SendKeys(chromedp.CSS("main"), "n"))
			ed.reads("h1", h.says("editor.new"))
			ed.look("a new post")

			// Counted, warned and kept while it is typed.
			ed.typeInto("#text-1-en", "Modern slaves were rescued. Read more: https://hopeline.example/july30 #BlueHeart")
			ed.becomes("the counter", `document.querySelector("#count-1-en-mastodon")?.dataset.length === "`+fmt.Sprint(counted(t, "mastodon", "Modern slaves were rescued. Read more: https://hopeline.example/july30 #BlueHeart"))+`"`)
			ed.becomes("the findings", `document.querySelectorAll("#seen-en .finding").length > 0`)
			ed.becomes("the facets", `document.querySelectorAll("#seen-en .facet-link").length > 0 && document.querySelectorAll("#seen-en .facet-tag").length > 0`)
			ed.becomes("the keeping", `/\d\d:\d\d:\d\d/.test(document.querySelector("#kept").textContent)`)
			ed.becomes("the address of the draft", `location.search.startsWith("?copy=")`)
			ed.becomes("the counter beside the words", `document.querySelector("[data-counters=en]").textContent.includes("500")`)
			ed.typeInto("#text-1-en", "On 30 July we mark the World Day against Trafficking in Persons. {{link}}")
			ed.becomes("the value of a token", `document.querySelector("#seen-en .seen")?.textContent.includes("https://hopeline.example/july30")`)
			ed.typeInto("#text-1-ar", "في 30 يوليو نحيي اليوم العالمي. {{link}}")
			ed.becomes("the Arabic look", `document.querySelector("#seen-ar .seen .words")?.dir === "rtl"`)

			// Where and when, with both times.
			ed.press("#net-mastodon")
			ed.typeInto("#date", "2027-07-30")
			ed.typeInto("#clock", "11:15")
			ed.becomes("the places", `document.querySelectorAll("#goes li").length === 2 && document.querySelector("#goes").textContent.includes("11:15")`)
			ed.look("a new post, written")
			ed.sends("#editor-save", h.says("editor.saved"))
			post := strings.TrimSuffix(ed.where(), "/edit")

			// Moved: the place has its new time.
			ed.typeInto("#clock", "12:45")
			ed.typeInto("#text-1-en", "On 30 July we talk about the World Day against Trafficking in Persons. {{link}}")
			ed.becomes("the new time", `document.querySelector("#goes").textContent.includes("12:45")`)
			ed.sends("#editor-send", h.says("post.submitted"))
			if n := h.count(`SELECT count(*) FROM submissions s JOIN posts p ON p.id = s.post_id WHERE p.edition_id IS NULL`); n != 2 {
				t.Errorf("%d languages are before reviewers, want 2", n)
			}
			entries, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{})
			h.must(err)
			for _, e := range entries {
				if e.Edition == 0 && (e.DueClock != "12:45" || e.DueDate != "2027-07-30") {
					t.Errorf("it goes out %s %s", e.DueDate, e.DueClock)
				}
			}

			// The page says first what a save takes back.
			ed.open(post + "/edit")
			ed.reads("#undoes", h.says("editor.asked"))
			ed.look("the editor of a post before reviewers")
			ed.open(post + "/versions")
			ed.reads("#version-2", "12:45", "talk about")
			ed.look("versions")
			ed.follow("#take-1")
			ed.reads("#flash", h.says("versions.back", 1))
		})
	}
}

// counted is how long a text is by the rules of the command "daymark count", as a network has them where nobody has changed them.
func counted(t *testing.T, network, body string) int {
	t.Helper()
	rules, ok := count.For(network)
	if !ok {
		t.Fatalf("nobody knows how %s counts", network)
	}
	return rules.Count(body, "").Length
}

// TestAPostIsMadeWithoutScript walks the same with the buttons alone.
func TestAPostIsMadeWithoutScript(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	ed := visit(t, phone)
	ed.withoutScript()
	ed.logIn(h, "editor@daymark.example", password)
	ed.open(h.url + "/new/post")
	ed.write("#text-1-en", "Tomorrow we light a candle.")
	ed.reach("#add-part")
	ed.follow("#add-part")
	ed.write("#text-2-en", "And we say why.")
	ask[bool](ed, `(() => { document.querySelector("#put").open = document.querySelector("#put-tags").open = true; return true })()`)
	ed.write("#newtag", "end human trafficking")
	ed.reach("#make-tag")
	ed.follow("#make-tag")
	if got := ask[string](ed, `document.querySelector("#hashtags").value`); got != "#EndHumanTrafficking" {
		t.Errorf("the hashtags are %q", got)
	}
	ed.reach("#editor-look")
	ed.follow("#editor-look")
	ed.reads("#count-1-en-mastodon", "of 500")
	ed.reads("#shown-en-mastodon", "Tomorrow we light a candle.", "#EndHumanTrafficking", "And we say why.")
	ed.reach("#place-1-en")
	ed.do("choose the account", click("#place-1-en"))
	ed.reach("#editor-send")
	ed.follow("#editor-send")
	ed.reads("#flash", "Sent for review")
	if n := h.count(`SELECT count(*) FROM submissions s JOIN posts p ON p.id = s.post_id WHERE p.edition_id IS NULL`); n != 1 {
		t.Errorf("%d languages are before reviewers, want 1", n)
	}
}

// TestEditorCountsAsTheCommandDoes types 200 texts into the editor, four at a time, and compares each counter with what the command counts with.
func TestEditorCountsAsTheCommandDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.threeNetworks()
	h.serve("")
	// Counters of the networks as they are where nobody has changed them: the sandboxes' own limits are left out.
	_, err := h.app.DB.ExecContext(t.Context(), `UPDATE channels SET capabilities = '{}'`)
	h.must(err)
	ed := visit(t, desk)
	ed.logIn(h, "editor@daymark.example", password)
	ed.open(h.url + "/new/post")
	r := rand.New(rand.NewPCG(30, 7))
	for n := range 50 {
		bodies := map[string]string{}
		for _, language := range []string{"en", "fr", "es", "ar"} {
			bodies[language] = randomText(r)
			ed.typeInto("#text-1-"+language, bodies[language])
		}
		for language, body := range bodies {
			for _, network := range count.Networks {
				rules, _ := count.For(network)
				a := rules.Count(body, "")
				ed.becomes(fmt.Sprintf("text %d in %s, %q, %s counted as %d of %d", n, language, body, network, a.Length, a.Limit), fmt.Sprintf(
					`(() => { const c = document.querySelector("#count-1-%s-%s"); return c?.dataset.length === "%d" && c.dataset.limit === "%d" })()`,
					language, network, a.Length, a.Limit))
			}
		}
	}
}

// randomText puts together what counts differently: links, hashtags, mentions, emoji, scripts, marks and long words.
func randomText(r *rand.Rand) string {
	pieces := []string{
		"Tomorrow", "is the day", "https://example.org/a?b=c&d=1", "example.com", "http://xn--bcher-kva.example/ü", "#EndHumanTrafficking", "#قلب", "@mary",
		"@mary@social.example", "💙", "👩‍👩‍👧‍👦", "🇬🇧", "é", "e\u0301", "日本語のテキスト", "في 30 يوليو", "हिन्दी", "\n", "\n\n", "  ", "x.com", "www.example.org.", "“quoted”", "—", "…",
		"a_very_long_word_without_a_space_in_it", "100%", "&amp;", "<b>", "ﬁ", "Ａ", "✊🏿", "1️⃣",
	}
	var b strings.Builder
	for range 1 + r.IntN(40) {
		b.WriteString(pieces[r.IntN(len(pieces))])
		if r.IntN(4) > 0 {
			b.WriteString(" ")
		}
	}
	if words := strings.TrimSpace(b.String()); words != "" {
		return words
	}
	return "Tomorrow"
}

// TestWordsOutliveASessionAndAConnection loses the connection, then the session, in the middle of a text.
func TestWordsOutliveASessionAndAConnection(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	ed := visit(t, desk)
	ed.logIn(h, "editor@daymark.example", password)
	post := fmt.Sprintf("/posts/%d", h.first()[0].Post)
	ed.open(h.url + post + "/edit")

	// A pasted million: refused clearly, and still there.
	ask[bool](ed, `(() => { const f = document.querySelector("#text-1-en"); f.focus(); f.value = "a ".repeat(500000); f.dispatchEvent(new Event("input", {bubbles: true})); return true })()`)
	ed.becomes("the refusal", `document.querySelector("#kept").textContent.includes("too long")`)
	if n := ask[int](ed, `document.querySelector("#text-1-en").value.length`); n != 1_000_000 {
		t.Errorf("%d characters are left", n)
	}
	ed.forgive()

	// Offline: kept on the page, and tried again.
	ask[bool](ed, `(() => { window.realFetch = window.fetch; window.fetch = () => Promise.reject(new TypeError("offline")); return true })()`)
	ed.typeInto("#text-1-en", "A sentence of the train tunnel.")
	ed.becomes("the word about it", `document.querySelector("#kept").textContent.includes("No connection")`)
	ask[bool](ed, `(() => { window.fetch = window.realFetch; window.dispatchEvent(new Event("online")); return true })()`)
	ed.becomes("the keeping", `document.querySelector("#kept").textContent.trim().startsWith("Kept ")`)

	// The session ends: the words come back after log-in.
	_, err := h.app.DB.ExecContext(t.Context(), `DELETE FROM sessions`)
	h.must(err)
	ed.typeInto("#text-1-en", "A sentence of a dead session.")
	ed.press("#editor-save")
	ed.becomes("the way to log in", `!!document.querySelector("#log-in-again")`)
	ed.reads("#kept", "You are logged out", "kept in this browser")
	ed.forgive()
	ed.follow("#log-in-again")
	ed.fill("#email", "editor@daymark.example")
	ed.fill("#password", password)
	ed.follow("#login")
	ed.becomes("the words", `document.querySelector("#text-1-en")?.value === "A sentence of a dead session."`)
	ed.becomes("that they are kept", `document.querySelector("#kept").textContent.includes("is back")`)
	if n := h.count(`SELECT count(*) FROM working_copies WHERE position(convert_to('A sentence of a dead session.', 'UTF8') IN body) > 0`); n != 1 {
		t.Errorf("%d working copies have the words", n)
	}

	// Another editor sees that somebody is there, and a save from an old version shows both.
	boss := visit(t, desk)
	boss.logIn(h, "admin@daymark.example", password)
	boss.open(h.url + post + "/edit")
	boss.reads("#others", "Ed has this post open")
	boss.typeInto("#text-1-en", "The boss's words.")
	boss.sends("#editor-save", "Saved as a new version")
	ed.press("#editor-save")
	h.waitFor("both versions", func() bool {
		both, err := chromedp.Run(ed.ctx, chromedp.Evaluate[bool](`!!document.querySelector("#clash ins") && !!document.querySelector("#clash del")`))
		return err == nil && both
	})
	ed.reads("#clash", "Ada saved another version", "dead session")
	ed.forgive()
	ed.check("two editors")
	ed.sends("#editor-save", "Saved as a new version")
	if p, err := book.FindPost(t.Context(), h.app.DB, h.first()[0].Post); err != nil || p.Source.Parts[0].Texts["en"] != "A sentence of a dead session." {
		t.Errorf("the post says %q, %v", p.Source.Parts[0].Texts["en"], err)
	}
}
