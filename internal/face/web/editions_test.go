package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	corecampaign "daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// load puts a campaign that somebody has changed into the database, with its observance.
func (s *site) load(change func(*campaign.Loaded)) {
	s.t.Helper()
	loaded, err := campaign.LoadShipped("july-30")
	s.must(err)
	change(&loaded)
	rule, err := json.Marshal(loaded.Observance)
	s.must(err)
	body, err := campaign.Canonical(loaded.Campaign)
	s.must(err)
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		_, err := book.SaveCampaign(ctx, tx, book.Campaign{
			ID: loaded.Campaign.ID, Observance: rule, Title: loaded.Campaign.Title, Body: body, LoadedAt: today,
		}, s.person("editor").ID)
		return err
	})
}

// first returns the edition's first post.
func (s *site) first(edition int64) book.Post {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{Edition: edition})
	s.must(err)
	p, err := book.FindPost(s.t.Context(), s.db, entries[0].Post)
	s.must(err)
	return p
}

// rewrite lets the editor write a post's English text.
func (s *site) rewrite(p book.Post, text string) {
	s.t.Helper()
	source := p.Source
	source.Parts = append([]post.SourcePart(nil), source.Parts...)
	texts := map[string]string{}
	for code, t := range source.Parts[0].Texts {
		texts[code] = t
	}
	texts["en"] = text
	source.Parts[0].Texts = texts
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		_, err := book.Revise(ctx, tx, p.ID, p.Version, source, s.person("editor").ID)
		return err
	})
}

func TestTheYearShowsItsDaysAndOursOnThem(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	v := s.as("manager")
	a := v.get("/year/2027")
	for _, want := range []string{
		`id="month-01"`, `id="month-12"`, "World Day against Trafficking in Persons", fmt.Sprintf(`href="/editions/%d"`, edition),
		"Date not checked", "#16Days", "Thu 25 November – Fri 10 December", "Tue 9 February", "Not announced yet", `href="/year/2026"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the year lacks %q", want)
		}
	}
	if n := strings.Count(a.body, `id="day-sixteen-days`); n > 2 {
		t.Errorf("the sixteen days are there %d times, want November and December", n)
	}
	ours := v.get("/year/2027?only=ours")
	if !strings.Contains(ours.body, "World Day against Trafficking in Persons") || strings.Contains(ours.body, "Safer Internet Day") {
		t.Error("only ours shows others, or not ours")
	}
	if a := v.get("/year"); a.status != http.StatusOK || !strings.Contains(a.body, "The year 2027") {
		t.Errorf("the year of today: %d", a.status)
	}
	for path, want := range map[string]int{"/year/1900": 200, "/year/2200": 200, "/year/1899": 404, "/year/2201": 404, "/year/x": 404} {
		if a := v.get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
}

func TestAPlanShowsItsPostsAndTasksAndATaskIsMarked(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.load(func(l *campaign.Loaded) { l.Campaign.Tasks = nil })
	_, err := plan.Make(t.Context(), s.db, "july-30", 2027, plan.Options{By: s.person("editor"), Now: today})
	s.must(err)
	if a := s.as("editor").get(fmt.Sprintf("/editions/%d", edition)); !strings.Contains(a.body, "names no tasks") {
		t.Error("a plan without tasks does not say so")
	}
	s.load(func(l *campaign.Loaded) {
		l.Campaign.Tasks = []corecampaign.Task{
			{ID: "theme", Offset: corecampaign.Offset{Days: -60}, Who: "communications", What: "Confirm the year's theme."},
			{ID: "thanks", Offset: corecampaign.Offset{Days: 3}, Who: "Sam", What: "Thank the <partners>"},
		}
	})
	_, err = plan.Make(t.Context(), s.db, "july-30", 2027, plan.Options{By: s.person("editor"), Now: today})
	s.must(err)
	at := fmt.Sprintf("/editions/%d", edition)
	ed := s.as("editor")
	shown := ed.get(at)
	for _, want := range []string{"Fri 30 July 2027", `id="submit"`, `id="plan-again"`, `id="theme-form"`, "16 July 2027, 10:00", `id="tasks"`, "Mon 31 May 2027", `data-state="late"`, "Thank the &lt;partners&gt;", "AR · EN · ES · FR"} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
	if strings.Contains(shown.body, `id="dates-form"`) {
		t.Error("the days of a fixed date are asked for")
	}
	tasks, err := book.Tasks(t.Context(), s.db, edition)
	s.must(err)
	mark := fmt.Sprintf("%s/tasks/%d", at, tasks[0].ID)
	for _, done := range []string{"yes", "yes", "no"} {
		if a := ed.post(mark, url.Values{"done": {done}}); a.status != http.StatusSeeOther || a.to != at {
			t.Fatalf("mark: %d to %q", a.status, a.to)
		}
		a := ed.get(at)
		if !strings.Contains(html.UnescapeString(a.body), strings.TrimSuffix(tasks[0].What, ".")+".</p>") || strings.Contains(a.body, "Ada editor, <time") != (done == "yes") {
			t.Errorf("after %q the page does not say who did it, or what happened", done)
		}
	}
	if a := ed.post(fmt.Sprintf("/editions/%d/tasks/%d", edition+1, tasks[0].ID), nil); a.status != http.StatusNotFound {
		t.Errorf("a task of another edition: %d", a.status)
	}
	manager := s.as("manager").get(at)
	for _, not := range []string{`id="submit"`, `id="plan-again"`, `id="theme-form"`, "/tasks/"} {
		if strings.Contains(manager.body, not) {
			t.Errorf("a manager is shown %q", not)
		}
	}
	if a := ed.post(fmt.Sprintf("/campaigns/%d/submit", edition), url.Values{"back": {"plan"}}); a.to != at {
		t.Errorf("sending drafts leads to %q", a.to)
	}
}

func TestAThemeSaysFirstHowManyPostsGoBack(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	at := fmt.Sprintf("/editions/%d", edition)
	ed := s.as("editor")
	if a := ed.post(at+"/theme", url.Values{"theme": {"Leave no one"}}); a.status != http.StatusSeeOther {
		t.Fatalf("first theme: %d %s", a.status, a.body)
	}
	p := s.first(edition)
	s.rewrite(p, "{{theme}}: know the signs. {{link}}")
	if _, err := review.Submit(t.Context(), s.db, checks(t), p.ID, s.person("editor"), today); err != nil {
		t.Fatal(err)
	}
	if a := ed.get(at); !strings.Contains(a.body, "1 post that says the theme is in review or approved.") {
		t.Error("the page does not say how many posts another theme sends back")
	}
	bad := ed.post(at+"/theme", url.Values{"theme": {"one\ntwo"}})
	if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, `id="theme-problem"`) || !strings.Contains(bad.body, `aria-invalid="true"`) {
		t.Errorf("a theme of two lines: %d", bad.status)
	}
	ed.post(at+"/theme", url.Values{"theme": {"End exploitation"}})
	if a := ed.get(at); !strings.Contains(a.body, "1 post that says it goes back to review.") || !strings.Contains(a.body, `value="End exploitation"`) {
		t.Error("the page does not say what happened")
	}
}

func TestAnnouncedDaysAreEnteredAndThePlanFollows(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.load(func(l *campaign.Loaded) {
		day := civil.Date{Year: 2027, Month: 7, Day: 30}
		l.Observance.Rule = observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{2027: {Start: day, End: day}}}
	})
	at := fmt.Sprintf("/editions/%d", edition)
	ed := s.as("editor")
	if a := ed.get(at); !strings.Contains(a.body, `id="dates-form"`) {
		t.Fatal("the days are not asked for")
	}
	for first, last := range map[string]string{"": "", "2027-02-30": "2027-03-01", "2028-07-01": "2028-07-01", "2027-07-31": "2027-07-30"} {
		a := ed.post(at+"/dates", url.Values{"first-day": {first}, "last-day": {last}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "-day-problem") {
			t.Errorf("%s to %s: %d", first, last, a.status)
		}
	}
	if a := ed.post(at+"/dates", url.Values{"first-day": {"2027-08-02"}, "last-day": {"2027-08-02"}}); a.status != http.StatusSeeOther {
		t.Fatalf("days: %d %s", a.status, a.body)
	}
	if a := ed.get(at); !strings.Contains(a.body, "The days are kept: Mon 2 August 2027. Planned again:") || !strings.Contains(a.body, "its days changed") {
		t.Error("the page does not say that the plan followed")
	}
	if a := ed.get("/year/2027"); !strings.Contains(a.body, "Mon 2 August") {
		t.Error("the year does not know the entered day")
	}
}

func TestDaysOfAYearWithoutAnEditionAreEnteredOnTheYear(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	s.load(func(l *campaign.Loaded) { l.Observance.Rule = observance.Rule{Kind: observance.Announced} })
	ed := s.as("editor")
	if a := ed.get("/year/2028"); !strings.Contains(a.body, `id="set-july-30"`) {
		t.Fatal("the days are not asked for")
	}
	if a := s.as("manager").get("/year/2028"); strings.Contains(a.body, `id="set-july-30"`) {
		t.Error("a manager is asked for the days")
	}
	form := url.Values{"campaign": {"july-30"}, "first-day-july-30": {"2028-08-01"}, "last-day-july-30": {"then"}}
	if a := ed.post("/year/2028/dates", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="last-day-july-30-problem"`) || !strings.Contains(a.body, `value="2028-08-01"`) {
		t.Errorf("a day that is none: %d", a.status)
	}
	form.Set("last-day-july-30", "2028-08-02")
	if a := ed.post("/year/2028/dates", form); a.status != http.StatusSeeOther || a.to != "/year/2028" {
		t.Fatalf("days: %d %s", a.status, a.body)
	}
	if a := ed.get("/year/2028"); !strings.Contains(a.body, "The days are kept: Tue 1 August 2028 – Wed 2 August 2028.") || !strings.Contains(a.body, ">Tue 1 August – Wed 2 August<") {
		t.Error("the year does not show the days")
	}
	form.Set("campaign", "none")
	if a := ed.post("/year/2028/dates", form); a.status == http.StatusSeeOther {
		t.Error("days of a campaign that is not loaded were kept")
	}
}

func TestConflictsStandUnderTheirPost(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	s.rewrite(s.first(edition), "{{theme}}: know the signs. {{link}}")
	a := s.as("editor").get(fmt.Sprintf("/editions/%d", edition))
	for _, want := range []string{`<ul class="odd">`, "Worth a look", "stands under its post."} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
	s.clock.Set(today.AddDate(0, 0, 10))
	if a := s.as("editor").get(fmt.Sprintf("/editions/%d", edition)); !strings.Contains(a.body, "Will not go out as planned") {
		t.Error("a time that has passed is no conflict")
	}
}

func TestPlanningAgainSaysWhatChanged(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	at := fmt.Sprintf("/editions/%d", edition)
	ed := s.as("editor")
	ed.post(at+"/plan", nil)
	if a := ed.get(at); !strings.Contains(a.body, "Nothing had changed.") {
		t.Error("planning the same again does not say so")
	}
	s.load(func(l *campaign.Loaded) { l.Campaign.Posts[0].Texts["en"] += " Learn the signs." })
	ed.post(at+"/plan", nil)
	if a := ed.get(at); !strings.Contains(html.UnescapeString(a.body), "Planned again: 1 post took the file's words.") {
		t.Error("the page does not say that a post followed")
	}
}

func TestAnEditorComparesAnOfferAndDecides(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"accept", "keep"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			s := newTeam(t)
			edition := s.plan()
			p := s.first(edition)
			s.rewrite(p, "Ours alone <b>here</b> {{link}}")
			s.load(func(l *campaign.Loaded) {
				for i, m := range l.Campaign.Posts {
					if m.ID == p.Message {
						l.Campaign.Posts[i].Texts["en"] = "Theirs alone {{link}}"
						l.Campaign.Posts[i].Texts["ar"] = "كلمات الملف {{link}}"
					}
				}
			})
			_, err := plan.Make(t.Context(), s.db, "july-30", 2027, plan.Options{By: s.person("editor"), Now: today})
			s.must(err)
			ed := s.as("editor")
			where := regexp.MustCompile(`/offers/\d+`)
			at := where.FindString(ed.get(fmt.Sprintf("/editions/%d", edition)).body)
			if at == "" || where.FindString(ed.get(fmt.Sprintf("/posts/%d", p.ID)).body) != at {
				t.Fatalf("the plan leads to %q, the post elsewhere", at)
			}
			a := ed.get(at)
			for _, want := range []string{"<del>Ours</del>", "<ins>Theirs</ins>", "&lt;b&gt;here", `lang="ar" dir="rtl"`, `id="accept"`, `id="keep"`} {
				if !strings.Contains(a.body, want) {
					t.Errorf("the offer lacks %q\n%s", want, a.body)
				}
			}
			if m := s.as("manager"); strings.Contains(m.get(at).body, `id="accept"`) {
				t.Error("a manager is asked to decide")
			}
			if a := ed.post(at+"/"+answer, nil); a.status != http.StatusSeeOther || a.to != fmt.Sprintf("/posts/%d", p.ID) {
				t.Fatalf("%s: %d to %q", answer, a.status, a.to)
			}
			got := s.first(edition).Source.Parts[0].Texts["en"]
			if want := map[string]string{"accept": "Theirs alone {{link}}", "keep": "Ours alone <b>here</b> {{link}}"}[answer]; got != want {
				t.Errorf("the post says %q, want %q", got, want)
			}
			if a := ed.post(at+"/"+answer, nil); a.status != http.StatusNotFound {
				t.Errorf("an answer to an offer that is gone: %d", a.status)
			}
		})
	}
}

func TestSchemasAreThereForEverybody(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.visitor()
	for _, name := range []string{"campaign", "observances"} {
		a := v.get("/schemas/" + name + ".schema.json")
		if a.status != http.StatusOK || !json.Valid([]byte(a.body)) || !strings.HasPrefix(a.header.Get("Content-Type"), "application/schema+json") ||
			!strings.Contains(a.header.Get("Cache-Control"), "public") {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
	}
	for _, name := range []string{"campaigns.go", "..", "other.schema.json"} {
		if a := v.get("/schemas/" + name); a.status == http.StatusOK {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}
