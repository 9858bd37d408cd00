package journey

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPostsComeFromATableAndDaysFromACalendar walks from a file in Latin-1 to saved drafts, from a calendar file to a day of one's own
// in the year, and to the address under which a calendar program sees both.
func TestPostsComeFromATableAndDaysFromACalendar(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		h.must(os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	table := file("plan.csv", "Nom;Texte;Jour;Heure;Comptes;Langue\r\nC\x9cur bleu;L'\xe9t\xe9 arrive.;03/08/2027;9h;tous;anglais\r\nDemain;Encore.;32/08/2027;9h;tous;en\r\n")
	days := file("days.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Shelter Day\r\nDTSTART;VALUE=DATE:20200311\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2WE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")

	v := visit(t, phone)
	v.logIn(h, "editor@daymark.example", password)
	v.open(h.url + "/import")
	v.check("what can be brought in")
	v.do("choose the table", chromedp.SetUploadFiles("#posts-file", []string{table}))
	v.follow("#posts-send")
	v.reads("main", "Windows-1252", "semicolons")
	v.reads("#row-2", "03/08/2027", "could be two days")
	v.reads("#row-3", "32/08/2027")
	v.check("a table with problems")
	v.do("say the day comes first", chromedp.SetValue("#order", "day"))
	v.follow("#again")
	v.reads("#counts", "1 post can be saved")
	v.reads("#row-2", "Cœur bleu", "3 August 2027", "L'été arrive.")
	v.check("a table with one problem")
	v.follow("#take-chosen")
	v.reads("#flash", "1 post was saved")

	v.open(h.url + "/import")
	v.do("choose the calendar", chromedp.SetUploadFiles("#days-file", []string{days}))
	v.follow("#days-send")
	v.reads("#entry-1", "Shelter Day", "every year")
	v.check("days of a calendar")
	v.follow("#take-chosen")
	v.open(h.url + "/year/2027")
	v.reads("#month-03", "March")
	v.reads("main", "Shelter Day")

	v.open(h.url + "/account/feeds")
	v.check("calendar feeds")
	v.fill("#name", "My phone")
	v.do("show posts", chromedp.SetValue("#kind", "posts"))
	v.follow("#feed-send")
	v.check("a feed that was just made")
	address := ask[string](v, `document.querySelector("#address").value`)
	if feed := fetched(t, address); !strings.Contains(feed, "SUMMARY:Cœur bleu\r\n") || !strings.Contains(feed, "DTSTART:20270803T") || strings.Contains(feed, "été arrive") {
		t.Errorf("the feed lacks the new post, or tells its words before anybody approved them:\n%.3000s", feed)
	}

	ar := visit(t, phone)
	ar.logIn(h, "editor@daymark.example", password)
	ar.open(h.url + "/account/feeds")
	ar.follow(`form.speeches button[value="ar"]`)
	ar.check("calendar feeds in Arabic")
	ar.open(h.url + "/import")
	ar.check("what can be brought in, in Arabic")
	ar.do("choose the table", chromedp.SetUploadFiles("#posts-file", []string{table}))
	ar.follow("#posts-send")
	ar.check("a table in Arabic")
}

// fetched asks for an address as a calendar program does: with no cookie.
func fetched(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	return string(body)
}
