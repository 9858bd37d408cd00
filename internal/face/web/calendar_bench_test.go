package web

import (
	"testing"

	"daymark/internal/flow/booktest"
)

// BenchmarkCalendar asks for the month, the week and the list ten times a second, as three roles by turns, with 2,000 posts in the month
// (each to 5 of 200 accounts) and 50 people.
func BenchmarkCalendar(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	var visitors []visitor
	for _, role := range []string{"editor", "reviewer", "admin"} {
		visitors = append(visitors, s.as(role))
	}
	for _, one := range []struct{ name, path string }{
		{"month", "/calendar?month=2027-07"},
		{"week", "/calendar?view=week&day=2027-07-16"},
		{"list", "/calendar?view=list&month=2027-07"},
		{"filtered", "/calendar?month=2027-07&state=review&state=draft&network=mastodon&language=en&zone=Asia/Tokyo"},
	} {
		b.Run(one.name, func(b *testing.B) {
			paced(b, "calendar, "+one.name, 48, func(i int) got { return visitors[i%len(visitors)].get(one.path) })
		})
	}
}
