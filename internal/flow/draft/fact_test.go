package draft_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft"
	"daymark/internal/org/audit"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/google/go-cmp/cmp"
)

func TestAChangedFactRenewsWhatStatesItInTheLanguageThatChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	both := map[string]string{"en": "{{fact:F02}} {{link}}", "fr": "{{fact:F02}} {{link}}"}
	said := s.write("said", both)
	half := s.write("half", map[string]string{"en": "{{fact:F02}}", "fr": "Sans fait."})
	listed := s.write("listed", map[string]string{"en": "38%. Source: UNODC."}, func(p *post.Source) { p.Facts = []string{"F02"} })
	variant := s.write("variant", map[string]string{"en": "Base"}, func(p *post.Source) {
		p.Variants = []post.Variant{{Part: 1, Language: "en", Network: "x", Text: "{{fact:F02}}"}}
	})
	none := s.write("none", map[string]string{"en": "F02 is a word here, and {{fact:F99}}"})
	unsubmitted := s.write("unsubmitted", both)
	open := s.write("open", map[string]string{"fr": "{{fact:F02}}"})
	for _, d := range [][]int64{said[:1], said[1:], half[:1], half[1:], listed, variant, none} {
		s.Schedule(d...)
	}
	s.Submit(open...)

	// Only French changes.
	f := detected()
	f.Texts["fr"] = "38 % des victimes repérées sont des enfants."
	done, err := draft.SaveFact(t.Context(), s.db, f, 1, s.ed, spring)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.posts(said[0], open[0]), done.Posts); diff != "" {
		t.Errorf("posts to submit again: %s", diff)
	}
	s.scheduled(false, said...)
	s.scheduled(true, half[0], half[1], listed[0], variant[0], none[0])
	if e := s.entry(said[1]); e.Hold != post.ForEdited || e.Problem != "The fact F02 has changed. Send it for review again." {
		t.Errorf("the held post says %q", e.Problem)
	}
	if e := s.entry(unsubmitted[0]); e.Problem != "" {
		t.Errorf("a post that nobody submitted says %q", e.Problem)
	}

	// The figure changes: everything that states it.
	f.Texts["en"], f.Value = "40% of detected victims are children.", "40%"
	done, err = draft.SaveFact(t.Context(), s.db, f, 2, s.ed, spring)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.posts(half[0], listed[0], variant[0]), done.Posts); diff != "" {
		t.Errorf("posts to submit again: %s", diff)
	}
	s.scheduled(true, none...)
	if e := s.entry(listed[0]); e.Problem != "The fact F02 now says: “40% of detected victims are children (UNODC, 2024).” Send it for review again." {
		t.Errorf("the held post says %q", e.Problem)
	}
	p, err := book.FindPost(t.Context(), s.db, done.Posts[0])
	if err != nil || p.Source.Parts[0].Texts["en"] != "{{fact:F02}}" {
		t.Errorf("the words changed: %+v, %v", p.Source, err)
	}
	rows, err := audit.List(t.Context(), s.db, audit.Filter{Action: "post.renewed"})
	if err != nil || len(rows) != 5 || rows[0].Person != s.ed.ID {
		t.Errorf("%d audit rows, %v", len(rows), err)
	}

	before := s.count("revisions")
	for name, change := range map[string]func(*campaign.Fact){
		"the same":       func(*campaign.Fact) {},
		"a note":         func(f *campaign.Fact) { f.Note = "Look at the annex." },
		"the confidence": func(f *campaign.Fact) { f.Note, f.Confidence = "", "B" },
	} {
		rec, err := fact.Find(t.Context(), s.db, "F02")
		if err != nil {
			t.Fatal(err)
		}
		change(&rec.Fact)
		if done, err := draft.SaveFact(t.Context(), s.db, rec.Fact, rec.Version, s.ed, spring); err != nil || len(done.Posts) != 0 {
			t.Errorf("%s renews %v, %v", name, done.Posts, err)
		}
	}
	if after := s.count("revisions"); after != before {
		t.Errorf("%d revisions more", after-before)
	}
}

func TestASupersededFactSaysWhatToUseInItsPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.write("a", map[string]string{"en": "{{fact:F02}}"})
	s.Schedule(d...)
	f := detected()
	f.Status, f.SupersededBy = campaign.Superseded, "F99"
	done, err := draft.SaveFact(t.Context(), s.db, f, 1, s.ed, spring)
	if err != nil || len(done.Posts) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if e := s.entry(d[0]); e.State != post.Held || e.Problem != "The fact F02 is superseded: use F99 in its place. Send it for review again." {
		t.Errorf("the post is %s and says %q", e.State, e.Problem)
	}
}

func TestWhatIsOutIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	out, sending := s.write("out", map[string]string{"en": "{{fact:F02}}"}), s.write("sending", map[string]string{"en": "{{fact:F02}}"})
	s.Publish(out[0], booktest.Due)
	s.Send(sending[0], booktest.Due)
	f := detected()
	f.Value = "40%"
	if _, err := draft.SaveFact(t.Context(), s.db, f, 1, s.ed, spring); err != nil {
		t.Fatal(err)
	}
	if e := s.entry(out[0]); e.State != post.Published {
		t.Errorf("what is out is %s", e.State)
	}
	if e := s.entry(sending[0]); e.State != post.Sending {
		t.Errorf("what is on its way is %s", e.State)
	}
}

func TestARefusedFactRenewsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.write("a", map[string]string{"en": "{{fact:F02}}"})
	s.Schedule(d...)
	for name, tt := range map[string]struct {
		change  func(*campaign.Fact)
		version int
		by      people.Person
		want    fault.Kind
	}{
		"an older version": {func(f *campaign.Fact) { f.Value = "1" }, 7, s.ed, fault.Conflict},
		"a reviewer":       {func(f *campaign.Fact) { f.Value = "1" }, 1, s.rosa, fault.Forbidden},
		"no source":        {func(f *campaign.Fact) { f.Source.URL = "" }, 1, s.ed, fault.Invalid},
		"another fact":     {func(f *campaign.Fact) { f.ID = "F03" }, 1, s.ed, fault.NotFound},
		"an id that is":    {func(f *campaign.Fact) {}, 0, s.ed, fault.Conflict},
	} {
		f := detected()
		tt.change(&f)
		if done, err := draft.SaveFact(t.Context(), s.db, f, tt.version, tt.by, spring); !fault.Is(err, tt.want) || len(done.Posts) != 0 {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
	s.scheduled(true, d...)
	f := detected()
	f.ID = "NEW"
	if done, err := draft.SaveFact(t.Context(), s.db, f, 0, s.ed, spring); err != nil || len(done.Posts) != 0 {
		t.Errorf("a new fact: %+v, %v", done, err)
	}
}

func TestAFactThatStillHoldsMovesItsDayOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.write("a", map[string]string{"en": "{{fact:F02}}"})
	s.Schedule(d...)
	day := civil.Date{Year: 2028, Month: time.September, Day: 30}
	if err := draft.RenewFact(t.Context(), s.db, "F02", day, 1, s.ed, spring); err != nil {
		t.Fatal(err)
	}
	if rec, err := fact.Find(t.Context(), s.db, "F02"); err != nil || rec.ReviewBy != day || rec.Version != 2 || rec.Origin != fact.FromPerson {
		t.Errorf("%+v, %v", rec, err)
	}
	s.scheduled(true, d...)
	for name, tt := range map[string]struct {
		day     civil.Date
		version int
		by      people.Person
		want    fault.Kind
	}{
		"a day that is over": {civil.Date{Year: 2027, Month: time.February, Day: 28}, 2, s.ed, fault.Invalid},
		"no day":             {civil.Date{}, 2, s.ed, fault.Invalid},
		"an older version":   {day.AddDays(1), 1, s.ed, fault.Conflict},
		"a reviewer":         {day.AddDays(1), 2, s.rosa, fault.Forbidden},
	} {
		if err := draft.RenewFact(t.Context(), s.db, "F02", tt.day, tt.version, tt.by, spring); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileThatChangesAFactRenewsToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.write("a", map[string]string{"en": "{{fact:F02}}"})
	s.Schedule(d...)
	system, err := people.System(t.Context(), s.db)
	if err != nil {
		t.Fatal(err)
	}
	if taken, done, err := draft.LoadFacts(t.Context(), s.db, []campaign.Fact{detected(), other()}, system, spring); err != nil || len(done.Posts) != 0 || len(taken.Changed) != 0 {
		t.Errorf("%+v, %+v, %v", taken, done, err)
	}
	s.scheduled(true, d...)
	f := detected()
	f.Texts["en"] = "40% of detected victims are children."
	taken, done, err := draft.LoadFacts(t.Context(), s.db, []campaign.Fact{f, other()}, system, spring)
	if err != nil || len(taken.Changed) != 1 {
		t.Fatalf("%+v, %v", taken, err)
	}
	if diff := cmp.Diff(s.posts(d...), done.Posts); diff != "" {
		t.Error(diff)
	}
	s.scheduled(false, d...)
}

func TestNoSubmissionOutlivesTheFactItShows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const writers = 6
	var posts []book.Post
	for i := range writers {
		d := s.write(fmt.Sprintf("post-%d", i), map[string]string{"en": "{{fact:F02}}"})
		p, err := book.FindPost(t.Context(), s.db, s.entry(d[0]).Post)
		if err != nil {
			t.Fatal(err)
		}
		posts = append(posts, p)
	}
	var all sync.WaitGroup
	for _, p := range posts {
		all.Go(func() { // as internal/flow/review does: lock, read the value, write what reviewers see
			err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				locked, err := book.Lock(t.Context(), tx, p.ID)
				if err != nil {
					return err
				}
				f, err := fact.Find(t.Context(), tx, "F02")
				if err != nil {
					return err
				}
				said, _ := f.Say("en")
				e := p.Entries[0]
				_, err = book.AddSubmission(t.Context(), tx, book.Submission{Post: p.ID, Revision: locked.Revision, Language: "en", Approvals: 1, By: s.Author},
					map[int64]post.Final{e.Delivery: {Channel: e.Channel, Language: "en", DueAt: e.DueAt, NotAfter: e.NotAfter, Parts: []post.FinalPart{{Text: said}}}})
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		f := detected()
		for version := 1; version <= 3; version++ {
			f.Value = fmt.Sprintf("%d%%", 38+version)
			f.Texts = map[string]string{"en": f.Value + " of detected victims are children."}
			if _, err := draft.SaveFact(t.Context(), s.db, f, version, s.ed, spring); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	for _, p := range posts {
		releases, err := book.Releases(t.Context(), s.db, p.ID)
		if err != nil || len(releases) != 1 {
			t.Fatalf("%d releases, %v", len(releases), err)
		}
		if got := releases[0].Final.Parts[0].Text; releases[0].Current && got != "41% of detected victims are children (UNODC, 2024)." {
			t.Errorf("post %d is before reviewers with %q", p.ID, got)
		}
	}
}
