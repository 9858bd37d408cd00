package booktest_test

import (
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/post"
	"daymark/internal/flow/booktest"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

const sqlShow = `
INSERT INTO release_helplines (release_id, helpline_id, version)
SELECT max(id), $2, 1
FROM releases
WHERE delivery_id = $1`

func TestEveryDeliveryThatShowsAHelplineIsFound(t *testing.T) {
	t.Parallel()
	dbs := postgrestest.NewBoth(t, migrations.FS)
	db := dbs.App
	b := booktest.New(t, db)
	editor, err := people.ByID(t.Context(), db, b.Author)
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(tx *postgres.Tx) error {
		for _, id := range []string{"gb-hope", "gb-other"} {
			h := campaign.Helpline{ID: id, Country: "GB", Name: "Hope", Phone: "020 7946 0123", For: "everyone", Purpose: campaign.Support, CheckDays: 30}
			if _, err := helpline.Add(t.Context(), tx, h, editor, booktest.Due); err != nil {
				return err
			}
			look := helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Somebody answered."}
			if _, err := helpline.AddCheck(t.Context(), tx, id, look, editor, booktest.Due.Add(-time.Hour)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	channel := b.Channel(booktest.Channel{Name: "London"})
	due := booktest.Due
	posts, names := map[string]int64{}, map[int64]string{}
	deliver := func(name string) int64 { // deliveries are due one after another, in the order of the test
		due = due.Add(time.Minute)
		posts[name] = b.Post(name)
		id := b.Deliver(booktest.Delivery{Post: posts[name], Channel: channel, Due: due})
		names[id] = name
		return id
	}
	show := func(delivery int64, id string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), sqlShow, delivery, id); err != nil {
			t.Fatal(err)
		}
	}

	deliver("never submitted")
	shown := deliver("before reviewers")
	b.Submit(shown)
	show(shown, "gb-hope")
	edited := deliver("edited since")
	b.Submit(edited)
	show(edited, "gb-hope")
	b.Revise(posts["edited since"], "Other words")
	scheduled := deliver("scheduled")
	b.Schedule(scheduled)
	show(scheduled, "gb-hope")
	other := deliver("another helpline")
	b.Schedule(other)
	show(other, "gb-other")
	sending := deliver("sending")
	b.Schedule(sending)
	show(sending, "gb-hope")
	b.Send(sending, due)
	live := deliver("live")
	b.Schedule(live)
	show(live, "gb-hope")
	b.Publish(live, due)
	without := deliver("live without the number")
	b.Schedule(without)
	show(without, "gb-hope")
	b.Publish(without, due)
	if _, err := dbs.Owner.ExecContext(t.Context(), `UPDATE attempts SET fallback = true WHERE delivery_id = $1`, without); err != nil {
		t.Fatal(err)
	}
	down := deliver("taken down")
	b.Schedule(down)
	show(down, "gb-hope")
	b.Publish(down, due)
	b.TakeDown(down, due.Add(time.Hour))
	lost := deliver("perhaps out")
	b.Schedule(lost)
	show(lost, "gb-hope")
	b.Lose(lost, due)
	missed := deliver("missed")
	b.Submit(missed)
	show(missed, "gb-hope")
	b.Miss(missed)

	list, err := helpline.Carriers(t.Context(), db, "gb-hope")
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name  string
		state post.State
		live  bool
	}{
		{"before reviewers", post.Held, false},
		{"scheduled", post.Scheduled, false},
		{"sending", post.Sending, true},
		{"live", post.Published, true},
		{"perhaps out", post.Unknown, true},
	}
	if len(list) != len(want) {
		for _, c := range list {
			t.Errorf("found %q, %s", names[c.Delivery], c.State)
		}
		t.Fatalf("found %d carriers, want %d", len(list), len(want))
	}
	for i, w := range want {
		c := list[i]
		if names[c.Delivery] != w.name || c.Message != w.name || c.State != w.state || c.Live() != w.live || c.Name != "London" || !c.Sandbox ||
			c.Version != 1 || c.Post != posts[w.name] || c.Language != "en" || (c.URL != "") != (w.state == post.Published) {
			t.Errorf("got %+v, want %+v", c, w)
		}
	}
	if list, err := helpline.Carriers(t.Context(), db, "nothing"); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v", list, err)
	}
}
