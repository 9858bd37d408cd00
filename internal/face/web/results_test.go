package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// figured is a site with two years of a campaign: on two accounts, one of York, with counts that people entered.
type figured struct {
	*site
	*booktest.Book
	before, now int64 // editions
	york, leeds int64 // accounts
	first       int64 // a delivery of this year
}

func newFigured(t *testing.T) figured {
	t.Helper()
	s := newTeam(t)
	f := figured{site: s, Book: booktest.New(t, s.db)}
	f.now = f.Edition
	f.york = f.Channel(booktest.Channel{Handle: "@york@127.0.0.1", Name: "York"})
	f.leeds = f.Channel(booktest.Channel{Handle: "@leeds@127.0.0.1", Name: "Leeds", Platform: "x"})
	s.exec(`UPDATE channels SET labels = '{york}' WHERE id = $1`, f.york)
	s.must(s.db.GetContext(t.Context(), &f.before, `
INSERT INTO editions (campaign_id, year, first_day, last_day) VALUES ('july-30', 2026, '2026-07-30', '2026-07-30') RETURNING id`))
	for i, of := range []struct {
		edition int64
		due     time.Time
	}{{f.before, booktest.Due.AddDate(-1, 0, 0)}, {f.now, booktest.Due}} {
		f.Edition = of.edition
		for j, message := range []string{"teaser", "one-fact", "thanks"} {
			post := f.Post(message)
			for k, channel := range []int64{f.york, f.leeds} {
				id := f.Deliver(booktest.Delivery{Post: post, Channel: channel, Due: of.due.Add(time.Duration(j) * time.Hour)})
				f.Publish(id, of.due.Add(time.Duration(j)*time.Hour))
				counts := platform.Counts{Favourites: new(int64(10*(i+1) + j)), Replies: new(int64(k))}
				if k == 1 {
					counts.Impressions = new(int64(1000))
				}
				f.enter(id, counts, of.due.Add(time.Duration(6+j)*time.Hour))
				if f.first == 0 && i == 1 {
					f.first = id
				}
			}
		}
	}
	s.clock.Set(booktest.Due.AddDate(0, 0, 2))
	return f
}

func (f figured) enter(delivery int64, c platform.Counts, at time.Time) {
	f.site.t.Helper()
	f.inTx(func(ctx ctx, tx *postgres.Tx) error {
		return engagement.Enter(ctx, tx, people.Person{ID: f.Author, Role: people.RoleEditor}, delivery, c, at, "Read there.")
	})
}

func TestAnEditionIsShownAgainstTheYearBefore(t *testing.T) {
	t.Parallel()
	f := newFigured(t)
	v := f.as("manager")
	a := v.get(fmt.Sprintf("/reach/%d", f.now))
	for _, want := range []string{
		`id="total-favourites" data-value="126"`, `id="total-engagements" data-value="129"`, `id="total-rate" data-value="22"`, // 66 of 3,000
		`of 3000 impressions`, `id="against"`, "Against 2026", "91% more", `<svg xmlns`, `id="best"`, `id="heat"`, `aria-labelledby="chart-time-t chart-time-d"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if year := v.get("/year/2027/reach"); !strings.Contains(year.body, `data-value="129"`) || !strings.Contains(year.body, `/year/2026/reach`) {
		t.Errorf("the year: %d\n%s", year.status, year.body)
	}
	for _, name := range []string{"time", "heat", "message", "channel", "language", "network", "kind", "day", "weekday", "hour"} {
		file := v.get(fmt.Sprintf("/reach/%d/charts/%s.svg", f.now, name))
		if file.status != http.StatusOK || file.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(file.body, "<svg ") || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %v %.80s", name, file.status, file.header, file.body)
		}
	}
	if file := v.get(fmt.Sprintf("/reach/%d/charts/other.svg", f.now)); file.status != http.StatusNotFound {
		t.Errorf("a chart that there is not: %d", file.status)
	}
}

func TestWhoWorksOnSomeAccountsSeesTheirFiguresAndIsToldSo(t *testing.T) {
	t.Parallel()
	f := newFigured(t)
	f.exec(`UPDATE people SET labels = '{york}' WHERE role IN ('chapter', 'manager')`)
	for _, role := range []string{"chapter", "manager"} {
		v := f.as(role)
		for _, path := range []string{fmt.Sprintf("/reach/%d", f.now), "/year/2027/reach"} {
			a := v.get(path)
			for _, want := range []string{`data-value="63"`, `id="mine"`, `id="total-impressions" class="unsaid"`} {
				if !strings.Contains(a.body, want) {
					t.Errorf("%s as %s lacks %q", path, role, want)
				}
			}
			if strings.Contains(a.body, "Leeds") || strings.Contains(a.body, "leeds") {
				t.Errorf("%s as %s names another chapter's account", path, role)
			}
		}
		if a := v.get(fmt.Sprintf("/reach/%d/charts/channel.svg", f.now)); strings.Contains(a.body, "Leeds") {
			t.Errorf("the chart as %s names another chapter's account", role)
		}
	}
	f.exec(`UPDATE people SET labels = '{}', campaigns = '{elsewhere}' WHERE role = 'manager'`)
	v := f.as("manager")
	if a := v.get(fmt.Sprintf("/reach/%d", f.now)); a.status != http.StatusNotFound {
		t.Errorf("an edition of another campaign: %d", a.status)
	}
	if a := v.get("/year/2027/reach"); a.status != http.StatusOK || strings.Contains(a.body, "World Day") {
		t.Errorf("the year names another campaign: %d", a.status)
	}
}

func TestFiguresArePeoplesOwn(t *testing.T) {
	t.Parallel()
	f := newFigured(t)
	v, at := f.as("manager"), fmt.Sprintf("/reach/%d", f.now)
	if a := v.post(at+"/figures", url.Values{"figure": {"helpline-contacts"}, "value": {"many"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "is not a number") {
		t.Errorf("no number: %d", a.status)
	}
	if a := v.post(at+"/figures", url.Values{"figure": {"own"}, "own": {"Leaflets <b>"}, "value": {"12,5"}, "unit": {"boxes"}, "note": {"By Sam."}}); a.status != http.StatusSeeOther {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	a := v.get(at)
	for _, want := range []string{"Leaflets &lt;b&gt;", `<span class="entered-value">12.5</span>`, "boxes", "By Sam.", "Ada manager", `id="total-engagements" data-value="129"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if a := f.as("reviewer").post(at+"/figures", url.Values{"figure": {"hours"}, "value": {"1"}}); a.status != http.StatusForbidden {
		t.Errorf("a reviewer enters a figure: %d", a.status)
	}
}

func TestCountsAreBroughtInATableAndPostByPost(t *testing.T) {
	t.Parallel()
	f := newFigured(t)
	v, at := f.as("editor"), fmt.Sprintf("/reach/%d/import", f.now)
	table := url.Values{"table": {fmt.Sprintf("delivery,date,likes\n%d,2027-07-31,500\n999999,,1\n", f.first)}, "note": {"Read on the page."}, "do": {"look"}}
	if a := v.post(at, table); a.status != http.StatusOK || !strings.Contains(a.body, `id="import-take"`) || !strings.Contains(a.body, "row 3") && !strings.Contains(a.body, "line 3") && !strings.Contains(a.body, "Line 3") {
		t.Errorf("looked at: %d\n%s", a.status, a.body)
	}
	if got := v.get(fmt.Sprintf("/reach/%d", f.now)); !strings.Contains(got.body, `id="total-favourites" data-value="126"`) {
		t.Error("looking has entered something")
	}
	table.Set("do", "take")
	if a := v.post(at, table); a.status != http.StatusSeeOther {
		t.Fatalf("entered: %d\n%s", a.status, a.body)
	}
	if got := v.get(fmt.Sprintf("/reach/%d", f.now)); !strings.Contains(got.body, `id="total-favourites" data-value="606"`) { // 20 became 500
		t.Error("the counts of the table are not in the total")
	}
	one := fmt.Sprintf("/deliveries/%d/counts", f.first)
	if a := v.post(one, url.Values{"favourites": {"x"}, "note": {"Read there."}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no number: %d", a.status)
	}
	if a := v.post(one, url.Values{"favourites": {"510"}, "note": {"Read there."}}); a.status != http.StatusSeeOther {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	if got := v.get(fmt.Sprintf("/reach/%d", f.now)); !strings.Contains(got.body, `id="total-favourites" data-value="616"`) {
		t.Error("the counts of the post are not in the total")
	}
	if a := v.post(at, url.Values{"table": {"x"}, "do": {"look"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without where it is from: %d", a.status)
	}
}

// TestThePagesOfFiguresAreForEverybody looks at the pages with everything that they can show.
func TestThePagesOfFiguresAreForEverybody(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("ui/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is not installed: run scripts/setup --test: %v", err)
	}
	f := newFigured(t)
	v := f.as("manager")
	v.post(fmt.Sprintf("/reach/%d/figures", f.now), url.Values{"figure": {"hours"}, "value": {"80"}, "note": {"Counted by Sam."}})
	part{who: "manager", addresses: []string{
		fmt.Sprintf("/reach/%d", f.now), "/year/2027/reach", fmt.Sprintf("/reach/%d/import", f.now), fmt.Sprintf("/deliveries/%d/counts", f.first),
	}}.look(t, f.site, newBrowser(t), v, string(source))
}
