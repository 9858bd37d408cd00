package web

import (
	"fmt"
	"net/url"
	"testing"

	"daymark/internal/flow/booktest"
)

// BenchmarkEditor opens the editor of posts, and asks for a look at what is typed, ten times a second, with 2,000 posts in the month
// (each to 5 of 200 accounts) and 50 people.
func BenchmarkEditor(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	v := s.as("editor")
	var ids []int64
	s.must(s.db.SelectContext(b.Context(), &ids, `SELECT id FROM posts ORDER BY id LIMIT 48`))
	form := url.Values{"text-1-en": {"Tomorrow is the day. https://example.org #BlueHeart"}, "base": {"2"}}
	for _, one := range []struct {
		name string
		ask  func(id int64) got
	}{
		{"open", func(id int64) got { return v.get(fmt.Sprintf("/posts/%d/edit", id)) }},
		{"new", func(int64) got { return v.get("/new/post") }},
		{"look", func(id int64) got { return v.post(fmt.Sprintf("/posts/%d/edit/look", id), form) }},
		{"keep", func(id int64) got {
			return v.post(fmt.Sprintf("/posts/%d/edit/keep", id), with(form, "over", "yes"))
		}},
	} {
		b.Run(one.name, func(b *testing.B) {
			paced(b, "editor, "+one.name, len(ids), func(i int) got { return one.ask(ids[i]) })
		})
	}
}
