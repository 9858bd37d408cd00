package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/agenda"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/civil"
)

// entriesOf counts the posts that a calendar shows.
func entriesOf(a got) int {
	return strings.Count(a.body, `<a class="entry `) + strings.Count(a.body, `class="list-title"`)
}

func TestADayOfTheMonthShowsFivePostsAndLeadsToTheRest(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	channel := b.Channel(booktest.Channel{})
	for i := range 8 {
		b.Deliver(booktest.Delivery{Post: b.Post(fmt.Sprintf("post-%d", i)), Channel: channel, Due: booktest.Due.Add(time.Duration(i) * time.Hour)})
	}
	v := s.as("editor")
	month := v.get("/calendar?month=2027-07")
	if n := entriesOf(month); n != 5 {
		t.Errorf("the month shows %d of 8", n)
	}
	more := regexp.MustCompile(`class="more-day" href="([^"]+)">&#43;3<`).FindStringSubmatch(month.body)
	if more == nil {
		t.Fatal("the month does not say +3")
	}
	day := v.get(plainHTML.Replace(more[1]))
	if n := entriesOf(day); n != 8 || !strings.Contains(day.body, "Fri 30 July 2027") {
		t.Errorf("the day shows %d of 8", n)
	}
	week := v.get("/calendar?view=week&day=2027-07-30")
	if n := entriesOf(week); n != 8 {
		t.Errorf("the week shows %d of 8", n)
	}
	says(t, week, `data-date="2027-07-26"`, `data-date="2027-08-01" data-hour="10"`, "26 July 2027", `/new/post?day=2027-07-30`)
	says(t, month, "/new/post?day=2027-07-30", `name="post" value="1"`, `href="/posts/1/move"`)
	if a := v.get("/calendar?month=2027-06"); strings.Contains(a.body, "/new/post?day=2027-06-15") {
		t.Error("a post can be begun on a day that is over")
	}
	if a := s.as("manager").get("/calendar?month=2027-07"); strings.Contains(a.body, "/new/post?day") {
		t.Error("a manager is led to begin posts")
	}
}

func TestTheCalendarFiltersBySeveralValues(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	everything := entriesOf(v.get("/calendar?view=list&month=2027-07"))
	for address, want := range map[string]int{
		"network=mastodon":                     everything,
		"network=x&network=bluesky":            0,
		"network=x&network=mastodon":           everything,
		"state=draft&state=review":             everything,
		"state=published":                      0,
		"edition=1":                            everything,
		"edition=0":                            0,
		"edition=0&edition=1":                  everything,
		"label=york":                           0,
		"zone=Asia%2FTokyo&language=en":        -1,
		"zone=channel&language=ar&language=fr": -1,
		"edition=x&state=%00&page=7":           0,
	} {
		a := v.get("/calendar?view=list&month=2027-07&" + address)
		if n := entriesOf(a); a.status != http.StatusOK || (want >= 0 && n != want) || (want < 0 && n == 0) {
			t.Errorf("%s: %d with %d posts, want %d", address, a.status, n, want)
		}
	}
	a := v.get("/calendar?month=2027-07&state=draft&state=review&zone=Asia/Tokyo")
	says(t, a, `value="draft" checked`, `value="review" checked`, "All times are in Asia/Tokyo.", `<option value="Asia/Tokyo" selected>`,
		"state=draft&amp;state=review&amp;zone=Asia%2FTokyo")
}

func TestWhatIsObservedStandsAsBandsAlsoWithoutACampaign(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	a := s.as("editor").get("/calendar?month=2027-07")
	says(t, a, fmt.Sprintf(`<a class="band" href="/editions/%d">`, edition))
	says(t, s.as("editor").get("/calendar?month=2027-10"), `<a class="band band-light" href="/year/2027#day-`)
	if strings.Contains(a.body, "#day-un-trafficking-day") {
		t.Error("a day that we have an edition for stands there twice")
	}
}

func TestWhatLiesTooCloseIsMarked(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	channel := b.Channel(booktest.Channel{})
	b.Deliver(booktest.Delivery{Post: b.Post("first"), Channel: channel})
	b.Deliver(booktest.Delivery{Post: b.Post("second"), Channel: channel, Due: booktest.Due.Add(5 * time.Minute)})
	v := s.as("editor")
	for _, view := range []string{"", "&view=week&day=2027-07-30", "&view=list"} {
		a := v.get("/calendar?month=2027-07" + view)
		if n := strings.Count(a.body, "data-odd"); n != 1 || !strings.Contains(a.body, "closer to another post than the account likes") {
			t.Errorf("%q marks %d places", view, n)
		}
	}
}

// The agenda and the pages have one and the same word for how each delivery stands.
func TestTheCalendarHasTheStandingsOfEveryOtherPage(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	channel := b.Channel(booktest.Channel{})
	place := func(name string) int64 { return b.Deliver(booktest.Delivery{Post: b.Post(name), Channel: channel}) }
	place("draft")
	b.Submit(place("review"))
	b.Schedule(place("scheduled"))
	b.Publish(place("published"), booktest.Due)
	b.Miss(place("missed"))
	b.Lose(place("lost"), booktest.Due)
	b.Refuse(place("failed"), booktest.Due, "no")
	sending := place("sending")
	b.Schedule(sending)
	b.Send(sending, booktest.Due)
	changes := b.Submit(place("changes"))
	s.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, 'reviewer', 'changes', 'gently')`, changes, b.Reviewers[0])
	edited := place("edited")
	b.Schedule(edited)
	s.exec(`UPDATE deliveries SET state = 'held', hold = 'edited', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`, edited)
	for _, hold := range []string{"paused", "overdue", "decision"} {
		s.exec(`UPDATE deliveries SET hold = $2 WHERE id = $1`, place(hold), hold)
	}
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{})
	s.must(err)
	lines, err := agenda.Lines(t.Context(), s.db, agenda.Ask{
		From: civil.Date{Year: 2027, Month: 7, Day: 30}, To: civil.Date{Year: 2027, Month: 7, Day: 31}, Zone: time.UTC, Person: s.person("admin"), Now: booktest.Due,
	})
	s.must(err)
	stand := map[string]string{}
	for _, l := range lines {
		stand[l.Message] = strings.Join(l.Standings, ",")
	}
	v := s.as("admin")
	if len(entries) != len(lines) {
		t.Errorf("%d deliveries and %d lines", len(entries), len(lines))
	}
	for _, e := range entries {
		a := v.get(fmt.Sprintf("/posts/%d", e.Post))
		mark := regexp.MustCompile(`data-state="([a-z]+)"`).FindStringSubmatch(a.body)
		if mark == nil || mark[1] != stand[e.Message] || !slices.Contains(page.Standings(), page.Standing(stand[e.Message])) {
			t.Errorf("%s: the calendar says %q, its page %v", e.Message, stand[e.Message], mark)
		}
	}
}

// due says when each place of a post goes out, and how it stands.
func (s *site) due(id int64) (list []string) {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{Post: id})
	s.must(err)
	for _, e := range entries {
		list = append(list, fmt.Sprintf("%s %s %s", e.State, e.DueDate, e.DueClock))
	}
	slices.Sort(list)
	return list
}

// approved plans the edition and has its first post approved; it returns the post and its places.
func (s *site) approved() (int64, []string) {
	s.t.Helper()
	edition := s.plan()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{Edition: edition})
	s.must(err)
	id := entries[0].Post
	sent, err := review.Submit(s.t.Context(), s.db, checks(s.t), id, s.person("editor"), s.clock.Now())
	s.must(err)
	if len(sent.Submissions) == 0 {
		s.t.Fatalf("nothing was submitted: %v", sent.Waiting)
	}
	for _, c := range s.submittedCards() {
		s.answered(c)
		_, err := review.Say(s.t.Context(), s.db, c.Submission, s.person("reviewer"), review.Approve, "", s.clock.Now())
		s.must(err)
	}
	return id, s.due(id)
}

func TestAnApprovedPostSaysWhatItsMoveCostsBeforeItMoves(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	id, before := s.approved()
	v := s.as("editor")
	address := fmt.Sprintf("/posts/%d/move", id)
	form := v.get(address)
	says(t, form, `name="date"`, `name="clock"`, "own clock", "/deliveries/", "Move this place only")
	typed := typedIn(form.body)
	typed.Set("date", "2027-07-20")
	typed.Set("clock", "18:30")
	asked := v.post(address, typed)
	says(t, asked, "What will happen", "The approval of", "and send it for review again", "18:30", "20 July 2027")
	if diff := cmp.Diff(before, s.due(id)); diff != "" {
		t.Fatalf("it moved before anybody said so (-was +is):\n%s", diff)
	}
	sure := hidden(asked.body)
	sure.Set("then", "submit")
	done := v.post(address, sure)
	if done.status != http.StatusSeeOther || !strings.HasPrefix(done.to, "/calendar?undo=") {
		t.Fatalf("moving: %d to %s\n%s", done.status, done.to, done.body)
	}
	for _, place := range s.due(id) {
		if !strings.HasPrefix(place, "held 2027-07-20 18:30") {
			t.Errorf("a place is %s", place)
		}
	}
	says(t, v.get("/calendar"), "goes out on", "20 July 2027", "Sent 1 post for review.")
	if n := len(s.submittedCards()); n == 0 {
		t.Error("nothing is before reviewers again")
	}
	if again := v.post(address, sure); again.status == http.StatusSeeOther {
		t.Error("the same words moved it twice, though the post has changed since")
	}
}

func TestADraftMovesAtOnceAndMistakesKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: edition})
	s.must(err)
	v, id := s.as("editor"), entries[0].Post
	address := fmt.Sprintf("/posts/%d/move", id)
	typed := typedIn(v.get(address).body)
	for field, wrong := range map[string]string{"date": "2027-02-30", "clock": "25:00", "zone": "Mars/Olympus"} {
		a := v.post(address, with(typed, field, wrong))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#`+field+`"`) {
			t.Errorf("%s %s: %d", field, wrong, a.status)
		}
	}
	if a := v.post(address, with(typed, "date", "2027-07-01")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "That time has passed") || !strings.Contains(a.body, `value="2027-07-01"`) {
		t.Errorf("the past: %d\n%s", a.status, a.body)
	}
	if a := v.post(address, with(typed, "date", "2027-07-21", "clock", "10:00", "zone", "Asia/Tokyo")); a.status != http.StatusSeeOther {
		t.Fatalf("a draft: %d\n%s", a.status, a.body)
	}
	for _, place := range s.due(id) {
		if place != "held 2027-07-21 10:00" {
			t.Errorf("a place is %s", place)
		}
	}
	place := fmt.Sprintf("/deliveries/%d/move", entries[0].Delivery)
	if a := v.post(place, with(typedIn(v.get(place).body), "date", "2027-07-22")); a.status != http.StatusSeeOther {
		t.Fatalf("one place: %d\n%s", a.status, a.body)
	}
	moved := 0
	for _, place := range s.due(id) {
		if strings.HasPrefix(place, "held 2027-07-22") {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d places moved, want one", moved)
	}
}

func TestManyPostsMoveTogetherAndThoseThatCannotAreNamed(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	channel := b.Channel(booktest.Channel{})
	var ids []string
	var posts []int64
	for i := range 3 {
		id := b.Post(fmt.Sprintf("message-%d", i+1))
		posts = append(posts, id)
		ids = append(ids, fmt.Sprint(id))
		d := b.Deliver(booktest.Delivery{Post: id, Channel: channel, Due: booktest.Due.Add(time.Duration(i) * time.Hour)})
		if i == 1 {
			b.Schedule(d)
		}
		if i == 2 {
			b.Publish(d, booktest.Due.Add(2*time.Hour))
		}
	}
	v := s.as("editor")
	back := "/calendar?month=2027-07&state=draft"
	if a := v.post("/calendar/move", url.Values{"back": {back}}); a.status != http.StatusSeeOther || a.to != back {
		t.Errorf("nothing chosen: %d to %s", a.status, a.to)
	}
	form := v.post("/calendar/move", url.Values{"post": ids, "back": {back}})
	says(t, form, "Message 1", "Message 2", "Message 3", "Days later", "Show what will happen")
	for _, wrong := range []string{"", "x", "1e9", "99999"} {
		if a := v.post("/calendar/move", url.Values{"post": ids, "days": {wrong}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("days %q: %d", wrong, a.status)
		}
	}
	asked := v.post("/calendar/move", url.Values{"post": ids, "days": {"2"}, "hours": {"-1"}, "back": {back}})
	says(t, asked, "2 days later, 1 hour earlier", "1 post was approved", "Nothing of it waits to go out", "Move 2 posts and send them for review again")
	done := v.post("/calendar/move", hidden(asked.body))
	if done.status != http.StatusSeeOther || !strings.HasPrefix(done.to, back+"&undo=") {
		t.Fatalf("moving: %d to %s\n%s", done.status, done.to, done.body)
	}
	flash := v.get(back).body
	flash = flash[strings.Index(flash, `id="flash"`):][:400]
	if !strings.Contains(flash, "Moved 2 posts.") || !strings.Contains(flash, "Message 3: Nothing of it waits to go out") {
		t.Errorf("it says: %s", flash)
	}
	if diff := cmp.Diff([]string{"held 2027-08-01 08:00", "held 2027-08-01 09:00", "published 2027-07-30 11:00"}, slices.Concat(s.due(posts[0]), s.due(posts[1]), s.due(posts[2]))); diff != "" {
		t.Errorf("where they are (-want +got):\n%s", diff)
	}
	day := v.post("/calendar/move", url.Values{"post": ids[:1], "day": {"2027-09-01"}})
	if a := v.post("/calendar/move", hidden(day.body)); a.status != http.StatusSeeOther || s.due(posts[0])[0] != "held 2027-09-01 08:00" {
		t.Errorf("to a day: %d, %v", a.status, s.due(posts[0]))
	}
	drag := url.Values{"post": ids[:1], "days": {"-1"}, "hours": {"2"}, "drag": {"yes"}}
	if a := v.post("/calendar/move", drag); a.status != http.StatusSeeOther || s.due(posts[0])[0] != "held 2027-08-31 10:00" {
		t.Errorf("dragged: %d, %v", a.status, s.due(posts[0]))
	}
}

func TestWhatWasMissedMovesAsWell(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	id := b.Post("late")
	b.Miss(b.Deliver(booktest.Delivery{Post: id, Channel: b.Channel(booktest.Channel{})}))
	a := s.as("editor").post("/calendar/move", url.Values{"post": {fmt.Sprint(id)}, "days": {"3"}, "drag": {"yes"}})
	if a.status != http.StatusSeeOther || s.due(id)[0] != "held 2027-08-02 09:00" {
		t.Errorf("%d, %v\n%s", a.status, s.due(id), a.body)
	}
	if a := s.as("translator").post("/calendar/move", url.Values{"post": {fmt.Sprint(id)}, "days": {"3"}, "drag": {"yes"}}); a.status >= http.StatusInternalServerError {
		t.Errorf("a translator: %d", a.status)
	}
}

func TestChosenPostsAreHeldAndSentForReview(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	id, _ := s.approved()
	v := s.as("editor")
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: 1})
	s.must(err)
	draft := entries[len(entries)-1].Post
	both := url.Values{"post": {fmt.Sprint(id), fmt.Sprint(draft)}}
	asked := v.post("/calendar/hold", both)
	says(t, asked, "Hold 1 post", "Why it is held", "nothing to hold")
	if a := v.post("/calendar/hold", hidden(asked.body)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	}
	if a := v.post("/calendar/hold", with(hidden(asked.body), "comment", "A partner asked us to wait.")); a.status != http.StatusSeeOther {
		t.Errorf("holding: %d\n%s", a.status, a.body)
	}
	says(t, v.get("/calendar"), "Held 1 post.", "so there is nothing to hold")
	for _, place := range s.due(id) {
		if !strings.HasPrefix(place, "held") {
			t.Errorf("a place is %s", place)
		}
	}
	asked = v.post("/calendar/submit", both)
	says(t, asked, "Send 1 post for review", "Nothing of it waits to be sent")
	if a := v.post("/calendar/submit", hidden(asked.body)); a.status != http.StatusSeeOther {
		t.Errorf("sending: %d\n%s", a.status, a.body)
	}
	says(t, v.get("/calendar"), "for review")
}

func TestNobodyMovesPostsBeyondTheirLimitsByNamingThem(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	ids := s.outside()
	post := fmt.Sprint(ids["post"])
	s.exec(`UPDATE people SET labels = '{leeds}' WHERE role <> 'system'`)
	before := s.state()
	for _, role := range []string{"editor", "chapter", "admin"} {
		v := s.as(role)
		for _, path := range []string{"/calendar/move", "/calendar/hold", "/calendar/submit"} {
			for _, form := range []url.Values{{"post": {post}}, {"post": {post}, "days": {"1"}, "sure": {"yes"}, "comment": {"because we can"}, "drag": {"yes"}}} {
				if a := v.post(path, form); a.status != http.StatusNotFound {
					t.Errorf("%s as %s: %d, want nothing there", path, role, a.status)
				}
			}
		}
	}
	if after := s.state(); after != before {
		t.Errorf("something changed:\n%s\n%s", before, after)
	}
	v := s.as("admin")
	for _, form := range []url.Values{{"post": {"x"}}, {"post": {"-1"}}, {"post": slices.Repeat([]string{"1"}, 3)}} {
		if a := v.post("/calendar/move", form); a.status >= http.StatusInternalServerError || a.status == http.StatusOK {
			t.Errorf("%v: %d", form, a.status)
		}
	}
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprint(i+1))
	}
	if a := v.post("/calendar/move", url.Values{"post": many}); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
		t.Errorf("300 posts at once: %d", a.status)
	}
	for _, back := range []string{"https://evil.test/calendar", "//evil.test/calendar", "/logout", "javascript:alert(1)"} {
		if a := v.post("/calendar/move", url.Values{"back": {back}}); !strings.HasPrefix(a.to, "/calendar") {
			t.Errorf("back to %q leads to %q", back, a.to)
		}
	}
}

// hidden reads what the form that does it carries along.
func hidden(body string) url.Values {
	v := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if m[1] != "drag" && m[1] != "language" {
			v.Add(m[1], plainHTML.Replace(m[2]))
		}
	}
	return v
}

// typedIn reads the form of a page as a browser would send it.
func typedIn(body string) url.Values {
	v := hidden(body)
	for _, m := range regexp.MustCompile(`<input id="(date|clock)" name="[^"]+" type="[^"]+" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// undoing returns the form that moves back what was just moved, with where it is sent; nothing where none is offered.
func undoing(a got) (string, url.Values) {
	_, rest, there := strings.Cut(a.body, `id="undo"`)
	if !there {
		return "", nil
	}
	before, _, _ := strings.Cut(a.body, `id="undo"`)
	_, action, _ := strings.Cut(before[strings.LastIndex(before, "<form"):], `action="`)
	action, _, _ = strings.Cut(action, `"`)
	form, _, _ := strings.Cut(rest, "</form>")
	return action, with(hidden(form), "drag", "yes")
}

func TestAMoveIsTakenBackUnlessSomethingChangedSince(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: edition})
	s.must(err)
	v, id := s.as("editor"), entries[0].Post
	was := s.due(id)
	move := func(change url.Values) got {
		t.Helper()
		change.Set("post", fmt.Sprint(id))
		change.Set("drag", "yes")
		a := v.post("/calendar/move", change)
		if a.status != http.StatusSeeOther {
			t.Fatalf("moving: %d\n%s", a.status, a.body)
		}
		return v.get(a.to)
	}
	for name, change := range map[string]url.Values{"dragged": {"days": {"3"}, "hours": {"2"}}, "to a day": {"day": {"2027-08-20"}}} {
		action, form := undoing(move(change))
		if action != "/calendar/move" || slices.Equal(s.due(id), was) {
			t.Fatalf("%s: nothing moves back by %q, or it never moved", name, action)
		}
		if a := v.post(action, form); a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", name, a.status, a.body)
		}
		if diff := cmp.Diff(was, s.due(id)); diff != "" {
			t.Errorf("%s and back (-want +got):\n%s", name, diff)
		}
		v.post(action, form)
		if diff := cmp.Diff(was, s.due(id)); diff != "" {
			t.Errorf("%s, the same button twice (-want +got):\n%s", name, diff)
		}
	}
	address := fmt.Sprintf("/posts/%d/move", id)
	done := v.post(address, with(typedIn(v.get(address).body), "date", "2027-07-21", "clock", "10:00", "zone", ""))
	action, form := undoing(v.get(done.to))
	if a := v.post(action, form); action != address || a.status != http.StatusSeeOther {
		t.Fatalf("by its form: %q, %d\n%s", action, a.status, a.body)
	}
	if diff := cmp.Diff(was, s.due(id)); diff != "" {
		t.Errorf("by its form and back (-want +got):\n%s", diff)
	}
	done = v.post("/calendar/move", url.Values{"post": {fmt.Sprint(id)}, "days": {"1"}, "drag": {"yes"}})
	if action, _ := undoing(s.as("manager").get(done.to)); action != "" {
		t.Error("somebody who moves nothing is offered to move it back")
	}
	if a := v.post(address, with(typedIn(v.get(address).body), "date", "2027-07-25")); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	if action, _ := undoing(v.get(done.to)); action != "" {
		t.Error("a post that moved on since is offered to be moved back")
	}
	for _, wrong := range []string{"undo=x", "undo=1:x&undo-days=1", "undo=999:1&undo-days=1", "undo=" + fmt.Sprint(id)} {
		if a := v.get("/calendar?" + wrong); a.status != http.StatusOK || strings.Contains(a.body, `id="undo"`) {
			t.Errorf("%s: %d", wrong, a.status)
		}
	}
}

func TestADayOfTheCalendarBeginsAPostOnThatDay(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	says(t, s.as("editor").get("/new/post?day=2027-08-09"), `value="2027-08-09"`)
}
