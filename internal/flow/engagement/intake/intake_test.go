package intake_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement/intake"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// stage is an edition with two posts out, on a network that tells nothing, the day after.
func stage(t *testing.T) (*postgres.DB, intake.On, []int64) {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	db := both.App
	b := booktest.New(t, db)
	channel := b.Channel(booktest.Channel{Platform: "byhand", Name: "Letter"})
	ids := make([]int64, 2)
	for i, message := range []string{"one", "two"} {
		ids[i] = b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: channel})
		b.Publish(ids[i], booktest.Due)
	}
	for _, statement := range []string{`ALTER TABLE copies DISABLE TRIGGER USER`, `UPDATE copies SET url = 'https://example.org/p?id=' || delivery_id`} {
		if _, err := both.Owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	on := intake.On{Edition: b.Edition, By: people.Person{ID: b.Author, Role: people.RoleEditor}, Note: "From the page of the account.", Now: booktest.Due.Add(72 * time.Hour), Zone: time.UTC}
	return db, on, ids
}

func table(ids []int64, lines ...string) string {
	s := strings.Join(lines, "\n")
	for i, id := range ids {
		s = strings.ReplaceAll(s, "#"+string(rune('1'+i)), itoa(id))
	}
	return s
}

func itoa(n int64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func TestATableIsLookedAtAndThenEntered(t *testing.T) {
	t.Parallel()
	db, on, ids := stage(t)
	file := table(ids, "Delivery;Date;Likes;Views;Odd", "#1;2027-07-31;1 200;30.000;x", "#2;;5;;", "", "999;;1;;", "#2;tomorrow;1;;", "#1;;many;;", "#2;2027-08-09;1;;", "#1;2027-07-30;7;;")
	rows, err := intake.Look(t.Context(), db, file, on)
	if err != nil {
		t.Fatal(err)
	}
	right := map[int]bool{2: true, 3: true, 9: true}
	for _, r := range rows {
		if (r.Err == nil) != right[r.Line] {
			t.Errorf("line %d: %v", r.Line, r.Err)
		}
	}
	var n int
	if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM latest_counts`); err != nil || n != 0 {
		t.Fatalf("looking kept %d counts (%v)", n, err)
	}
	var kept int
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		kept, err = intake.Keep(t.Context(), tx, file, on)
		return err
	}); err != nil || kept != 3 {
		t.Fatalf("kept %d lines, want 3 (%v)", kept, err)
	}
	var got struct {
		Favourites  int  `db:"favourites"`
		Impressions *int `db:"impressions"`
	}
	if err := db.GetContext(t.Context(), &got, `SELECT favourites, impressions FROM latest_counts WHERE delivery_id = $1`, ids[0]); err != nil {
		t.Fatal(err)
	}
	if got.Favourites != 1200 || got.Impressions == nil || *got.Impressions != 30_000 {
		t.Errorf("%+v", got)
	}
	again, err := intake.Look(t.Context(), db, file, on)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if r.Err == nil {
			t.Errorf("line %d could be entered twice", r.Line)
		}
	}
}

func TestAPostIsFoundByItsLink(t *testing.T) {
	t.Parallel()
	db, on, ids := stage(t)
	rows, err := intake.Read(t.Context(), db, table(ids, "link,likes", "https://example.org/p?id=#1,1", " https://example.org/p?id=#2/ ,2", "https://example.org/p,3"), on)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || rows[0].Delivery != ids[0] || rows[1].Delivery != ids[1] || rows[2].Err == nil {
		t.Errorf("%+v", rows)
	}
}

func TestWhatIsNoTableOfCountsIsSaid(t *testing.T) {
	t.Parallel()
	db, on, _ := stage(t)
	for file, want := range map[string]string{
		"":                      "empty",
		"delivery,likes":        "empty",
		"name,likes\nx,1":       "which post",
		"delivery,name\n1,x":    "has counts",
		"delivery,likes\n\"1,2": "",
		"delivery,likes\n" + strings.Repeat("1,1\n", intake.MaxRows+1): "more than",
	} {
		_, err := intake.Read(context.WithoutCancel(t.Context()), db, file, on)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), want) {
			t.Errorf("%.30q: %v", file, err)
		}
	}
}

func TestWhatNobodyTellsCountsOfIsListed(t *testing.T) {
	t.Parallel()
	db, on, ids := stage(t)
	list, err := intake.Places(t.Context(), db, on.Edition)
	if err != nil || len(list) != 2 || list[0].Delivery != ids[0] || list[0].Name != "Letter" {
		t.Fatalf("%+v, %v", list, err)
	}
	one, err := intake.PlaceOf(t.Context(), db, ids[1])
	if err != nil || one.Message != "two" || one.Counted {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := intake.PlaceOf(t.Context(), db, 999); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}
