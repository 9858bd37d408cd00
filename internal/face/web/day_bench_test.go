package web

import (
	"testing"

	"daymark/internal/flow/booktest"
)

// BenchmarkDay asks for the page of a day on which a thousand more places are due than on the others of [site.many]'s month.
func BenchmarkDay(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.exec(`
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after)
SELECT d.post_id, d.channel_id, 'fr', t.at::date, t.at::time, 'Etc/UTC', t.at, t.at + interval '1 day'
FROM (SELECT post_id, channel_id, row_number() OVER (ORDER BY id) AS no FROM deliveries ORDER BY id LIMIT 1000) d
CROSS JOIN LATERAL (SELECT '2027-07-16 06:00Z'::timestamptz + d.no * interval '30 seconds' AS at) t`)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	v := s.as("editor")
	paced(b, "the page of a day with 1,000 places and more", 48, func(int) got { return v.get("/day") })
}
