package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign/helplines"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"

	files "daymark/internal/flow/campaign"
)

// stock takes the shipped facts and helplines, gives every channel British readers, and has the reviewer check the British helpline.
func (s *site) stock() {
	s.t.Helper()
	known, err := files.ShippedFacts()
	s.must(err)
	lines, err := helplines.Shipped()
	s.must(err)
	system, err := people.System(s.t.Context(), s.db)
	s.must(err)
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		if _, err := fact.LoadFile(ctx, tx, slices.Collect(maps.Values(known)), system, today); err != nil {
			return err
		}
		if _, err := helpline.LoadFile(ctx, tx, lines, system, today); err != nil {
			return err
		}
		channels, err := channel.List(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range channels {
			if err := channel.SetCountry(ctx, tx, c.ID, "GB", s.person("admin").ID); err != nil {
				return err
			}
		}
		_, err = helpline.AddCheck(ctx, tx, "gb-msh", helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "A woman answered."}, s.person("reviewer"), today)
		return err
	})
}

// submitAll puts every post before reviewers and returns how many submissions there are.
func (s *site) submitAll(edition int64) int {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{Edition: edition})
	s.must(err)
	seen, n := map[int64]bool{}, 0
	for _, e := range entries {
		if seen[e.Post] {
			continue
		}
		seen[e.Post] = true
		out, err := review.Submit(s.t.Context(), s.db, checks(s.t), e.Post, s.person("editor"), s.clock.Now())
		s.must(err)
		n += len(out.Submissions)
	}
	return n
}

// holds moves the review date of a fact, so that posts of July may state it.
func (s *site) holds(id string) {
	s.t.Helper()
	f, err := fact.Find(s.t.Context(), s.db, id)
	s.must(err)
	s.must(draft.RenewFact(s.t.Context(), s.db, id, civil.Date{Year: 2028, Month: time.March, Day: 1}, f.Version, s.person("editor"), today))
}

// filled reads the form of an id off a page, as a browser would send it.
func filled(t *testing.T, page, id string) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(page, `id="`+id+`" novalidate>`)
	if !ok {
		t.Fatalf("there is no form %s", id)
	}
	form, _, _ = strings.Cut(form, "</form>")
	v := url.Values{}
	for _, m := range regexp.MustCompile(`<input[^>]* name="([^"]+)"[^>]*>`).FindAllStringSubmatch(form, -1) {
		value := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(m[0])
		v.Set(m[1], plainHTML.Replace(value[1]))
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
		v.Set(m[1], plainHTML.Replace(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		v.Set(m[1], "")
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2]); chosen != nil {
			v.Set(m[1], plainHTML.Replace(chosen[1]))
		}
	}
	return v
}

var plainHTML = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&")

func with(v url.Values, pairs ...string) url.Values {
	c := maps.Clone(v)
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = []string{pairs[i+1]}
	}
	return c
}

func says(t *testing.T, a got, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("the page (%d) does not say %q", a.status, w)
		}
	}
}

func TestAChangedFactSendsItsPostsBackToReviewers(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.stock()
	s.holds("F02")
	s.submitAll(edition)
	ed := s.as("editor")
	p := ed.get("/facts/F02")
	says(t, p, "38% of detected victims are children", "UNODC", `href="https://`, "places still wait", "World Day against Trafficking in Persons 2027", "Ada editor", "A file has this fact too")
	form := filled(t, p.body, "edit")
	a := ed.post("/facts/F02", with(form, "text-en", "39% of detected victims are children.", "value", "39%"))
	if a.status != http.StatusSeeOther || a.to != "/facts/F02" {
		t.Fatalf("save: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/facts/F02"), "Fact F02 is kept.", "is with the reviewers again", "39% of detected victims are children")
	found := false
	for _, c := range s.submittedCards() {
		for _, r := range c.Groups {
			found = found || c.Language == "en" && strings.Contains(fmt.Sprint(r.Final.Parts), "39% of detected")
		}
	}
	if !found {
		t.Error("no reviewer sees the new value")
	}

	// Somebody who had read the version before is told, and loses nothing.
	late := ed.post("/facts/F02", with(form, "text-en", "40% of detected victims are children.", "note", "Mine."))
	if late.status != http.StatusConflict {
		t.Fatalf("an old version: %d", late.status)
	}
	says(t, late, "Ada editor changed this while you were writing", ">40% of detected victims are children.</textarea>", "It says now:", "39% of detected victims are children.", ">Mine.</textarea>")
	again := ed.post("/facts/F02", filled(t, late.body, "edit"))
	if again.status != http.StatusSeeOther {
		t.Errorf("sending it again: %d", again.status)
	}
	f, err := fact.Find(t.Context(), s.db, "F02")
	s.must(err)
	if f.Texts["en"] != "40% of detected victims are children." || f.Note != "Mine." || f.Value != "38%" || f.Texts["fr"] == "" || f.Source.ID == "" {
		t.Errorf("the fact is %+v", f)
	}
	if a := ed.post("/facts/F02", with(form, "seen", "")); a.status != http.StatusConflict {
		t.Errorf("a form without a version: %d", a.status)
	}
}

func TestAFactIsCheckedAddedAndFiltered(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	s.stock()
	ed := s.as("editor")
	list := ed.get("/facts")
	says(t, list, "Check before a post", "check it again before it is used on 2027-07-30", "Superseded")
	if strings.Index(list.body, `id="fact-F02"`) > strings.Index(list.body, `id="fact-F22"`) {
		t.Error("what has to be checked does not come first")
	}
	due := ed.get("/facts?status=due")
	if !strings.Contains(due.body, `id="fact-F02"`) || strings.Contains(due.body, ">Superseded</span>") {
		t.Error("the filter shows others, or not what is due")
	}
	says(t, ed.get("/"), "The fact F02 holds until 2027-02-28", `href="/facts/F02"`)
	form := filled(t, ed.get("/facts/F02").body, "looked")
	for _, day := range []string{"", "soon", "2027-07-01"} {
		a := ed.post("/facts/F02/checked", with(form, "until", day))
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("checked until %q: %d", day, a.status)
		}
		says(t, a, `id="until-problem"`, `value="`+day+`"`)
	}
	if a := ed.post("/facts/F02/checked", with(form, "until", "2028-03-01")); a.status != http.StatusSeeOther {
		t.Errorf("checked: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/facts/F02"), "Fact F02 is checked.", "holds until Wed 1 March 2028")
	if strings.Contains(ed.get("/").body, `href="/facts/F02"`) {
		t.Error("Home still asks to check the fact")
	}
	if a := ed.post("/facts/F02/checked", with(form, "until", "2029-03-01")); a.status != http.StatusConflict {
		t.Errorf("checked from an old page: %d", a.status)
	}

	add := filled(t, ed.get("/new/fact").body, "edit")
	a := ed.post("/facts", with(add, "id", "US-1"))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty fact: %d", a.status)
	}
	says(t, a, "is missing; the team reads the fact in English", `id="review-problem"`, `id="source-url-problem"`, `id="year-problem"`)
	add = with(add, "id", "F02", "text-en", "One in two.", "scope", "Our town", "cite", "Us, 2027", "source", "Our page", "source-url", "https://example.org/us",
		"year", "2027", "review", "2028-01-01")
	a = ed.post("/facts", add)
	says(t, a, "There is a fact F02 already", `value="Our page"`)
	if a := ed.post("/facts", with(add, "id", "US-1", "data-year", "last")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="data-year-problem"`) {
		t.Errorf("a year that is none: %d", a.status)
	}
	if a := ed.post("/facts", with(add, "id", "US-1")); a.to != "/facts/US-1" {
		t.Errorf("add: %d to %q\n%s", a.status, a.to, a.body)
	}
	says(t, ed.get("/facts/US-1"), "One in two.", "No post uses it")
	reader := s.as("manager").get("/facts/F02")
	says(t, reader, "Posts that use it", "Versions")
	if strings.Contains(reader.body, `id="edit"`) || strings.Contains(reader.body, `id="looked"`) {
		t.Error("a reader is shown forms")
	}
}

func TestADeadNumberSendsItsPostsBackAndIsGoneFromThem(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.stock()
	s.submitAll(edition)
	waiting, err := helpline.Carriers(t.Context(), s.db, "gb-msh")
	s.must(err)
	if len(waiting) == 0 {
		t.Fatal("no post shows the helpline")
	}
	rosa := s.as("reviewer")
	says(t, rosa.get("/helplines"), "Checked until", "our readers", "reporting only", "Never offered", "have never been checked", "Where to look for others", "United Kingdom")
	p := rosa.get("/helplines/gb-msh")
	says(t, p, "A woman answered.", "<bdi>Ada reviewer</bdi>, called", fmt.Sprintf("%d places still wait", len(waiting)), "In review", fmt.Sprintf(`href="/posts/%d"`, waiting[0].Post), "modernslaveryhelpline.org")
	if strings.Contains(p.body, `id="edit"`) || strings.Contains(p.body, `id="retire"`) {
		t.Error("a reviewer is shown the forms of editors")
	}
	form := filled(t, p.body, "check")
	a := rosa.post("/helplines/gb-msh/check", form)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("an empty check: %d", a.status)
	}
	says(t, a, "What you did: choose one", "What came of it: choose one", "write what you heard or read")
	if a := rosa.post("/helplines/gb-msh/check", with(form, "seen", "7", "how", "page", "result", "works", "saw", "The page.")); a.status != http.StatusConflict || !strings.Contains(a.body, ">The page.</textarea>") {
		t.Errorf("a check of another version: %d", a.status)
	}
	if a := rosa.post("/helplines/gb-msh/check", with(form, "how", "called", "result", "works", "saw", "Yes.")); a.status != http.StatusSeeOther {
		t.Fatalf("works: %d\n%s", a.status, a.body)
	}
	says(t, rosa.get("/helplines/gb-msh"), "Posts may show it until Sun 8 August 2027")
	if a := rosa.post("/helplines/gb-msh/check", with(form, "how", "called", "result", "dead", "saw", "It rang <out>.")); a.status != http.StatusSeeOther {
		t.Fatalf("dead: %d\n%s", a.status, a.body)
	}
	says(t, rosa.get("/helplines/gb-msh"), "is dead. Nothing that has yet to go out shows it.", "is with the reviewers again.", "Number is dead", "It rang &lt;out&gt;.", "No post that waits or is out shows it")
	for _, c := range s.submittedCards() {
		for _, r := range c.Groups {
			if strings.Contains(fmt.Sprint(r.Final.Parts), "08000 121 700") {
				t.Errorf("%s in %s still shows the number", c.Message, c.Language)
			}
		}
	}
	says(t, rosa.get("/helplines"), "Nobody answered at")
	says(t, rosa.get("/"), `href="/helplines#country-GB"`)
}

func TestAHelplineIsHeldChangedRetiredAndAdded(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.stock()
	s.submitAll(edition)
	ed := s.as("editor")
	p := ed.get("/helplines/gb-msh")
	for _, reason := range []string{"", strings.Repeat("x", 501)} {
		if a := ed.post("/helplines/gb-msh/hold", url.Values{"hold-reason": {reason}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="hold-reason-problem"`) {
			t.Errorf("held for %.9q: %d", reason, a.status)
		}
	}
	before := s.queued()
	if a := ed.post("/helplines/gb-msh/hold", url.Values{"hold-reason": {"It rang\nout"}}); a.status != http.StatusSeeOther {
		t.Fatalf("hold: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/helplines/gb-msh"), "places are held.", "is held. Look at it, then send it for review again.")
	if after := s.queued(); after >= before {
		t.Errorf("%d cards wait for reviewers after holding, before %d", after, before)
	}

	form := filled(t, p.body, "edit")
	if a := ed.post("/helplines/gb-msh", with(form, "phone", "no number", "country", "UK", "days", "x", "source-url", "https://example.org")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong number: %d", a.status)
	} else {
		says(t, a, `id="phone-problem"`, "did you mean GB?", `id="days-problem"`, `value="no number"`)
	}
	if a := ed.post("/helplines/gb-msh", with(form, "source-url", "javascript:alert(1)")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="source-url-problem"`) {
		t.Errorf("a source that is no page: %d", a.status)
	}
	changed := with(form, "hours", "9 to 5", "source", "Their page", "source-url", "https://example.org/line", "languages", "en, fr")
	if a := ed.post("/helplines/gb-msh", changed); a.status != http.StatusSeeOther {
		t.Fatalf("other words: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/helplines/gb-msh"), "Checked until", "9 to 5", "Their page", "English, French")
	late := ed.post("/helplines/gb-msh", with(form, "hours", "10 to 6"))
	if late.status != http.StatusConflict {
		t.Fatalf("from an old page: %d", late.status)
	}
	says(t, late, `value="10 to 6"`, "It says now:", "9 to 5")
	number := with(filled(t, late.body, "edit"), "phone", "08000 121 701")
	for _, language := range []string{"en", "fr", "es", "ar"} {
		number.Set("short-"+language, "UK: 08000 121 701")
	}
	if a := ed.post("/helplines/gb-msh", number); a.status != http.StatusSeeOther {
		t.Fatalf("another number: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/helplines/gb-msh"), "shown in no post before somebody checks it", "Changed since its check", "of what it was before")
	if a := ed.post("/helplines/gb-msh/retire", url.Values{"retire-reason": {" "}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("retired for nothing: %d", a.status)
	}
	if a := ed.post("/helplines/gb-msh/retire", url.Values{"retire-reason": {"Closed."}}); a.status != http.StatusSeeOther {
		t.Errorf("retire: %d", a.status)
	}
	says(t, ed.get("/helplines/gb-msh"), "Out of use", "brings it back, unchecked")
	if a := ed.post("/helplines/gb-msh/check", url.Values{"seen": {"2"}, "how": {"called"}, "result": {"works"}, "saw": {"x"}}); a.status != http.StatusConflict {
		t.Errorf("a check of what is out of use: %d", a.status)
	}

	add := filled(t, ed.get("/new/helpline").body, "edit")
	a := ed.post("/helplines", with(add, "id", "Bad Id"))
	says(t, a, `id="id-problem"`, `id="name-problem"`, `id="country-problem"`)
	good := with(add, "id", "gb-ours", "name", "Our line", "country", "GB", "phone", "020 7946 0100", "invented", "yes")
	if a := ed.post("/helplines", with(good, "id", "gb-msh")); !strings.Contains(a.body, "There is already a helpline") {
		t.Errorf("an id that is taken: %d", a.status)
	}
	if a := ed.post("/helplines", good); a.to != "/helplines/gb-ours" {
		t.Errorf("add: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/helplines/gb-ours"), "Our line", "Never checked", "invented: sandbox only", "can never leave it")
	says(t, ed.get("/helplines/us-hsi-tips"), "reporting only", "Posts never offer it as help")
	if a := ed.get("/helplines/nobody"); a.status != http.StatusNotFound {
		t.Errorf("a helpline that is not there: %d", a.status)
	}
}

func TestHomeNamesChecksThatEndBeforeThePostsThatShowThem(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.stock()
	s.submitAll(edition)
	ed := s.as("editor")
	if a := ed.get("/"); strings.Contains(a.body, `href="/helplines/gb-msh"`) {
		t.Error("Home asks to check what holds long enough")
	}
	p := ed.get("/helplines/gb-msh")
	if a := ed.post("/helplines/gb-msh", with(filled(t, p.body, "edit"), "days", "10")); a.status != http.StatusSeeOther {
		t.Fatalf("change: %d\n%s", a.status, a.body)
	}
	if a := ed.post("/helplines/gb-msh/check", with(filled(t, p.body, "check"), "how", "page", "result", "works", "saw", "Their page says so.")); a.status != http.StatusSeeOther {
		t.Fatalf("check: %d\n%s", a.status, a.body)
	}
	says(t, ed.get("/"), `href="/helplines/gb-msh"`, "runs out: after that it is not shown. A post on")
	says(t, ed.get("/helplines"), "Check due. Holds until", "before")
	if a := s.as("manager").get("/"); strings.Contains(a.body, `href="/helplines/gb-msh"`) {
		t.Error("who may not check is asked to")
	}
}

// queued counts the cards that wait for reviewers.
func (s *site) queued() int {
	s.t.Helper()
	return len(s.submittedCards())
}

func TestTheProfileIsReadByAllAndItsChangesReachThePosts(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.stock()
	n := s.submitAll(edition)
	says(t, s.as("manager").get("/organisation"), "Blue Heart Trust", "Europe/London", "An admin can change it.")
	ada := s.as("admin")
	form := filled(t, ada.get("/organisation").body, "edit")
	bad := ada.post("/organisation", with(form, "link", "http://example.org", "zone", "Moon", "hosts", "https://x", "resources-at_risk", "x"))
	if bad.status != http.StatusUnprocessableEntity {
		t.Errorf("mistakes: %d", bad.status)
	}
	says(t, bad, `id="link-problem"`, `id="zone-problem"`, `id="hosts-problem"`, `id="resources-at_risk-problem"`, `value="Moon"`)
	if a := ada.post("/organisation", with(form, "staff", "Call Sam.", "hosts", "Example.org\r\nunodc.org, example.org", "support-en", "Talk to us.")); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d\n%s", a.status, a.body)
	}
	says(t, ada.get("/organisation"), "The organisation is kept. No post had to change.", "example.org\nunodc.org</textarea>")
	late := ada.post("/organisation", with(form, "name", "The Trust"))
	if late.status != http.StatusConflict {
		t.Fatalf("from an old page: %d", late.status)
	}
	says(t, late, `value="The Trust"`, "It says now:", "Call Sam.")
	if a := ada.post("/organisation", with(filled(t, late.body, "edit"), "link", "https://example.org/new")); a.status != http.StatusSeeOther {
		t.Fatalf("another link: %d\n%s", a.status, a.body)
	}
	after := ada.get("/organisation")
	says(t, after, "that say what changed were held and renewed", "is with the reviewers again.")
	if got := s.queued(); got == 0 || got > n {
		t.Errorf("%d cards wait, %d were submitted", got, n)
	}
}

func TestMattersAreShownOnHomeAndSeenTo(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for i := range 7 {
		_, err := notice.Tell(t.Context(), s.db, notice.New{
			Key: fmt.Sprint(i), Level: []notice.Level{notice.Note, notice.Warning, notice.Error}[i%3], Kind: []string{"post", "helpline", "channel", "fact", "edition", "other", "post"}[i],
			ID: "x/../y", Say: fmt.Sprintf("Matter %d: <script>alert(1)</script>", i), At: today,
		})
		s.must(err)
	}
	mina := s.as("manager")
	home := mina.get("/")
	says(t, home, "What you were told", "Matter 5", "2 more", `href="/channels"`, "Not as planned")
	all := mina.get("/notices")
	says(t, all, "Matter 0", "Matter 6", `href="/helplines/x%2F..%2Fy"`, "Act soon")
	if strings.Contains(home.body+all.body, "<script>alert") {
		t.Error("a matter is not escaped")
	}
	for i := range 7 {
		back := []string{"/", "/notices"}[i%2]
		if a := mina.post(fmt.Sprintf("/notices/%d/done", i+1), url.Values{"back": {back}}); a.to != back {
			t.Errorf("done: %d to %q", a.status, a.to)
		}
	}
	says(t, mina.get("/notices"), "Done. Your name stands beside it.", "Nothing is open")
	if a := mina.post("/notices/x/done", nil); a.status != http.StatusNotFound {
		t.Errorf("no number: %d", a.status)
	}
}

func TestTheRulesAreListedByWhatBecomesOfThem(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	a := s.as("manager").get("/rules")
	says(t, a, `id="automatic"`, `id="asked"`, `id="retired"`, "LANG-001", "is the right answer", `rel="noreferrer"`, "cannot be waived")
	for _, r := range checks(t).Rules.Rules() {
		says(t, a, `id="rule-`+r.ID+`"`)
	}
}

func TestEveryShippedFactAndHelplineHasAPageWithAllItsWords(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.stock()
	facts, err := fact.List(t.Context(), s.db)
	s.must(err)
	lines, err := helpline.All(t.Context(), s.db)
	s.must(err)
	paths := []string{"/", "/facts", "/helplines", "/organisation", "/rules", "/notices", "/new/fact", "/new/helpline"}
	for _, f := range facts {
		paths = append(paths, "/facts/"+f.ID)
	}
	for _, l := range lines {
		paths = append(paths, "/helplines/"+l.ID)
	}
	ada := s.as("admin")
	for _, path := range paths {
		a := ada.get(path)
		if a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
		for _, key := range []string{"[lib.", "[door.", "[country.", "%!"} {
			if strings.Contains(a.body, key) {
				t.Errorf("%s shows %q in place of words", path, key)
			}
		}
	}
}

func TestWhatPeopleWriteIntoTheLibraryIsEscapedEverywhere(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	s.stock()
	const nasty = `"'></textarea><script>alert(1)</script><img src=x onerror=alert(1)>`
	clean := func(where string, a got) {
		t.Helper()
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d\n%s", where, a.status, s.log)
		}
		for _, sign := range []string{"<script>alert", "<img src=x", `href="javascript:`} {
			if strings.Contains(a.body, sign) {
				t.Errorf("%s lets %q through", where, sign)
			}
		}
	}
	ada := s.as("admin")
	forms := []struct{ page, id, to string }{
		{"/facts/F02", "edit", "/facts/F02"},
		{"/facts/F02", "looked", "/facts/F02/checked"},
		{"/new/fact", "edit", "/facts"},
		{"/helplines/gb-msh", "edit", "/helplines/gb-msh"},
		{"/helplines/gb-msh", "check", "/helplines/gb-msh/check"},
		{"/helplines/gb-msh", "hold", "/helplines/gb-msh/hold"},
		{"/new/helpline", "edit", "/helplines"},
		{"/organisation", "edit", "/organisation"},
		{"/helplines/gb-msh", "retire", "/helplines/gb-msh/retire"},
	}
	attack := func(f struct{ page, id, to string }) {
		page := ada.get(f.page)
		if f.id == "hold" {
			clean(f.to, ada.post(f.to, url.Values{"hold-reason": {nasty}}))
			return
		}
		form := filled(t, page.body, f.id)
		for _, poison := range []string{nasty, "javascript:alert(1)", "\u202e" + nasty} {
			for field := range form {
				a := ada.post(f.to, with(form, field, poison)) // kept, or refused with the words back in the form
				clean(f.to+" "+field, a)
				if a.status == http.StatusSeeOther {
					clean(f.to+" "+field+", kept", ada.get(a.to))
					if f.id == "retire" {
						return // out of use: there is no form any more
					}
					form = filled(t, ada.get(f.page).body, f.id)
				}
			}
		}
	}
	for _, f := range forms {
		attack(f)
	}
	for _, path := range []string{"/", "/facts", "/facts/F02", "/helplines", "/helplines/gb-msh", "/organisation", "/new/fact", "/new/helpline"} {
		clean(path, ada.get(path))
		clean(path+" for readers", s.as("manager").get(path))
	}
	// What the database may hold without a form's leave is escaped, too.
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		_, err := helpline.Add(ctx, tx, campaign.Helpline{
			ID: "zz", Country: "GB", Name: nasty, Phone: "020 7946 0100", For: "everyone", Purpose: campaign.Support, Hours: nasty, Note: nasty, CheckDays: 3,
		}, s.person("editor"), today)
		if err != nil {
			return err
		}
		p, err := profile.Get(ctx, tx)
		if err != nil {
			return err
		}
		p.Name, p.SupportNote, p.Support = "<script>alert(1)</script>", nasty, map[string]string{"en": nasty}
		return profile.Save(ctx, tx, p, s.person("admin").ID)
	})
	for _, path := range []string{"/helplines", "/helplines/zz", "/organisation"} {
		clean(path, ada.get(path))
		clean(path+" for readers", s.as("manager").get(path))
	}
}
