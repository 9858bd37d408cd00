package takedown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"

	"github.com/google/go-cmp/cmp"
)

// TestAThreadOnFourNetworksComesDownHoweverOftenTheProcessDies is the last proof of taking down: one network cannot delete, one times
// out, and the process is killed at each step. Whoever goes on ends it with the right result for each copy.
func TestAThreadOnFourNetworksComesDownHoweverOftenTheProcessDies(t *testing.T) {
	t.Parallel()
	c := newCharity(t)
	steps := append([]string{""}, takedown.Steps()...) // none: it is not killed
	threads := c.publish(len(steps))
	for i, step := range steps {
		one := threads[i]
		if diff := cmp.Diff([3]int{2, 2, 2}, c.shown(one.words)); diff != "" {
			t.Fatalf("the thread is not out (-want +got):\n%s", diff)
		}
		// The first delete of Bluesky is silence until our patience ends where nothing is killed; else the connection is cut after it
		// was carried out.
		fault := mischief.Fault{Kind: mischief.CommitThenDrop, Endpoint: "POST /xrpc/com.atproto.repo.deleteRecord"}
		if step == "" {
			fault.Kind, fault.DelayMS = mischief.Slow, 25_000
		}
		c.must(c.skies.Faults().Add(fault))
		p := c.start(step, "takedown", "--post", fmt.Sprint(one.post), "--reason", "A survivor can be recognised in it.")
		if step == "" {
			p.wait()
		} else {
			p.dies()
		}
		var id int64
		c.must(c.app.DB.GetContext(t.Context(), &id, `SELECT id FROM takedowns WHERE post_id = $1`, one.post))
		if step != "" {
			c.resume(id)
		}
		c.judge(step, id, one)
	}
}

// resume lets a daemon go on, some time after the process died: the leases that it held are over.
func (c *charity) resume(id int64) {
	c.t.Helper()
	_, err := c.app.DB.ExecContext(c.t.Context(), `UPDATE takedown_copies SET next_at = clock_timestamp() WHERE state IN ('waiting', 'failed')`)
	c.must(err)
	d := c.start("", "serve")
	c.waitFor("every copy to have its result", func() bool {
		return c.count(`SELECT count(*) FROM takedowns WHERE id = $1 AND done_at IS NOT NULL`, id) == 1
	})
	d.stop()
}

// judge looks at the result of each copy, at what the networks show, and at the log; then a person does what was left.
func (c *charity) judge(step string, id int64, one thread) {
	c.t.Helper()
	same := func(what string, want, got any) {
		c.t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			c.t.Errorf("killed at %q: %s (-want +got):\n%s", step, what, diff)
		}
	}
	found, err := takedown.Find(c.t.Context(), c.app.DB, id)
	c.must(err)
	results := func() []string {
		var list []string
		for _, copied := range found.Copies {
			list = append(list, fmt.Sprintf("%s %d %s", copied.Platform, copied.Part, copied.State))
		}
		slices.Sort(list)
		return list
	}
	same("the results", []string{
		"bluesky 1 removed", "bluesky 2 removed", "byhand 1 cannot", "byhand 2 cannot", "mastodon 1 removed", "mastodon 2 removed", "x 1 removed", "x 2 removed",
	}, results())
	same("what the networks show", [3]int{}, c.shown(one.words))
	for _, copied := range found.Copies {
		if copied.State == takedown.Cannot && (!strings.HasPrefix(copied.URL, "https://www.instagram.example/p/") || !strings.Contains(copied.Problem, "by hand")) {
			c.t.Errorf("killed at %q: a copy to remove by hand has the link %q and says %q", step, copied.URL, copied.Problem)
		}
	}
	state := func(want string) int {
		return c.count(`SELECT count(*) FROM deliveries WHERE post_id = $1 AND state = $2`, one.post, want)
	}
	same("removed and published deliveries", [2]int{3, 1}, [2]int{state("removed"), state("published")})
	same("lines of the log with a last result", 8, c.count(`
SELECT count(*)
FROM audit a
JOIN deliveries d ON d.id = a.subject_id
WHERE a.subject_kind = 'delivery'
  AND a.action IN ('copy.removed', 'copy.gone', 'copy.cannot')
  AND d.post_id = $1`, one.post))
	c.must(c.app.DB.InTx(c.t.Context(), func(tx *postgres.Tx) error {
		for part := range 2 {
			if err := takedown.ByHand(c.t.Context(), tx, id, one.byHand, part+1, c.people[people.RoleEditor], c.app.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	}))
	same("removed and published deliveries at the end", [2]int{4, 0}, [2]int{state("removed"), state("published")})
}
