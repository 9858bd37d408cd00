package audience_test

import (
	"testing"
	"time"

	"daymark/internal/sandbox/audience"

	"pgregory.net/rapid"
)

var made = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

func TestCountsAreTheSameEachTimeAndNeverFall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		crowd := audience.Crowd{Seed: rapid.Uint64().Draw(t, "seed"), Followers: rapid.IntRange(0, 100_000).Draw(t, "followers"), Share: 1}
		id := rapid.StringMatching(`[0-9]{18}`).Draw(t, "id")
		a := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(60*24*time.Hour)).Draw(t, "first"))
		b := a + time.Duration(rapid.Int64Range(0, int64(60*24*time.Hour)).Draw(t, "later"))
		first, later := crowd.At(id, made, made.Add(a)), crowd.At(id, made, made.Add(b))
		if first != crowd.At(id, made, made.Add(a)) {
			t.Fatal("asked twice, answered twice differently")
		}
		if later.Favourites < first.Favourites || later.Reblogs < first.Reblogs || later.Replies < first.Replies {
			t.Fatalf("fell from %+v to %+v", first, later)
		}
		if first.Favourites < 0 || first.Reblogs < 0 || first.Replies < 0 {
			t.Fatalf("negative: %+v", first)
		}
	})
}

func TestNobodyReactsToAQuietAccountOrBeforeTheStatus(t *testing.T) {
	t.Parallel()
	if got := (audience.Crowd{}).At("1", made, made.Add(time.Hour)); got != (audience.Counts{}) {
		t.Errorf("quiet crowd: %+v", got)
	}
	if got := (audience.Crowd{Followers: 5000, Share: 1}).At("1", made, made); got != (audience.Counts{}) {
		t.Errorf("at the very instant: %+v", got)
	}
}

func TestReactionsComeQuicklyAndThenSlowly(t *testing.T) {
	t.Parallel()
	crowd := audience.Crowd{Seed: 7, Followers: 10_000, Share: 1}
	hour, day, week := crowd.At("42", made, made.Add(time.Hour)), crowd.At("42", made, made.AddDate(0, 0, 1)), crowd.At("42", made, made.AddDate(0, 0, 7))
	if hour.Favourites == 0 || day.Favourites <= hour.Favourites || week.Favourites < day.Favourites {
		t.Errorf("hour %+v, day %+v, week %+v", hour, day, week)
	}
	if other := (audience.Crowd{Seed: 8, Followers: 10_000, Share: 1}).At("42", made, made.AddDate(0, 0, 7)); other == week {
		t.Errorf("another seed gave the same crowd: %+v", other)
	}
}
