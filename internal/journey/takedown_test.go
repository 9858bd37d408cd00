package journey

import (
	"context"
	"fmt"
	"image/color"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/dispatch"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/flow/engagement"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// difficult is the real networks, but X cannot remove posts, and the first answer of Bluesky is lost after the post is gone.
type difficult struct {
	takedown.Networks
	x, bluesky int64
	lost       sync.Once
}

func (d *difficult) Delete(ctx context.Context, channel int64, ref platform.Ref) error {
	if channel == d.x {
		return &platform.Permanent{Code: "cannot_delete", Say: "This network does not let Daymark remove posts."}
	}
	err := d.Networks.Delete(ctx, channel, ref)
	if channel == d.bluesky {
		d.lost.Do(func() {
			err = &platform.Unknown{Say: "The network did not answer in time.", Err: context.DeadlineExceeded}
		})
	}
	return err
}

func TestAThreadOnThreeNetworksIsTakenDownWithTheResultOfEachCopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	toots, skies, posts := h.threeNetworks()
	post, channels := h.threadOut()
	h.at(h.app.Clock.Now().Add(2 * time.Hour))
	collector := &engagement.Collector{DB: h.app.DB, Networks: h.app.Networks, Clock: h.app.Clock, Log: h.app.Log}
	_, err := collector.Tick(t.Context())
	h.must(err)
	numbers := h.count(`SELECT count(*) FROM latest_counts`)
	if numbers == 0 {
		t.Fatal("there are no numbers to keep")
	}
	if len(saidOnMastodon(toots)) != 12 || len(saidOnBluesky(skies)) != 12 || len(saidOnX(posts)) != 12 {
		t.Fatal("the thread is not out")
	}
	var id int64
	h.must(h.app.DB.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		id, err = takedown.Begin(t.Context(), tx, takedown.Scope{Post: post}, "A survivor can be recognised in it.", h.byRole(people.RoleEditor), h.app.Clock.Now())
		return err
	}))
	networks := &difficult{Networks: h.app.Networks, x: channels["x"], bluesky: channels["bluesky"]}
	h.waitFor("every copy to have its result", func() bool {
		_, err := takedown.Run(t.Context(), h.app.DB, networks, h.app.Clock.Now)
		h.must(err)
		found, err := takedown.Find(t.Context(), h.app.DB, id)
		h.must(err)
		return found.Done()
	})
	found, err := takedown.Find(t.Context(), h.app.DB, id)
	h.must(err)
	got := map[string]int{}
	again := 0
	for _, c := range found.Copies {
		got[c.Platform+" "+c.State]++
		again += c.Tries - 1
	}
	want := map[string]int{"mastodon removed": 18, "bluesky removed": 12, "x cannot": 12} // Mastodon is the house's own server, too
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if again != 1 {
		t.Errorf("%d copies were tried again, want the one whose answer was lost", again)
	}
	there := []int{len(saidOnMastodon(toots)), len(saidOnBluesky(skies)), len(saidOnX(posts))}
	if diff := cmp.Diff([]int{0, 0, 12}, there); diff != "" {
		t.Errorf("what the networks show (-want +got):\n%s", diff)
	}
	if now := h.count(`SELECT count(*) FROM latest_counts`); now != numbers {
		t.Errorf("%d numbers are kept of %d", now, numbers)
	}
	if n := h.count(`SELECT count(*) FROM deliveries WHERE state = 'removed'`); n != 10 {
		t.Errorf("%d deliveries are removed, want 10", n)
	}
}

// threadOut publishes the thread on every connected account, and returns its post and the last channel of each network.
func (h *house) threadOut() (int64, map[string]int64) {
	h.t.Helper()
	ctx, db := h.t.Context(), h.app.DB
	h.must(db.InTx(ctx, func(tx *postgres.Tx) error {
		return profile.Save(ctx, tx, profile.Profile{
			Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Europe/London", SupportNote: "Talk to somebody you trust.",
			Support: map[string]string{"en": "Write to us.", "fr": "Écrivez-nous.", "es": "Escríbenos.", "ar": "راسلونا."},
		}, h.byRole(people.RoleAdmin).ID)
	}))
	loaded, err := campaign.Load(fstest.MapFS{
		"thread/campaign.yaml": {Data: []byte(threadFile)},
		"thread/blue.png":      {Data: square(h.t.(*testing.T), color.RGBA{31, 95, 168, 255})},
		"thread/pale.png":      {Data: square(h.t.(*testing.T), color.RGBA{230, 240, 250, 255})},
	}, "thread")
	h.must(err)
	editor := h.byRole(people.RoleEditor)
	_, err = h.app.Load(ctx, loaded, editor)
	h.must(err)
	made, err := plan.Make(ctx, db, "thread", 2027, plan.Options{By: editor, Now: h.app.Clock.Now()})
	h.must(err)
	entries, err := book.Entries(ctx, db, book.EntryFilter{Edition: made.Edition})
	h.must(err)
	sent, err := review.Submit(ctx, db, h.app.Checks(), entries[0].Post, editor, h.app.Clock.Now())
	h.must(err)
	h.answered()
	for _, s := range sent.Submissions {
		for _, role := range []people.Role{people.RoleReviewer, people.RoleAdmin} {
			if out, err := review.Say(ctx, db, s, h.byRole(role), review.Approve, "", h.app.Clock.Now()); err != nil || out.Cleared {
				h.must(err)
				break
			}
		}
	}
	h.at(entries[0].DueAt)
	h.must(h.app.CheckLicence(ctx))
	h.send(len(entries), made.Edition)
	channels := map[string]int64{}
	for _, e := range entries {
		channels[e.Platform] = e.Channel
	}
	return entries[0].Post, channels
}

// send lets a dispatcher run until so many deliveries of an edition are published.
func (h *house) send(n int, edition int64) {
	h.t.Helper()
	d := dispatch.New(dispatch.Options{DB: h.app.DB, Networks: h.app.Networks, Licence: h.app.Keeper, Clock: h.app.Clock, Log: h.app.Log, Worker: uuid.New()})
	ctx, stop := context.WithCancel(h.t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			h.t.Errorf("the dispatcher ended: %v", err)
		}
	})
	defer running.Wait()
	defer stop()
	h.waitFor("the thread to be out", func() bool {
		return h.count(fmt.Sprintf(`SELECT count(*) FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.state = 'published' AND p.edition_id = %d`, edition)) == n
	})
}

func (h *house) count(query string) int {
	h.t.Helper()
	var n int
	h.must(h.app.DB.GetContext(h.t.Context(), &n, query))
	return n
}
