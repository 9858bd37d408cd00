package helpline_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/helpline"
	"daymark/internal/postgres"
)

func TestAFileIsLoadedOnceAndFollowed(t *testing.T) {
	t.Parallel()
	d := open(t)
	other := sample(func(h *campaign.Helpline) { h.ID, h.Country = "ie-hope", "IE" })
	loads := func(want helpline.Loaded, list ...campaign.Helpline) {
		t.Helper()
		if done, err := d.load(list...); err != nil || done != want {
			t.Errorf("got %+v, %v; want %+v", done, err, want)
		}
	}
	loads(helpline.Loaded{Added: 2}, sample(), other)
	loads(helpline.Loaded{}, sample(), other)
	r := d.find("gb-hope")
	if r.Origin != helpline.FromFile || r.FileDiffers || r.Last != nil || r.Holds(noon) {
		t.Errorf("got %+v", r)
	}
	if _, err := d.check("gb-hope", works, d.reviewer, noon); err != nil {
		t.Fatal(err)
	}
	loads(helpline.Loaded{}, sample(), other)
	if !d.find("gb-hope").Holds(noon) {
		t.Error("loading the same file again ended a check")
	}
	noted := sample(func(h *campaign.Helpline) { h.Note = "Ask for Jo." })
	loads(helpline.Loaded{Changed: 1}, noted, other)
	if r = d.find("gb-hope"); !r.Holds(noon) || r.Note != "Ask for Jo." {
		t.Errorf("a note ended a check, or was not taken: %+v", r)
	}
	moved := sample(func(h *campaign.Helpline) { h.Phone, h.Short = "020 7946 0999", nil })
	loads(helpline.Loaded{Changed: 1}, moved) // the other one is no longer in the file, and stays
	if r = d.find("gb-hope"); r.Holds(noon) || r.Version != 2 || r.Phone != moved.Phone || r.Origin != helpline.FromFile {
		t.Errorf("got %+v", r)
	}
	if diff := cmp.Diff(other, d.find("ie-hope").Helpline); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if rows, err := audit.List(t.Context(), d.db, audit.Filter{Action: "helpline.loaded"}); err != nil || len(rows) != 4 || rows[0].Person != d.own.ID {
		t.Errorf("the log has %d rows, %v", len(rows), err)
	}
}

func TestAFileNeverOverwritesAPerson(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.load(sample()); err != nil {
		t.Fatal(err)
	}
	edited := sample(func(h *campaign.Helpline) { h.Hours = "9 to 5" })
	r, err := d.change(edited)
	if err != nil || r.Origin != helpline.FromPerson || !r.FileDiffers || r.UpdatedBy != d.editor.Name {
		t.Errorf("got %+v, %v", r, err)
	}
	if done, err := d.load(sample()); err != nil || done != (helpline.Loaded{}) {
		t.Errorf("the same file again: %+v, %v", done, err)
	}
	if done, err := d.load(sample(func(h *campaign.Helpline) { h.Phone, h.Short = "020 7946 0999", nil })); err != nil || done.Kept != 1 {
		t.Errorf("another file: %+v, %v", done, err)
	}
	if r = d.find("gb-hope"); !cmp.Equal(edited, r.Helpline) || !r.FileDiffers || r.Version != 1 {
		t.Errorf("got %+v", r)
	}
	if done, err := d.load(edited); err != nil || done.Kept != 1 || d.find("gb-hope").FileDiffers {
		t.Errorf("the file that follows the person: %+v, %v", done, err)
	}
	if _, err := d.change(edited); err != nil { // giving the same again changes nothing
		t.Fatal(err)
	}
	if rows, err := audit.List(t.Context(), d.db, audit.Filter{Action: "helpline.changed"}); err != nil || len(rows) != 1 {
		t.Errorf("the log has %d rows, %v", len(rows), err)
	}
}

func TestAFileDoesNotBringBackWhatAPersonRetired(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.load(sample()); err != nil {
		t.Fatal(err)
	}
	d.must(func(tx *postgres.Tx) error {
		return helpline.Retire(t.Context(), tx, "gb-hope", "It closes.", d.editor, noon)
	})
	if _, err := d.load(sample(func(h *campaign.Helpline) { h.Note = "New." })); err != nil {
		t.Fatal(err)
	}
	if r := d.find("gb-hope"); !r.Retired || r.Note != "New." {
		t.Errorf("got %+v", r)
	}
}

func TestAFileWithMistakesLoadsNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, bad := range []campaign.Helpline{
		sample(func(h *campaign.Helpline) { h.ID, h.Phone = "bad", "x" }),
		sample(func(h *campaign.Helpline) { h.ID, h.Invented = "bad", true }),
	} {
		if _, err := d.load(sample(), bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v", err)
		}
	}
	if all, err := helpline.All(t.Context(), d.db); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
}

// Replicas start at once on one database.
func TestDaemonsThatStartTogetherLoadAFileOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	added := make([]int, 6)
	var all sync.WaitGroup
	for i := range added {
		all.Go(func() {
			err := d.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				done, err := helpline.LoadFile(t.Context(), tx, []campaign.Helpline{sample(), sample(func(h *campaign.Helpline) { h.ID = "gb-two" })}, d.own, noon)
				added[i] = done.Added + done.Changed
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range added {
		sum += n
	}
	if sum != 2 {
		t.Errorf("%d helplines were written, want 2", sum)
	}
}
