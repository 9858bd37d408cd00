package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// drafts puts so many posts, each for three channels, before reviewers.
func (s *site) drafts(n int) {
	s.t.Helper()
	b := booktest.New(s.t, s.db)
	var channels []int64
	for i := range 3 {
		channels = append(channels, b.Channel(booktest.Channel{Handle: fmt.Sprintf("@queue%d@127.0.0.1", i)}))
	}
	for i := range n {
		id := b.Post(fmt.Sprintf("waiting-%d", i+1))
		var deliveries []int64
		for _, c := range channels {
			deliveries = append(deliveries, b.Deliver(booktest.Delivery{Post: id, Channel: c, Due: booktest.Due.Add(time.Duration(i) * time.Minute)}))
		}
		b.Submit(deliveries...)
	}
}

func TestALongQueueIsReadInPages(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.drafts(28)
	v := s.as("reviewer")
	first, second := v.get("/review"), v.get("/review?mine=2")
	if got := strings.Count(first.body, `<li id="card-`); got != 25 || !strings.Contains(first.body, "28 drafts") {
		t.Errorf("the first page shows %d drafts of 28\n%s", got, first.body)
	}
	if got := strings.Count(second.body, `<li id="card-`); got != 3 || !strings.Contains(second.body, `href="/review?mine=1"`) {
		t.Errorf("the second page shows %d drafts", got)
	}
	for _, address := range []string{"/review?mine=99", "/review?mine=-1", "/review?mine=x&others=99999999999999999999"} {
		if a := v.get(address); a.status != http.StatusOK {
			t.Errorf("%s: %d", address, a.status)
		}
	}
}

// BenchmarkQueue asks for the queue ten times a second while 500 drafts wait.
func BenchmarkQueue(b *testing.B) {
	s := newTeam(b)
	s.drafts(500)
	_, err := s.owner.ExecContext(b.Context(), `VACUUM ANALYZE`)
	s.must(err)
	v := s.as("reviewer")
	paced(b, "review queue", 50, func(int) got { return v.get("/review") })
}
