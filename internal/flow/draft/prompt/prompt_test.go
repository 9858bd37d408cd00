package prompt_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/sweep"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/flow/review"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/google/go-cmp/cmp"
)

func TestAPostGoesOutAsSoonAsItIsApproved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	asked := s.now
	id := s.write(s.wren, s.urgent())
	cards := s.submit(id, 2)
	if s.open("submission") != 2 {
		t.Errorf("%d matters are told, want one for each language", s.open("submission"))
	}
	soon := s.Deliver(booktest.Delivery{Post: s.Post("planned"), Channel: s.london, Due: s.now.Add(time.Minute)})
	s.submit(s.postOf(soon), 1)
	queue, err := review.Queue(t.Context(), s.db, s.ana)
	if err != nil || len(queue) != 3 || !queue[0].Prompt || !queue[1].Prompt || queue[2].Prompt || !queue[0].Until.Equal(asked.Add(prompt.Usual)) {
		t.Fatalf("the queue: %+v, %v", queue, err)
	}
	if len(queue[0].Groups) != 1 || len(queue[0].Groups[0].Places) != 2 {
		t.Errorf("the same words in two zones are %d texts", len(queue[0].Groups))
	}
	s.now = asked.Add(40 * time.Minute)
	s.approve(cards...)
	var got []string
	err = s.db.SelectContext(t.Context(), &got, `
SELECT to_char(q.due_at, 'HH24:MI') || ' ' || to_char(q.next_attempt_at, 'HH24:MI') || ' ' || to_char(q.ready_at, 'HH24:MI') || ' ' || to_char(q.not_after, 'HH24:MI')
FROM queue q ORDER BY q.delivery_id`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10:00 10:40 10:40 16:00", "10:00 10:40 10:40 16:00", "10:00 10:40 10:40 16:00"}, got); diff != "" {
		t.Errorf("due, tried, late from, until (-want +got):\n%s", diff)
	}
	if s.open("submission") != 0 {
		t.Error("the team is still asked for an approval")
	}
	logged, err := audit.List(t.Context(), s.db, audit.Filter{Kind: "post", ID: id, Limit: 20})
	if err != nil || len(logged) == 0 || logged[len(logged)-1].Action != "post.written" {
		t.Errorf("the log: %+v, %v", logged, err)
	}
}

func (s *scene) postOf(delivery int64) (id int64) {
	s.t.Helper()
	s.get(&id, `SELECT post_id FROM deliveries WHERE id = $1`, delivery)
	return id
}

func TestTheAuthorNeverApprovesHoweverUrgentItIs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.write(s.boss, s.urgent())
	card := s.submit(id, 2)[0]
	if _, err := s.say(s.boss, card, review.Approve); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the author approves: %v", err)
	}
	// Not by the database either, whatever the code does.
	err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'approve')`, card, s.boss.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(), `INSERT INTO clearances (submission_id) VALUES ($1)`, card)
		return err
	})
	if err == nil || s.stands(id) != "held for approval, held for approval, held for approval" {
		t.Errorf("the author's word cleared it: %v, %s", err, s.stands(id))
	}
	for name, by := range map[string]people.Person{"a reviewer": s.ana, "a manager": {ID: 1, Role: people.RoleManager}, "a translator who is disabled": {Role: people.RoleTranslator, Disabled: true}} {
		err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			_, err := prompt.Write(t.Context(), tx, s.urgent(), by, s.now)
			return err
		})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s writes: %v", name, err)
		}
	}
}

func TestAnApprovedTextThatIsChangedWaitsForANewApproval(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.write(s.wren, s.urgent())
	old := s.submit(id, 2)
	s.approve(old...)
	s.now = s.now.Add(time.Hour)
	w := prompt.Begun(s.post(id))
	w.Texts["en"] = "The child is found."
	w.Texts["es"] = ""
	w.Places = []prompt.Place{{Channel: s.bogota, Language: "en"}}
	rewrite := func(version int) error {
		return s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			return prompt.Rewrite(t.Context(), tx, id, version, w, s.wren, s.now)
		})
	}
	if err := rewrite(s.post(id).Version - 1); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old version is written over: %v", err)
	}
	if err := rewrite(s.post(id).Version); err != nil {
		t.Fatal(err)
	}
	if got := s.stands(id); got != "cancelled, held for approval, cancelled" {
		t.Fatalf("it is %s", got)
	}
	if _, err := s.say(s.ana, old[0], review.Approve); !fault.Is(err, fault.Conflict) {
		t.Errorf("the old words are approved: %v", err)
	}
	fresh := s.submit(id, 1)
	s.approve(fresh...)
	if got := s.stands(id); got != "cancelled, scheduled, cancelled" {
		t.Errorf("it is %s", got)
	}
	entries := s.post(id).Entries
	e := entries[slices.IndexFunc(entries, func(e book.Entry) bool { return e.State == post.Scheduled })]
	if !e.DueAt.Equal(s.now) || !e.NotAfter.Equal(s.now.Add(prompt.Usual)) || e.DueClock != "06:00" {
		t.Errorf("its time is %+v", e)
	}
	// And a place that was left out comes back as a new one.
	w.Places = s.urgent().Places[:2]
	if err := rewrite(s.post(id).Version); err != nil || s.stands(id) != "cancelled, held for approval, cancelled, held for approval" {
		t.Errorf("%v: it is %s", err, s.stands(id))
	}
}

func TestPastItsWindowItIsMissedAndTheTeamIsTold(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	w := s.urgent()
	w.Window = time.Hour
	id := s.write(s.wren, w)
	cards := s.submit(id, 2)
	s.approve(cards[1])
	s.now = s.now.Add(time.Hour)
	if _, err := s.say(s.ana, cards[0], review.Approve); !fault.Is(err, fault.Conflict) {
		t.Errorf("approved at the end of its window: %v", err)
	}
	var scheduled int
	s.inTx(func(tx *postgres.Tx) (err error) {
		scheduled, err = book.Schedule(t.Context(), tx, cards[0], s.now, book.Grace)
		return err
	})
	if scheduled != 0 {
		t.Error("it is scheduled at the end of its window")
	}
	if err := sweep.Miss(t.Context(), s.db, slog.New(slog.NewTextHandler(io.Discard, nil)), s.now); err != nil {
		t.Fatal(err)
	}
	if got := s.stands(id); got != "missed, missed, missed" {
		t.Fatalf("it is %s", got)
	}
	for want := range []int{1, 0} {
		told, err := prompt.TellMissed(t.Context(), s.db, s.now)
		if err != nil || told != 1-want {
			t.Errorf("told %d, %v", told, err)
		}
	}
	if s.open("submission") != 0 || s.open("post") != 1 {
		t.Errorf("%d matters ask for an approval, %d tell of the post", s.open("submission"), s.open("post"))
	}
	var say string
	s.get(&say, `SELECT say FROM notices WHERE subject_kind = 'post'`)
	if !strings.Contains(say, "3 places before its window closed at 11:00 on 30 July 2027 UTC") {
		t.Errorf("the team reads %q", say)
	}
	// It can have another window, and is told of again when that passes.
	s.hurry(id, 3)
	if err := sweep.Miss(t.Context(), s.db, slog.New(slog.NewTextHandler(io.Discard, nil)), s.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if told, err := prompt.TellMissed(t.Context(), s.db, s.now); err != nil || told != 1 {
		t.Errorf("told %d, %v", told, err)
	}
}

// hurry lets what waits of a post go out within an hour.
func (s *scene) hurry(id int64, places int) {
	s.t.Helper()
	s.inTx(func(tx *postgres.Tx) error {
		n, err := prompt.Now(s.t.Context(), tx, id, time.Hour, s.wren, s.now)
		if err == nil && n != places {
			s.t.Errorf("%d places go out at once, want %d", n, places)
		}
		return err
	})
}

func TestAPlannedPostThatIsWantedNowIsReviewedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.now = booktest.Due.Add(-24 * time.Hour)
	id := s.Post("planned")
	waiting := s.Deliver(booktest.Delivery{Post: id, Channel: s.london})
	out := s.Deliver(booktest.Delivery{Post: id, Channel: s.bogota})
	s.Schedule(waiting)
	s.Send(out, booktest.Due) // on its way: it is not taken back
	s.exec(`UPDATE deliveries SET planned = true WHERE id = $1`, waiting)
	if n, err := prompt.Waiting(t.Context(), s.db, id); err != nil || n != 1 {
		t.Errorf("%d places wait, %v", n, err)
	}
	s.hurry(id, 1)
	if got := s.stands(id); got != "held for approval, sending" {
		t.Fatalf("it is %s", got)
	}
	card := s.submit(id, 1)
	s.now = s.now.Add(10 * time.Minute)
	s.approve(card...)
	var got string
	s.get(&got, `SELECT to_char(q.next_attempt_at, 'DD HH24:MI') || ' ' || to_char(q.not_after, 'DD HH24:MI') || ' ' || d.planned FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE d.id = $1`, waiting)
	if got != "29 09:10 29 10:00 false" {
		t.Errorf("it goes out %s", got)
	}
	s.inTx(func(tx *postgres.Tx) error {
		if _, err := prompt.Now(t.Context(), tx, id, time.Minute, s.wren, s.now); !fault.Is(err, fault.Invalid) {
			t.Errorf("a window of a minute: %v", err)
		}
		if _, err := prompt.Now(t.Context(), tx, id, time.Hour, s.ana, s.now); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reviewer hurries it: %v", err)
		}
		return nil
	})
	for name, forge := range map[string]string{
		"an approved time becomes any time": `UPDATE deliveries SET prompt = NOT prompt WHERE id = $1`,
		"a correction is reworded":          `UPDATE corrections SET reason = 'Nothing was wrong.'`,
	} {
		if name == "a correction is reworded" {
			s.exec(`INSERT INTO corrections (post_id, corrects, kind, reason, person_id, at) VALUES ($1, $2, 'post', 'The figure was wrong.', $3, now())`, s.Post("correction"), id, s.Author)
		}
		args := []any{waiting}
		if !strings.Contains(forge, "$1") {
			args = nil
		}
		if _, err := s.db.ExecContext(t.Context(), forge, args...); err == nil {
			t.Errorf("%s", name)
		}
	}
	s.inTx(func(tx *postgres.Tx) error {
		_, err := prompt.Now(t.Context(), tx, s.Post("empty"), time.Hour, s.wren, s.now)
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing waits: %v", err)
		}
		return nil
	})
}

func TestWhatIsWrongWithAWritingIsSaidAllAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for name, c := range map[string]struct {
		change func(w *prompt.Writing)
		fields string
	}{
		"nothing":                      {func(*prompt.Writing) {}, ""},
		"no text":                      {func(w *prompt.Writing) { w.Texts = nil }, "text-en"},
		"no place":                     {func(w *prompt.Writing) { w.Places = nil }, "places places"},
		"an account that is not there": {func(w *prompt.Writing) { w.Places[0].Channel = 99 }, "places"},
		"a language it does not speak": {func(w *prompt.Writing) { w.Places[0].Language = "es" }, "places"},
		"a week":                       {func(w *prompt.Writing) { w.Window = 7 * 24 * time.Hour }, "window"},
		"a hidden turn of direction":   {func(w *prompt.Writing) { w.Texts["en"] = "a\u202eb" }, "text-en"},
		"a name as long as a story":    {func(w *prompt.Writing) { w.Name = strings.Repeat("x", 81) }, "name"},
		"a note and a picture that scroll": {func(w *prompt.Writing) {
			w.Notes, w.Alts = map[string]string{"en": strings.Repeat("x", 501)}, map[string]string{"es": strings.Repeat("x", 2001)}
		}, "alt-es note-en"},
	} {
		w := s.urgent()
		c.change(&w)
		err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			_, err := prompt.Write(t.Context(), tx, w, s.wren, s.now)
			return err
		})
		var fields []string
		for _, p := range fault.Problems(err) {
			fields = append(fields, p.Field)
		}
		if got := sorted(fields); got != c.fields || (err != nil) != (c.fields != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestWhatIsWrittenIsTheSource(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	w := s.urgent()
	w.Picture, w.Alts, w.Notes = strings.Repeat("ab", 32), map[string]string{"en": "A card."}, map[string]string{"en": " ", "es": "Nota"}
	got := w.Source(post.Source{Hashtags: []string{"#BlueHeart"}, Mentions: map[string][]string{"x": {"@a"}}, Link: "https://charity.example/a"}, s.now)
	want := post.Source{
		Message: "A child is missing in Bogotá.", Hashtags: []string{"#BlueHeart"}, Link: "https://charity.example/a",
		ContentNote: map[string]string{"es": "Nota"}, When: post.When{Date: "2027-07-30", Clock: "10:00", Zone: "Etc/UTC"},
		Parts: []post.SourcePart{{
			Texts:    map[string]string{"en": "A child is missing in Bogotá. Call the police.", "es": "Una niña ha desaparecido en Bogotá."},
			Pictures: []post.SourcePicture{{SHA256: w.Picture, Alt: map[string]string{"en": "A card.", "es": ""}}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		_, err := prompt.Write(t.Context(), tx, w, s.wren, s.now)
		return err
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a picture that is not there: %v", err)
	}
	w.Picture = s.stored()
	s.write(s.wren, w)
	pictures, err := prompt.Pictures(t.Context(), s.db, s.wren)
	if err != nil || len(pictures) != 1 || pictures[0].SHA256 != w.Picture || pictures[0].Alt["en"] != "A card." {
		t.Errorf("pictures: %+v, %v", pictures, err)
	}
}

// stored puts a picture into the database and returns its hash.
func (s *scene) stored() string {
	s.t.Helper()
	bytes := []byte("a picture, as far as the database is concerned")
	err := s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		return book.AddBlob(s.t.Context(), tx, book.Blob{MIME: "image/png", Width: 1, Height: 1, Bytes: bytes})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(bytes))
}
