package journey

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// TestAManagerTellsWhatTheDayDid walks the manager's job, on a phone in Arabic and at a desk in English: what the day did against last
// year, what a figure means, the figures behind a chart, a figure that people count, counts from a network that tells none, the year.
func TestAManagerTellsWhatTheDayDid(t *testing.T) {
	t.Parallel()
	for _, w := range []walk{{phone, "ar", true}, {desk, "en", true}} {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			first := twoYears(t, h)
			h.at(booktest.Due.AddDate(0, 0, 3))
			h.serve("")

			mina := w.visit(t)
			mina.logIn(h, "manager@daymark.example", password)
			mina.open(h.url + "/reach?edition=" + strconv.FormatInt(h.edition.ID, 10))
			mina.reads("#total-engagements", "66") // 10, 11 and 12, twice
			mina.reads("#total-impressions", h.says("reach.unsaid"))
			mina.reads("#against", h.says("figure.favourites"), "66", "33", h.says("results.more", h.words.Percent(100)))
			mina.reads("#best", h.says("results.each.said", "24", 1))
			mina.becomes("the chart of days", `document.querySelector("#course svg polyline.chart-line-1") !== null && document.querySelector("#course svg polyline.chart-line-2") !== null`)
			if mirrored := ask[bool](mina, `(() => { const p = document.querySelector("#course svg polyline.chart-line-1").getAttribute("points").split(" "); return parseFloat(p[0]) > parseFloat(p[p.length - 1]) })()`); mirrored != (w.speech == "ar") {
				t.Errorf("time runs backwards in the drawing: %v", mirrored)
			}
			mina.look("reach of an edition")

			mina.follow2(`#what-engagements > summary`, `document.querySelector("#what-engagements").open`)
			mina.reads("#what-engagements", h.says("results.what.engagements"))
			mina.follow2(`#course-table > summary`, `document.querySelector("#course-table").open`)
			mina.reads("#course-table", h.says("results.offset.day"), "2027", "2026")
			mina.look("reach, with the figures behind the chart")

			mina.follow2(`#enter-fold > summary`, `document.querySelector("#enter-fold").open`)
			mina.fill("#value", "1,240")
			mina.fill("#note", "By the operator.")
			mina.follow("#enter-send")
			mina.reads("#entered-list", h.says("results.entered.helpline-contacts"), h.words.Number(1240), "By the operator.")
			mina.look("reach, with a figure that somebody entered")

			mina.follow("#import-counts")
			mina.fill("#table", fmt.Sprintf("delivery,date,likes\n%d,2027-08-01,500\n999999,,1", first))
			mina.fill("#note", "Read on the page.")
			mina.follow("#import-look")
			mina.reads("#counts", h.says("results.import.good", 1), h.says("results.import.wrong", 1))
			mina.look("counts, looked at")
			mina.follow("#import-take")
			mina.reads("#total-favourites", "546") // 20 became 500
			mina.follow("#whole-year")
			mina.reads("#total-favourites", "546")
			mina.look("reach of a year")
		})
	}
}

// follow2 clicks what opens in place.
func (v *visitor) follow2(selector, opened string) {
	v.t.Helper()
	v.do("open "+selector, click(selector))
	v.becomes(selector+" opened", opened)
}

// twoYears puts posts and their counts into the edition of the house and one a year before, each twice as much as the year before, and
// returns a delivery of this year.
func twoYears(t *testing.T, h *house) (first int64) {
	t.Helper()
	b := booktest.Join(t, h.app.DB, h.edition.ID, "july-30", h.byRole(people.RoleEditor).ID)
	var before int64
	h.must(h.app.DB.GetContext(t.Context(), &before, `
INSERT INTO editions (campaign_id, year, first_day, last_day) VALUES ('july-30', 2026, '2026-07-30', '2026-07-30') RETURNING id`))
	channel := b.Channel(booktest.Channel{Handle: "@letter@127.0.0.1", Platform: "byhand"})
	for year, edition := range []int64{before, h.edition.ID} {
		b.Edition = edition
		for i := range 3 {
			due := booktest.Due.AddDate(year-1, 0, 0).Add(time.Duration(i) * time.Hour)
			id := b.Deliver(booktest.Delivery{Post: b.Post(fmt.Sprintf("walked-%d", i)), Channel: channel, Due: due})
			b.Publish(id, due)
			h.must(h.app.DB.InTx(t.Context(), func(tx *postgres.Tx) error {
				return engagement.Enter(t.Context(), tx, h.byRole(people.RoleEditor), id, platform.Counts{Favourites: new(int64((year + 1) * (10 + i)))}, due.Add(2*time.Hour), "Read there.")
			}))
			if year == 1 && i == 0 {
				first = id
			}
		}
	}
	return first
}
