package draft_test

import (
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/google/go-cmp/cmp"
)

// shown is a site where one helpline is checked and shown: by a scheduled post in two places, by one before reviewers, by one that
// is out.
type shown struct {
	*site
	line                           helpline.Record
	scheduled, open, live, without int64
}

func newShown(t *testing.T) *shown {
	t.Helper()
	s := &shown{site: newSite(t)}
	s.inTx(func(tx *postgres.Tx) error {
		made, err := helpline.Add(t.Context(), tx, campaign.Helpline{
			ID: "hope", Country: "GB", Name: "Hope", Phone: "0800 000 000", For: "everyone", Purpose: campaign.Support,
			Sources: []observance.Source{{ID: "S", Name: "Hope", URL: "https://hope.example/"}}, Read: "operator", CheckDays: 300,
		}, s.ed, spring)
		if err != nil {
			return err
		}
		if _, err = helpline.AddCheck(t.Context(), tx, made.ID, helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Somebody answered."}, s.ed, spring); err != nil {
			return err
		}
		s.line, err = helpline.Find(t.Context(), tx, made.ID)
		return err
	})
	words := map[string]string{"en": "{{helpline}}"}
	s.scheduled, s.open, s.live = s.write("scheduled", words)[0], s.write("open", words)[0], s.write("live", words)[0]
	s.without = s.write("without", map[string]string{"en": "Hello"})[0]
	for _, d := range []int64{s.scheduled, s.live} {
		s.approve(d, s.show(d))
	}
	s.show(s.open)
	s.Schedule(s.without)
	s.Publish(s.live, booktest.Due)
	return s
}

// show puts a delivery with the helpline's number before reviewers and returns the submission.
func (s *shown) show(delivery int64) int64 {
	s.t.Helper()
	e := s.entry(delivery)
	p, err := book.FindPost(s.t.Context(), s.db, e.Post)
	if err != nil {
		s.t.Fatal(err)
	}
	var submission int64
	s.inTx(func(tx *postgres.Tx) (err error) {
		submission, err = book.AddSubmission(s.t.Context(), tx, book.Submission{Post: p.ID, Revision: p.Revision, Language: "en", Approvals: 2, By: s.Author}, map[int64]post.Final{delivery: {
			Channel: e.Channel, Language: "en", DueAt: e.DueAt, NotAfter: e.NotAfter, Parts: []post.FinalPart{{Text: s.line.Say("en")}},
			Helplines: []post.FinalHelpline{{ID: s.line.ID, Version: s.line.Version}},
		}})
		return err
	})
	return submission
}

// approve lets both reviewers approve a submission and schedules its delivery.
func (s *shown) approve(delivery, submission int64) {
	s.t.Helper()
	s.Clear(submission)
	s.inTx(func(tx *postgres.Tx) error {
		_, err := book.Schedule(s.t.Context(), tx, submission, spring, book.Grace)
		return err
	})
	if e := s.entry(delivery); e.State != post.Scheduled {
		s.t.Fatalf("delivery %d is %s", delivery, e.State)
	}
}

// wants fails the test when what shows the helpline was not held with the sentence, or anything else was.
func (s *shown) wants(done draft.Renewed, why string) {
	s.t.Helper()
	if diff := cmp.Diff(s.posts(s.scheduled, s.open), done.Posts); diff != "" {
		s.t.Errorf("posts: %s", diff)
	}
	if diff := cmp.Diff([]int64{s.scheduled, s.open}, done.Held); diff != "" {
		s.t.Errorf("held: %s", diff)
	}
	if len(done.Live) != 1 || done.Live[0].Delivery != s.live {
		s.t.Errorf("out are %+v", done.Live)
	}
	for _, d := range []int64{s.scheduled, s.open} {
		if e := s.entry(d); e.State != post.Held || e.Problem != why {
			s.t.Errorf("%s is %s and says %q", e.Message, e.State, e.Problem)
		}
	}
	if e := s.entry(s.without); e.State != post.Scheduled {
		s.t.Errorf("a post without the helpline is %s", e.State)
	}
	var queued int
	if err := s.db.GetContext(s.t.Context(), &queued, `SELECT count(*) FROM queue WHERE delivery_id = $1`, s.scheduled); err != nil || queued != 0 {
		s.t.Errorf("it is still in the queue: %d, %v", queued, err)
	}
}

func TestAHelplineThatIsAnotherOrDeadHoldsWhatShowsIt(t *testing.T) {
	t.Parallel()
	for result, why := range map[helpline.Result]string{
		helpline.Dead:    "Nobody answers the helpline Hope any more. Send it for review again.",
		helpline.Changed: "The helpline Hope is another than we say. Send it for review again.",
	} {
		t.Run(string(result), func(t *testing.T) {
			t.Parallel()
			s := newShown(t)
			check, done, err := draft.CheckHelpline(t.Context(), s.db, "hope", helpline.NewCheck{How: helpline.Called, Result: result, Saw: "A recorded message."}, s.rosa, spring.Add(time.Hour))
			if err != nil || check.Result != result {
				t.Fatalf("%+v, %v", check, err)
			}
			s.wants(done, why)
		})
	}
}

func TestAHelplineThatWorksHoldsNothing(t *testing.T) {
	t.Parallel()
	s := newShown(t)
	_, done, err := draft.CheckHelpline(t.Context(), s.db, "hope", helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Somebody answered."}, s.rosa, spring.Add(time.Hour))
	if err != nil || len(done.Posts)+len(done.Held) != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	h := s.line.Helpline
	h.Note = "Busy in the evening."
	if _, done, err := draft.SaveHelpline(t.Context(), s.db, h, s.ed, spring); err != nil || len(done.Posts) != 0 {
		t.Errorf("a note for the team: %+v, %v", done, err)
	}
	if e := s.entry(s.scheduled); e.State != post.Scheduled {
		t.Errorf("the post is %s", e.State)
	}
}

func TestANewNumberHoldsWhatShowsTheOldOne(t *testing.T) {
	t.Parallel()
	s := newShown(t)
	h := s.line.Helpline
	h.Phone = "0800 111 111"
	is, done, err := draft.SaveHelpline(t.Context(), s.db, h, s.ed, spring)
	if err != nil || is.Version != s.line.Version+1 {
		t.Fatalf("version %d, %v", is.Version, err)
	}
	s.wants(done, "The helpline Hope changed. Send it for review again.")
}

func TestNewWordsOfAHelplineHoldWhatShowsTheOldOnes(t *testing.T) {
	t.Parallel()
	s := newShown(t)
	h := s.line.Helpline
	h.Short = map[string]string{"en": "Call Hope: 0800 000 000"}
	is, done, err := draft.SaveHelpline(t.Context(), s.db, h, s.ed, spring)
	if err != nil || is.Version != s.line.Version {
		t.Fatalf("version %d, %v", is.Version, err)
	}
	s.wants(done, "What posts say of the helpline Hope changed. Send it for review again.")
}

func TestARetiredHelplineHoldsWhatShowsItOnce(t *testing.T) {
	t.Parallel()
	s := newShown(t)
	done, err := draft.RetireHelpline(t.Context(), s.db, "hope", "It closed.", s.ed, spring)
	if err != nil {
		t.Fatal(err)
	}
	s.wants(done, "The helpline Hope is out of use. Send it for review again.")
	if done, err := draft.RetireHelpline(t.Context(), s.db, "hope", "It closed.", s.ed, spring); err != nil || len(done.Posts) != 0 {
		t.Errorf("retired again: %+v, %v", done, err)
	}
}

func TestAnybodyWhoChecksMayHoldWhatShowsAHelpline(t *testing.T) {
	t.Parallel()
	s := newShown(t)
	for name, tt := range map[string]struct {
		id, reason string
		by         people.Person
		want       fault.Kind
	}{
		"a manager":        {"hope", "It is odd.", people.Person{ID: s.Author, Role: people.RoleManager}, fault.Forbidden},
		"without a reason": {"hope", " ", s.rosa, fault.Invalid},
		"no helpline":      {"hop", "It is odd.", s.rosa, fault.NotFound},
	} {
		if _, err := draft.HoldHelpline(t.Context(), s.db, tt.id, tt.reason, tt.by); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	done, err := draft.HoldHelpline(t.Context(), s.db, "hope", "A caller reached somebody else", s.rosa)
	if err != nil {
		t.Fatal(err)
	}
	s.wants(done, "Held, because somebody doubts the helpline Hope: A caller reached somebody else. Look at it, then send the post for review again.")
}
