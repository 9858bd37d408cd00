package feed_test

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/feed"
	"daymark/internal/flow/book/timetable"

	"github.com/google/go-cmp/cmp"
)

func TestWhatGoesOutTogetherIsOneEventThatKeepsItsName(t *testing.T) {
	t.Parallel()
	nine := time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)
	place := func(id, of int64, zone string, at time.Time, state post.State) timetable.Place {
		return timetable.Place{Delivery: id, Post: of, Zone: zone, DueAt: at, State: state}
	}
	for name, tt := range map[string]struct {
		places []timetable.Place
		want   []string // front of the UID, time, status, places
	}{
		"accounts in one zone": {
			[]timetable.Place{place(1, 7, "Europe/London", nine, post.Held), place(2, 7, "Europe/London", nine, post.Scheduled)},
			[]string{"post-7-Europe.London 09:00 TENTATIVE 2"},
		},
		"two zones": {
			[]timetable.Place{place(1, 7, "Asia/Kathmandu", nine.Add(-time.Hour), post.Published), place(2, 7, "Europe/London", nine, post.Scheduled)},
			[]string{"post-7-Asia.Kathmandu 08:00 CONFIRMED 1", "post-7-Europe.London 09:00 CONFIRMED 1"},
		},
		"one with a time of its own": {
			[]timetable.Place{place(1, 7, "Etc/UTC", nine, post.Scheduled), place(2, 7, "Etc/UTC", nine.Add(time.Hour), post.Scheduled)},
			[]string{"post-7-Etc.UTC 09:00 CONFIRMED 1", "place-2 10:00 CONFIRMED 1"},
		},
		"one that was left out before the others moved": {
			[]timetable.Place{place(1, 7, "Etc/UTC", nine, post.Cancelled), place(2, 7, "Etc/UTC", nine.Add(time.Hour), post.Scheduled)},
			[]string{"post-7-Etc.UTC 10:00 CONFIRMED 1"},
		},
		"one that was left out at the same time": {
			[]timetable.Place{place(1, 7, "Etc/UTC", nine, post.Cancelled), place(2, 7, "Etc/UTC", nine, post.Scheduled)},
			[]string{"post-7-Etc.UTC 09:00 CONFIRMED 2"},
		},
		"all taken down": {
			[]timetable.Place{place(1, 7, "Etc/UTC", nine, post.Removed), place(2, 7, "Etc/UTC", nine, post.Missed)},
			[]string{"post-7-Etc.UTC 09:00 CANCELLED 2"},
		},
		"two posts": {
			[]timetable.Place{place(1, 7, "Etc/UTC", nine, post.Held), place(2, 8, "Etc/UTC", nine, post.Unknown)},
			[]string{"post-7-Etc.UTC 09:00 TENTATIVE 1", "post-8-Etc.UTC 09:00 CONFIRMED 1"},
		},
	} {
		var got []string
		for _, g := range feed.Together(tt.places) {
			got = append(got, fmt.Sprintf("%s %s %s %d", g.UID, g.Places[0].DueAt.Format("15:04"), g.Status(), len(g.Places)))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
