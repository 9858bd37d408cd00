package web

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/ics"
	"daymark/internal/flow/booktest"
)

// upload sends a file in a form, as a browser does.
func (v visitor) upload(path, name string, body []byte) got {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	v.must(err)
	_, err = part.Write(body)
	v.must(err)
	v.must(w.Close())
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, &b)
	v.must(err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := v.client.Do(req)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	v.must(err)
	return got{resp.StatusCode, resp.Header.Get("Location"), resp.Header, string(answer)}
}

var feedAddress = regexp.MustCompile(`value="https?://[^/"]+(/feeds/[A-Za-z0-9_-]{43}\.ics)"`)

// subscribe makes a feed and returns the path of its address.
func (v visitor) subscribe(kind string, edition int64) string {
	v.t.Helper()
	a := v.post("/account/feeds", url.Values{"name": {"My phone"}, "kind": {kind}, "edition": {fmt.Sprint(edition)}})
	found := feedAddress.FindStringSubmatch(a.body)
	if a.status != http.StatusOK || found == nil {
		v.t.Fatalf("make a feed of %s: %d\n%s", kind, a.status, a.body)
	}
	return found[1]
}

// feed asks for a feed as a calendar program does: without a cookie.
func (s *site) feed(path string, headers ...string) got {
	s.t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return s.visitor().do(http.MethodGet, path, nil, h)
}

func TestAFeedShowsThePostsOfAnEditionWithoutASession(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	london, york := b.Channel(booktest.Channel{Handle: "@london@127.0.0.1", Zone: "Europe/London"}), b.Channel(booktest.Channel{Handle: "@york@127.0.0.1", Zone: "Europe/London"})
	approved, waiting := b.Post("blue-heart"), b.Post("thanks")
	first, second, third := b.Deliver(booktest.Delivery{Post: approved, Channel: london}), b.Deliver(booktest.Delivery{Post: approved, Channel: york}), b.Deliver(booktest.Delivery{Post: waiting, Channel: london})
	b.Schedule(first, second)
	editor := s.as("editor")
	path := editor.subscribe("edition", b.Edition)
	a := s.feed(path)
	text := strings.ReplaceAll(a.body, "\r\n ", "")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != ics.ContentType || a.header.Get("Set-Cookie") != "" || a.header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d %v\n%s", a.status, a.header, a.body)
	}
	uid := fmt.Sprintf("UID:post-%d-Europe.London@127.0.0.1\r\n", approved)
	for _, want := range []string{"DTSTART:20270730T090000Z\r\n", uid, "STATUS:CONFIRMED\r\n", "STATUS:TENTATIVE\r\n", "SEQUENCE:1\r\n", "SUMMARY:Blue heart\r\n", "/posts/" + fmt.Sprint(approved), "@@london@127.0.0.1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the feed lacks %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "BEGIN:VEVENT"); n != 2 {
		t.Errorf("%d events, want one for each post:\n%s", n, text)
	}
	if n := strings.Count(text, "blue-heart in en"); n > 1 {
		t.Errorf("texts of what is not approved are there:\n%s", text)
	}
	if again := s.feed(path, "If-None-Match", a.header.Get("ETag")); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("with its tag: %d, %d bytes", again.status, len(again.body))
	}
	// A move raises the sequence and keeps the name.
	s.exec(`UPDATE deliveries SET state = 'held', hold = 'edited', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = ANY (ARRAY[$1, $2]::bigint[])`, first, second)
	s.exec(`UPDATE deliveries SET due_at = due_at + interval '1 hour', due_clock = due_clock + interval '1 hour' WHERE id = ANY (ARRAY[$1, $2]::bigint[])`, first, second)
	moved := s.feed(path)
	text = strings.ReplaceAll(moved.body, "\r\n ", "")
	if moved.header.Get("ETag") == a.header.Get("ETag") || !strings.Contains(text, uid) || !strings.Contains(text, "DTSTART:20270730T100000Z\r\n") || !strings.Contains(text, "SEQUENCE:3\r\n") {
		t.Errorf("after the move:\n%s", text)
	}
	if strings.Contains(text, "STATUS:CONFIRMED") {
		t.Errorf("what has to be approved again is still confirmed:\n%s", text)
	}
	s.exec(`UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`, third)
	if a = s.feed(path); !strings.Contains(a.body, "STATUS:CANCELLED") {
		t.Errorf("what was left out is not cancelled:\n%s", a.body)
	}
}

func TestAFeedEndsWithItsAddressAndWithItsPerson(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	york := b.Channel(booktest.Channel{Handle: "@york@127.0.0.1"})
	b.Deliver(booktest.Delivery{Post: b.Post("theirs"), Channel: york})
	editor, manager := s.as("editor"), s.as("manager")
	posts, days := editor.subscribe("posts", 0), manager.subscribe("observances", 0)
	if a := s.feed(days); a.status != http.StatusOK || !strings.Contains(a.body, "DTSTART;VALUE=DATE:20270730\r\nDTEND;VALUE=DATE:20270731\r\n") {
		t.Errorf("the days: %d\n%.2000s", a.status, a.body)
	}
	if a := s.feed(posts); !strings.Contains(a.body, "SUMMARY:Theirs") {
		t.Errorf("the posts: %d\n%s", a.status, a.body)
	}
	s.exec(`UPDATE people SET labels = '{leeds}' WHERE role = 'editor'`)
	if a := s.feed(posts); a.status != http.StatusOK || strings.Contains(a.body, "Theirs") {
		t.Errorf("another chapter's posts: %d\n%s", a.status, a.body)
	}
	var id int64
	s.must(s.db.GetContext(t.Context(), &id, `SELECT id FROM feeds WHERE kind = 'posts'`))
	if a := manager.post(fmt.Sprintf("/account/feeds/%d/revoke", id), nil); a.status != http.StatusNotFound {
		t.Errorf("somebody else's address: %d", a.status)
	}
	if a := editor.get("/account/feeds"); strings.Contains(a.body, posts) || !strings.Contains(a.body, "My phone") {
		t.Errorf("the list repeats the address, or lacks its name:\n%s", a.body)
	}
	if a := editor.post(fmt.Sprintf("/account/feeds/%d/revoke", id), nil); a.status != http.StatusSeeOther {
		t.Errorf("take it back: %d", a.status)
	}
	s.exec(`UPDATE people SET disabled_at = now() WHERE role = 'manager'`)
	for _, gone := range []string{posts, days, "/feeds/", "/feeds/x", "/feeds/" + strings.Repeat("A", 43) + ".ics", strings.TrimSuffix(days, ".ics")} {
		if a := s.feed(gone); a.status != http.StatusNotFound || strings.Contains(a.body, "VCALENDAR") {
			t.Errorf("%s: %d", gone, a.status)
		}
	}
	if strings.Contains(s.log.String(), posts[len("/feeds/"):]) {
		t.Error("the address is in the log")
	}
	var kept int
	s.must(s.db.GetContext(t.Context(), &kept, `SELECT count(*) FROM feeds WHERE position(convert_to($1, 'UTF8') IN token) > 0`, posts[len("/feeds/"):len(posts)-4]))
	if kept != 0 {
		t.Error("the address itself is in the database")
	}
}

func TestDutiesAreWhatWaitsForThePersonAndTheirTasks(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	place := b.Deliver(booktest.Delivery{Post: b.Post("blue-heart"), Channel: b.Channel(booktest.Channel{})})
	b.Submit(place)
	s.owned(fmt.Sprintf(`INSERT INTO tasks (edition_id, key, due_date, who, what) VALUES (%d, 'a', '2027-07-20', 'reviewers', 'Read it all'), (%[1]d, 'b', '2027-07-21', 'translators', 'Translate')`, b.Edition))
	a := s.feed(s.as("reviewer").subscribe("duties", 0))
	for _, want := range []string{"SUMMARY:Read and decide: Blue heart", "SUMMARY:Read it all", "DTSTART;VALUE=DATE:20270720"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("it lacks %q:\n%s", want, a.body)
		}
	}
	if strings.Contains(a.body, "Translate") {
		t.Errorf("somebody else's task is there:\n%s", a.body)
	}
	if a = s.feed(s.as("editor").subscribe("duties", 0)); strings.Contains(a.body, "decide") {
		t.Errorf("an editor is asked to decide:\n%s", a.body)
	}
}

func TestDaysOfACalendarFileAreLookedAtAndTaken(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	editor := s.as("editor")
	file := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:<b>Shelter</b> Day\r\nDTSTART;VALUE=DATE:20200311\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2WE\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Strange Day\r\nDTSTART;VALUE=DATE:20271011\r\nRRULE:FREQ=MONTHLY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:3\r\nSUMMARY:No day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if a := editor.upload("/import/days", "days.ics", []byte(file)); a.to != "/import/days" {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	a := editor.get("/import/days")
	for _, want := range []string{"&lt;b&gt;Shelter&lt;/b&gt; Day", "every year", "It repeats in a way", "FREQ=MONTHLY", "It has no day (DTSTART).", "2 days can be taken."} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the preview lacks %q:\n%s", want, a.body)
		}
	}
	seen := regexp.MustCompile(`name="seen" value="([0-9a-f]{64})"`).FindStringSubmatch(a.body)
	if a = editor.post("/import/days/take", url.Values{"seen": {seen[1]}, "entry": {"1"}, "do": {"chosen"}}); a.to != "/year/2027" {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	if a = editor.get("/year/2027"); !strings.Contains(a.body, "&lt;b&gt;Shelter&lt;/b&gt; Day") || !strings.Contains(a.body, "10 March") || strings.Contains(a.body, "Strange Day") {
		t.Errorf("the year lacks the second Wednesday of March, or has what was not chosen")
	}
	if a = s.feed(editor.subscribe("observances", 0)); !strings.Contains(a.body, "DTSTART;VALUE=DATE:20270310") {
		t.Error("the feed of days lacks it")
	}
	if a = editor.upload("/import/days", "days.ics", []byte(file)); a.status != http.StatusSeeOther || !strings.Contains(editor.get("/import/days").body, "there already, just so") {
		t.Error("what is there is not recognised")
	}
	if a = editor.post("/import/own/own-b-shelter-b-day/remove", nil); a.status != http.StatusSeeOther || strings.Contains(editor.get("/year/2027").body, "Shelter") {
		t.Errorf("remove it: %d", a.status)
	}
	for name, bad := range map[string]string{"a page": "<html>", "nothing": "", "deep": "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 9)} {
		if a = editor.upload("/import/days", "x.ics", []byte(bad)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="days-problem"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a = s.as("reviewer").upload("/import/days", "days.ics", []byte(file)); a.status != http.StatusForbidden {
		t.Errorf("as a reviewer: %d", a.status)
	}
}

func TestATableIsLookedAtMendedAndSaved(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	b.Channel(booktest.Channel{Handle: "@london@127.0.0.1", Name: "London", Zone: "Europe/London", Languages: []string{"en", "fr"}})
	editor := s.as("editor")
	latin := []byte("Nom;Ma colonne;Jour;Heure;Comptes;Langue\r\nC\xf6ur;\xe9t\xe9 =2+2;03/08/2027;9h;London;fr\r\nAutre;texte;31/02/2027;9h;Bath;fr\r\n")
	if a := editor.upload("/import/posts", "plan.csv", latin); a.to != "/import/posts" {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	a := editor.get("/import/posts")
	if !strings.Contains(a.body, "Read as Windows-1252, cells parted by semicolons.") || !strings.Contains(a.body, "Say which column is the text.") {
		t.Errorf("the file is read otherwise:\n%s", a.body)
	}
	form := url.Values{"column-0": {"post"}, "column-1": {"text"}, "column-2": {"date"}, "column-3": {"time"}, "column-4": {"accounts"}, "column-5": {"language"}}
	if a = editor.post("/import/posts/columns", form); a.to != "/import/posts?#posts" {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	a = editor.get("/import/posts")
	for _, want := range []string{"Row 2, Day: “03/08/2027” could be two days", `id="asks"`, "Row 3, Day: there is no day “31/02/2027”", "Row 3, Accounts: there is no account “Bath”", "été =2&#43;2"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the preview lacks %q:\n%s", want, a.body)
		}
	}
	form.Set("order", "day")
	form.Set("edition", fmt.Sprint(b.Edition))
	to := editor.post("/import/posts/columns", form).to
	a = editor.get(strings.TrimSuffix(to, "#posts"))
	if !strings.Contains(a.body, "1 post can be saved. 1 has something to mend.") || !strings.Contains(a.body, "Tue 3 August 2027") {
		t.Errorf("with the day first:\n%s", a.body)
	}
	seen := regexp.MustCompile(`name="seen" value="([0-9a-f]{64})"`).FindStringSubmatch(a.body)
	take := url.Values{"seen": {seen[1]}, "do": {"all"}, "order": {"day"}, "edition": {fmt.Sprint(b.Edition)}}
	if a = editor.post("/import/posts/take", take); !strings.HasPrefix(a.to, "/posts/") {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	var due time.Time
	s.must(s.db.GetContext(t.Context(), &due, `SELECT d.due_at FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE p.message = 'Cöur' AND p.edition_id = $1`, b.Edition))
	if want := time.Date(2027, 8, 3, 8, 0, 0, 0, time.UTC); !due.Equal(want) {
		t.Errorf("it is due at %s, want %s", due, want)
	}
	if a = editor.post("/import/posts/take", take); a.to != "/import/posts?edition="+fmt.Sprint(b.Edition)+"&order=day" {
		t.Errorf("saving it twice leads to %q", a.to)
	}
	// What goes out as a table comes back as what is there.
	a = editor.get("/export/posts?edition=" + fmt.Sprint(b.Edition))
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") || !strings.Contains(a.body, `"Cöur","1","fr","","été =2+2","2027-08-03","09:00","local"`) {
		t.Fatalf("the export: %d\n%s", a.status, a.body)
	}
	editor.upload("/import/posts", "posts.csv", []byte(a.body))
	if a = editor.get("/import/posts?edition=" + fmt.Sprint(b.Edition)); !strings.Contains(a.body, "1 is there already, just so.") {
		t.Errorf("the export brought in again:\n%s", a.body)
	}
	if a = editor.upload("/import/posts", "big.csv", bytes.Repeat([]byte("a,b\n"), 1<<20)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "larger than 2 MB") {
		t.Errorf("a file that is too large: %d\n%.500s", a.status, a.body)
	}
}

// TestCalendarProgramsOfOthersReadAFeed gives a feed to khal and to python3-icalendar, from Debian's packages (scripts/setup --test).
func TestCalendarProgramsOfOthersReadAFeed(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	b.Deliver(booktest.Delivery{Post: b.Post("blue-heart"), Channel: b.Channel(booktest.Channel{Zone: "Europe/London"})})
	editor := s.as("editor")
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		s.must(os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	days := write("days.ics", s.feed(editor.subscribe("observances", 0)).body)
	posts := write("posts.ics", s.feed(editor.subscribe("edition", b.Edition)).body)
	config := write("khal.conf", "[calendars]\n[[feed]]\npath = "+folder+"/vdir\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\nlocal_timezone = Etc/UTC\ndefault_timezone = Etc/UTC\n[sqlite]\npath = "+folder+"/khal.db\n[default]\ndefault_calendar = feed\n")
	s.must(os.Mkdir(filepath.Join(folder, "vdir"), 0o700))
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "XDG_CACHE_HOME="+folder)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s\nInstall it with scripts/setup --test.", name, err, out)
		}
		return string(out)
	}
	run("khal", "-c", config, "import", "--batch", "-a", "feed", days, posts)
	got := run("khal", "-c", config, "list", "2027-07-30", "1d")
	for _, want := range []string{"World Day against Trafficking in Persons", "09:00-09:15 Blue heart"} {
		if !strings.Contains(got, want) {
			t.Errorf("khal does not show %q on 30 July:\n%s", want, got)
		}
	}
	got = run("/usr/bin/python3", "-c", `
import sys, icalendar
for name in sys.argv[1:]:
    cal = icalendar.Calendar.from_ical(open(name, "rb").read())
    assert not cal.errors, cal.errors
    for e in cal.walk("VEVENT"):
        assert not e.errors, e.errors
        if e["DTSTART"].to_ical().startswith(b"20270730"):
            print(e["SUMMARY"], e["STATUS"], e.decoded("DTSTART"), e.decoded("DTEND"), e["SEQUENCE"], e["UID"])
`, days, posts)
	for _, want := range []string{"World Day against Trafficking in Persons CONFIRMED 2027-07-30 2027-07-31 0 day-", "Blue heart TENTATIVE 2027-07-30 09:00:00+00:00 2027-07-30 09:15:00+00:00 1 post-"} {
		if !strings.Contains(got, want) {
			t.Errorf("python3-icalendar does not read %q:\n%s", want, got)
		}
	}
}
