package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// entry finds the delivery of a message; the site has one channel in one language then.
func (s *site) entry(message string) book.Entry {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range slices.Backward(entries) {
		if e.Message == message {
			return e
		}
	}
	s.t.Fatalf("there is no delivery of %s", message)
	return book.Entry{}
}

// edit lets the author change a post.
func (s *site) edit(message string, change func(*post.Source)) {
	s.t.Helper()
	id := s.entry(message).Post
	s.inTx(func(tx *postgres.Tx) error {
		locked, err := book.Lock(s.t.Context(), tx, id)
		if err != nil {
			return err
		}
		change(&locked.Source)
		_, err = book.Revise(s.t.Context(), tx, id, locked.Version, locked.Source, s.Author)
		return err
	})
}

func (s *site) text(message string) string {
	s.t.Helper()
	p, err := book.FindPost(s.t.Context(), s.db, s.entry(message).Post)
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Source.Parts[0].Texts["en"]
}

// counts are the rows that planning could write.
func (s *site) counts() map[string]int {
	s.t.Helper()
	n := map[string]int{}
	for _, table := range []string{"posts", "revisions", "deliveries", "offers", "tasks", "editions", "audit", "queue"} {
		var count int
		if err := s.db.GetContext(s.t.Context(), &count, "SELECT count(*) FROM "+table); err != nil {
			s.t.Fatal(err)
		}
		n[table] = count
	}
	return n
}

// settled fails the test when planning once more writes anything.
func (s *site) settled() {
	s.t.Helper()
	before, rows := s.counts(), s.rows(0)
	if made := s.make(plan.Options{}); made.Changed() {
		s.t.Errorf("planning again changes %+v", made)
	}
	if diff := cmp.Diff(before, s.counts()) + cmp.Diff(rows, s.rows(0)); diff != "" {
		s.t.Errorf("planning again (-before +after):\n%s", diff)
	}
}

func TestAnUntouchedPostFollowsItsFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	s.Schedule(s.entry("day").Delivery)
	s.Publish(s.entry("before").Delivery, time.Date(2027, 7, 28, 9, 0, 0, 0, time.UTC))
	for i := range s.body.Posts {
		s.body.Posts[i].Texts = map[string]string{"en": "New words"}
	}
	s.load()
	made := s.make(plan.Options{})
	if made.Followed != 2 || made.Moved != 0 || made.Offered != 0 {
		t.Errorf("made %+v, want two posts to follow: the third is out", made)
	}
	if e := s.entry("day"); e.State != post.Held || e.Hold != post.ForEdited || s.text("day") != "New words" {
		t.Errorf("what was approved is %s for %s and says %q", e.State, e.Hold, s.text("day"))
	}
	if e := s.entry("before"); e.State != post.Published || s.text("before") != "Remember" {
		t.Errorf("what was out is %s and says %q", e.State, s.text("before"))
	}
	s.settled()
}

func TestAMovedTimeHoldsWhatWasApproved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Zone: "Africa/Accra"})
	s.make(plan.Options{})
	s.Schedule(s.entry("day").Delivery)
	s.body.Posts[1].Time = oclock(t, "15:30")
	s.body.Posts[2].Offset.Days = 3
	s.load()
	if made := s.make(plan.Options{}); made.Moved != 2 || made.Withdrawn != 0 || made.Deliveries != 0 {
		t.Errorf("made %+v, want two to move", made)
	}
	e := s.entry("day")
	want := "The plan moved it from 2027-07-30 12:00 to 2027-07-30 15:30. Send it for review again."
	if e.State != post.Held || e.DueClock != "15:30" || !e.DueAt.Equal(time.Date(2027, 7, 30, 14, 30, 0, 0, time.UTC)) || e.Problem != want {
		t.Errorf("the approved one is %+v", e)
	}
	if e := s.entry("after"); e.DueDate != "2027-08-02" || e.Problem != "" || e.Hold != post.ForApproval {
		t.Errorf("the one that nobody has seen is %+v", e)
	}
	s.settled()
}

func TestAChannelThatMovesToAnotherZoneTakesItsPostsAlong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.Channel(booktest.Channel{Zone: "Africa/Accra"})
	s.make(plan.Options{})
	s.Schedule(s.entry("before").Delivery)
	if _, err := s.db.ExecContext(t.Context(), `UPDATE channels SET zone = 'America/Lima' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if made := s.make(plan.Options{}); made.Moved != 3 || made.Followed != 0 {
		t.Errorf("made %+v", made)
	}
	if e := s.entry("before"); e.State != post.Held || !e.DueAt.Equal(time.Date(2027, 7, 28, 14, 0, 0, 0, time.UTC)) ||
		e.Problem != "The plan moved it from 2027-07-28 09:00 to 2027-07-28 14:00 UTC. Send it for review again." {
		t.Errorf("it is %+v", e)
	}
	s.settled()
}

func TestAMessageThatGoesIsWithdrawnAndComesBackAsANewDelivery(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Languages: []string{"en", "fr"}})
	s.make(plan.Options{})
	s.Publish(s.entry("day").Delivery, time.Date(2027, 7, 30, 11, 0, 0, 0, time.UTC)) // French is the later row
	posts := s.body.Posts
	s.Schedule(s.entry("after").Delivery)
	s.body.Posts = posts[:1]
	s.load()
	if made := s.make(plan.Options{}); made.Withdrawn != 2 {
		t.Errorf("made %+v, want the one not yet out of two and the third withdrawn", made)
	}
	if e := s.entry("after"); e.State != post.Cancelled || !strings.Contains(e.Problem, "no longer has this message") {
		t.Errorf("the approved one is %+v", e)
	}
	if e := s.entry("day"); e.State != post.Published {
		t.Errorf("what is out is %s", e.State)
	}
	s.settled()
	s.body.Posts = posts
	s.load()
	if made := s.make(plan.Options{}); made.Deliveries != 2 || made.Posts != 0 {
		t.Errorf("made %+v, want two back", made)
	}
	if e := s.entry("after"); e.State != post.Held || e.Hold != post.ForApproval {
		t.Errorf("it came back as %+v", e)
	}
	s.settled()
}

func TestWhatAPersonCancelledOrPlacedStaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	other := s.Channel(booktest.Channel{Languages: []string{"de"}})
	own := s.Deliver(booktest.Delivery{Post: s.entry("day").Post, Channel: other, Language: "de"})
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`, s.entry("after").Delivery); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET due_clock = '23:00', due_at = '2027-07-28 23:00Z', planned = false WHERE id = $1`,
		s.entry("before").Delivery); err != nil {
		t.Fatal(err)
	}
	s.settled()
	var state string
	if err := s.db.GetContext(t.Context(), &state, `SELECT state FROM deliveries WHERE id = $1`, own); err != nil || state != "held" {
		t.Errorf("a person's own delivery is %s, %v", state, err)
	}
}

func TestAChannelThatGoesTakesItsDeliveriesAlong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.Channel(booktest.Channel{Languages: []string{"en", "fr"}})
	second := s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	for query, id := range map[string]int64{`UPDATE channels SET languages = '{en}' WHERE id = $1`: first, `UPDATE channels SET archived_at = now() WHERE id = $1`: second} {
		if _, err := s.db.ExecContext(t.Context(), query, id); err != nil {
			t.Fatal(err)
		}
	}
	if made := s.make(plan.Options{}); made.Withdrawn != 2+3 {
		t.Errorf("made %+v", made)
	}
	s.settled()
}

func TestWhatIsOnItsWayOrMayBeOutStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	s.Send(s.entry("before").Delivery, time.Date(2027, 7, 28, 9, 0, 0, 0, time.UTC))
	s.Lose(s.entry("day").Delivery, time.Date(2027, 7, 30, 11, 0, 0, 0, time.UTC))
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET hold = 'decision' WHERE id = $1`, s.entry("after").Delivery); err != nil {
		t.Fatal(err)
	}
	before := s.rows(0)
	s.body.Posts = []campaign.Message{{ID: "other", Mode: campaign.Local, Time: oclock(t, "10:00"), Texts: map[string]string{"de": "Anderes"}}}
	s.load()
	if made := s.make(plan.Options{}); made.Withdrawn != 0 {
		t.Errorf("made %+v", made)
	}
	if diff := cmp.Diff(before, s.rows(0)); diff != "" {
		t.Errorf("deliveries (-before +after):\n%s", diff)
	}
}

func TestATimeThatMovesIntoThePastIsWithdrawnAndCanComeBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	s.body.Posts[0].Offset.Days = -200
	s.load()
	made := s.make(plan.Options{})
	if made.Withdrawn != 1 || made.Moved != 0 {
		t.Errorf("made %+v", made)
	}
	s.settled()
	s.body.Posts[0].Offset.Days = -1
	s.load()
	if made := s.make(plan.Options{}); made.Deliveries != 1 {
		t.Errorf("made %+v", made)
	}
	s.settled()
}

func TestAnEditedPostIsOfferedTheFilesWordsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	editor := people.Person{ID: s.Reviewers[0], Role: people.RoleEditor}
	s.make(plan.Options{})
	s.edit("day", func(p *post.Source) { p.Parts[0].Texts["en"] = "Words of our own" })
	say := func(words string, offered int) {
		t.Helper()
		s.body.Posts[1].Texts = map[string]string{"en": words}
		s.load()
		if made := s.make(plan.Options{}); made.Offered != offered || made.Followed != 0 {
			t.Errorf("%q: made %+v, want %d offered", words, made, offered)
		}
		s.settled()
	}
	open := func() []replan.Offer {
		t.Helper()
		list, err := replan.Offers(t.Context(), s.db, 0)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	answer := func(accept bool) {
		t.Helper()
		s.inTx(func(tx *postgres.Tx) error { return replan.Answer(t.Context(), tx, open()[0].ID, editor, accept) })
	}

	say("A second try", 1)
	if diff := cmp.Diff([]replan.Difference{{Where: "text, en", Was: "Words of our own", Now: "A second try"}, {Where: "text, fr", Was: "Souvenons-nous"}},
		replan.Differences(open()[0].Current, open()[0].Words)); diff != "" {
		t.Errorf("the difference (-want +got):\n%s", diff)
	}
	answer(false) // kept
	say("A second try", 0)
	say("A third try", 1)
	say("A fourth try", 1) // the third is gone
	if list := open(); len(list) != 1 || list[0].Words.Parts[0].Texts["en"] != "A fourth try" {
		t.Errorf("offers: %+v", list)
	}
	say("A second try", 0) // kept before: no offer, and none is open
	if list := open(); len(list) != 0 {
		t.Errorf("offers: %+v", list)
	}
	if s.text("day") != "Words of our own" {
		t.Errorf("the post says %q", s.text("day"))
	}
	say("A fourth try", 1)
	answer(true)
	if s.text("day") != "A fourth try" {
		t.Errorf("after accepting, the post says %q", s.text("day"))
	}
	s.settled()
	s.edit("day", func(p *post.Source) { p.Parts[0].Texts["en"] = "Our own once more" })
	say("A fourth try", 0)
	say("A fifth try", 1)
	answer(true)
	say("A fourth try", 1) // accepted once, but the file went there and back
	if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error { return replan.Answer(t.Context(), tx, 1<<40, editor, true) }); err == nil {
		t.Error("an offer that is not there was accepted")
	}
}

func TestAnEditedPostTakesTheTimeOfThePlanUnlessThePersonMovedIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	s.edit("before", func(p *post.Source) { p.Parts[0].Texts["en"] = "Our own" })
	s.edit("after", func(p *post.Source) { p.When.Clock = "20:00" })
	s.settledAfterMoving(1) // the person's time reaches the delivery
	s.body.Posts[0].Time, s.body.Posts[2].Time = oclock(t, "11:00"), oclock(t, "11:00")
	s.load()
	if made := s.make(plan.Options{}); made.Moved != 1 || made.Offered != 0 {
		t.Errorf("made %+v", made)
	}
	if e := s.entry("before"); e.DueClock != "11:00" || s.text("before") != "Our own" {
		t.Errorf("the edited one is due at %s and says %q", e.DueClock, s.text("before"))
	}
	if e := s.entry("after"); e.DueClock != "20:00" {
		t.Errorf("the one that a person moved is due at %s", e.DueClock)
	}
	s.settled()
}

// settledAfterMoving plans once, which moves so many deliveries, and then no more.
func (s *site) settledAfterMoving(n int) {
	s.t.Helper()
	if made := s.make(plan.Options{}); made.Moved != n {
		s.t.Errorf("made %+v, want %d moved", made, n)
	}
	s.settled()
}

func TestTasksFollowTheCampaignUntilTheyAreDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.body.Tasks = []campaign.Task{
		{ID: "theme", Offset: campaign.Offset{Days: -60}, Who: "Comms", What: "Confirm the theme"},
		{ID: "thanks", Offset: campaign.Offset{FromEnd: true, Days: 1}, Who: "All", What: "Thank everybody"},
	}
	s.load()
	made := s.make(plan.Options{})
	tasks := func() (list []string) {
		t.Helper()
		all, err := book.Tasks(t.Context(), s.db, made.Edition)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range all {
			list = append(list, fmt.Sprintf("%s %s %s: %s %t %s", task.Key, task.DueDate, task.Who, task.What, task.DoneAt != nil, task.DoneBy))
		}
		return list
	}
	want := []string{"theme 2027-05-31 Comms: Confirm the theme false ", "thanks 2027-07-31 All: Thank everybody false "}
	if diff := cmp.Diff(want, tasks()); diff != "" || made.Tasks != 2 {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	s.settled()
	all, _ := book.Tasks(t.Context(), s.db, made.Edition)
	for range 2 {
		s.inTx(func(tx *postgres.Tx) error { return book.FinishTask(t.Context(), tx, all[0].ID, s.by, true) })
	}
	s.body.Tasks = []campaign.Task{{ID: "more", Who: "Ana", What: "Look"}}
	s.load()
	s.make(plan.Options{})
	want = []string{"theme 2027-05-31 Comms: Confirm the theme true Wren Writer", "more 2027-07-30 Ana: Look false "}
	if diff := cmp.Diff(want, tasks()); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	s.settled()
	s.inTx(func(tx *postgres.Tx) error { return book.FinishTask(t.Context(), tx, all[0].ID, s.by, false) })
	s.make(plan.Options{})
	if got := tasks(); len(got) != 1 {
		t.Errorf("a task that is open again and no longer in the campaign stays: %v", got)
	}
	if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		return book.FinishTask(t.Context(), tx, all[0].ID, people.Person{ID: s.Author, Role: people.RoleManager}, true)
	}); err == nil {
		t.Error("a manager marked a task")
	}
}

// world is a campaign with its channels in a database that many runs share.
type world struct {
	db *postgres.DB
	by people.Person
	n  int
}

// living lists what an edition has yet to send, with its words.
func (w *world) living(t *rapid.T, edition int64) []string {
	entries, err := book.Entries(t.Context(), w.db, book.EntryFilter{Edition: edition})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if e.State == post.Held {
			list = append(list, fmt.Sprintf("%s %s %s %s %s %s %s %s %q", e.Message, e.ChannelName, e.Language, e.DueDate, e.DueClock, e.Zone,
				e.DueAt.UTC().Format(time.RFC3339), e.NotAfter.UTC().Format(time.RFC3339), e.Text))
		}
	}
	slices.Sort(list)
	return list
}

func (w *world) save(t *rapid.T, c campaign.Campaign) {
	body, _, err := post.Canonical(c)
	if err != nil {
		t.Fatal(err)
	}
	of, err := json.Marshal(observance.Observance{ID: "july-30", Rule: observance.Rule{Kind: observance.Fixed, Month: time.July, Day: 30}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		_, err := book.SaveCampaign(t.Context(), tx, book.Campaign{ID: c.ID, Observance: of, Body: body, LoadedAt: spring}, w.by.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) plan(t *rapid.T, id string) plan.Made {
	made, err := plan.Make(t.Context(), w.db, id, 2027, plan.Options{By: w.by, Now: spring})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// drawEdited draws the next version of a campaign: messages change, go, come, come back and stand in another order.
func drawEdited(t *rapid.T) campaign.Campaign {
	c := drawCampaign(t)
	for i := range c.Posts {
		c.Posts[i].ID = fmt.Sprint("m", rapid.IntRange(0, 5).Draw(t, "id"))
		c.Posts[i].Offset.FromEnd = false
		for l := range c.Posts[i].Texts {
			c.Posts[i].Texts[l] = rapid.SampledFrom([]string{"One", "Two", "Three"}).Draw(t, "words")
		}
	}
	seen := map[string]bool{}
	c.Posts = slices.DeleteFunc(c.Posts, func(m campaign.Message) bool {
		was := seen[m.ID]
		seen[m.ID] = true
		return was
	})
	return c
}

func TestPlanningAfterAnyEditsIsPlanningTheLastCampaignAndPlanningTwiceIsPlanningOnce(t *testing.T) {
	t.Parallel()
	w := &world{db: postgrestest.New(t, migrations.FS)}
	b := booktest.New(t, w.db)
	w.by = people.Person{ID: b.Author, Role: people.RoleEditor}
	for _, zone := range []string{"Africa/Accra", "America/New_York", "Australia/Lord_Howe"} {
		b.Channel(booktest.Channel{Zone: zone, Languages: []string{"en", "fr"}})
	}
	rapid.Check(t, func(t *rapid.T) {
		w.n++
		followed, fresh := fmt.Sprintf("followed-%d", w.n), fmt.Sprintf("fresh-%d", w.n)
		var last campaign.Campaign
		var edition int64
		for range rapid.IntRange(1, 4).Draw(t, "versions") {
			last = drawEdited(t)
			last.ID = followed
			w.save(t, last)
			edition = w.plan(t, followed).Edition
			if again := w.plan(t, followed); again.Changed() {
				t.Fatalf("planning twice changes %+v", again)
			}
		}
		last.Posts = rapid.Permutation(last.Posts).Draw(t, "order")
		w.save(t, last)
		if again := w.plan(t, followed); again.Changed() {
			t.Fatalf("another order of the file changes %+v", again)
		}
		last.ID = fresh
		w.save(t, last)
		if diff := cmp.Diff(w.living(t, w.plan(t, fresh).Edition), w.living(t, edition)); diff != "" {
			t.Fatalf("the edition (-planned at once +followed):\n%s", diff)
		}
	})
}
