package mastodon_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/platform"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	n := func(v int64) *int64 { return &v }
	const old = `{"version":"4.2.1","source_url":"https://github.com/mastodon/mastodon"}`
	one := answer(200, `{"id":"1","favourites_count":3,"reblogs_count":0,"replies_count":1,"quotes_count":2}`)
	two := answer(200, `{"id":"2","favourites_count":5}`)
	batch := answer(200, `[{"id":"1","favourites_count":3,"reblogs_count":0,"replies_count":1,"quotes_count":2},{"id":"2","favourites_count":5}]`)
	want := map[string]platform.Counts{
		"1": {At: start, Favourites: n(3), Boosts: n(0), Replies: n(1), Quotes: n(2)},
		"2": {At: start, Favourites: n(5)},
		"3": {At: start, Gone: true},
	}
	for name, routes := range map[string]map[string]http.HandlerFunc{
		"many at once":           {"GET /api/v2/instance": answer(200, mastodonInstance), "GET /api/v1/statuses": batch},
		"one by one":             {"GET /api/v2/instance": answer(200, old), "GET /api/v1/statuses/1": one, "GET /api/v1/statuses/2": two},
		"a server without batch": {"GET /api/v2/instance": answer(200, mastodonInstance), "GET /api/v1/statuses": answer(405, `{}`), "GET /api/v1/statuses/1": one, "GET /api/v1/statuses/2": two},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, routes)
			got, err := b.Measure(t.Context(), b.account, []platform.Ref{{ID: "1"}, {ID: "2"}, {ID: "3"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMeasureReturnsWhatItReadBeforeAnError(t *testing.T) {
	t.Parallel()
	b := setup(t, map[string]http.HandlerFunc{
		"GET /api/v2/instance":   answer(200, `{"version":"0.20.0","source_url":"https://codeberg.org/superseriousbusiness/gotosocial"}`),
		"GET /api/v1/statuses/1": answer(200, `{"id":"1","favourites_count":3}`),
		"GET /api/v1/statuses/2": answer(429, `{}`),
	})
	got, err := b.Measure(t.Context(), b.account, []platform.Ref{{ID: "1"}, {ID: "2"}})
	if platform.Outcome(err) != platform.KindRateLimited || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}
