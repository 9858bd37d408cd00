package journey

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
)

// TestAPostIsLookedAfterBeforeAndAfterItGoesOut walks along a post: at risk while nobody has approved it, checked on demand, seen on the
// network as it was approved, and found among the punctual ones.
func TestAPostIsLookedAfterBeforeAndAfterItGoesOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	deliveries := h.first()
	due, at := deliveries[0].DueAt, fmt.Sprintf("/posts/%d", deliveries[0].Post)
	risks := func(delivery int64) int {
		return h.count(fmt.Sprintf(`SELECT count(*) FROM delivery_risks WHERE delivery_id = %d`, delivery))
	}

	h.at(due.Add(-20 * time.Hour))
	h.waitFor("the daemon to see the risk", func() bool { return risks(deliveries[0].Delivery) > 0 })
	v := visit(t, phone)
	v.logIn(h, "editor@daymark.example", password)
	v.reads("main", "At risk", "It has not been sent for review.", "Not approved yet and due from")
	v.check("home, with a risk")
	v.open(h.url + "/calendar?month=2027-07&view=list")
	v.reads("main", "At risk: It has not been sent for review.")
	v.check("calendar, with a risk")
	v.open(h.url + at)
	v.reads("#risks", "It has not been sent for review.", "Send it for review now")
	v.check("post, at risk")

	release(h, deliveries[0].Post)
	h.at(due.Add(-19 * time.Hour))
	h.waitFor("the risk to be gone", func() bool { return risks(deliveries[0].Delivery) == 0 })
	v.open(h.url + at)
	v.reads("#no-risks", "Nothing is known")
	h.must(h.sandbox.Revoke(account))
	v.reach("#look-ahead")
	v.follow("#look-ahead")
	v.reads("#flash", "2 places are at risk")
	v.reads("#risks", "cannot be used", "connect it again", "@"+account)
	v.check("post, with an account that does not work")
	h.reconnect()
	v.reach("#look-ahead")
	v.follow("#look-ahead")
	v.reads("#flash", "Nothing is at risk")
	v.open(fmt.Sprintf("%s/editions/%d", h.url, h.edition.ID))
	v.reach("#look-ahead")
	v.follow("#look-ahead")
	v.reads("#flash", "Checked.")
	v.check("plan, checked")

	h.at(due)
	h.waitFor("the post to be out", func() bool {
		for _, e := range h.first() {
			if e.State != post.Published {
				return false
			}
		}
		return true
	})
	h.waitFor("the post to be read back", func() bool { // half a minute later, which no test waits for
		_, err := h.app.DB.ExecContext(t.Context(), `UPDATE readbacks SET next_at = clock_timestamp() WHERE state = 'waiting' AND tries = 0`)
		h.must(err)
		return h.count(`SELECT count(*) FROM readbacks WHERE state = 'same'`) == len(deliveries)
	})
	v.open(h.url + at)
	v.reads("#seen", "Seen as approved", "@"+account, "Read back")
	v.check("post, seen")
	v.open(h.url + "/published")
	v.follow("#punctuality")
	v.reads("#late-out", fmt.Sprintf("%d went out.", len(deliveries)))
	v.reads("#by-channel", "Hope Line London")
	v.check("punctuality")
}

// reconnect connects the house's account again, after its access was taken back.
func (h *house) reconnect() {
	h.t.Helper()
	_, err := h.app.Connect(h.t.Context(), app.NewChannel{
		Platform: platform.Mastodon, Address: h.sandbox.BaseURL(), Name: "Hope Line London", Zone: "Europe/London", Languages: []string{"en", "ar"}, Sandbox: true,
		Secret: mastodon.Credentials{AccessToken: h.sandbox.Token(account)}.Secret(),
	}, h.byRole(people.RoleAdmin))
	h.must(err)
}
