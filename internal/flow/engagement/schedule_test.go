package engagement_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"daymark/internal/flow/engagement"
)

var noon = time.Date(2027, 7, 30, 12, 0, 0, 0, time.UTC)

func TestScheduleIsDenseOnTheDayAndSparseForAYear(t *testing.T) {
	t.Parallel()
	const h, d = time.Hour, 24 * time.Hour
	tests := map[string]struct {
		n    int
		want time.Duration
		none bool
	}{
		"the first question comes after five minutes": {n: 0, want: 5 * time.Minute},
		"the second after a quarter of an hour":       {n: 1, want: 15 * time.Minute},
		"the last of the day after sixteen hours":     {n: 7, want: 16 * h},
		"then one a day":                             {n: 8, want: 1 * d},
		"until day 30":                               {n: 37, want: 30 * d},
		"then one a week":                            {n: 38, want: 37 * d},
		"the last weekly one is day 359":             {n: 84, want: 359 * d},
		"the very last is day 365":                   {n: 85, want: 365 * d},
		"after that there is none":                   {n: 86, none: true},
		"a question before the first does not exist": {n: -2, none: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := engagement.Schedule(0, noon, tt.n) // delivery 0 comes exactly at the mark
			if ok == tt.none {
				t.Fatalf("Schedule(%d) exists: %v", tt.n, ok)
			}
			if ok && got.Sub(noon) != tt.want {
				t.Errorf("Schedule(%d) = publication + %v, want %v", tt.n, got.Sub(noon), tt.want)
			}
		})
	}
}

func TestScheduleRisesAndIsNeverMoreThanATenthLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Min(1).Draw(t, "delivery")
		before, plainBefore := noon, noon
		n := 0
		for ; ; n++ {
			at, ok := engagement.Schedule(id, noon, n)
			if !ok {
				break
			}
			plain, _ := engagement.Schedule(0, noon, n)
			if !at.After(before) {
				t.Fatalf("question %d at %v does not come after the one before it at %v", n, at, before)
			}
			if late, most := at.Sub(plain), plain.Sub(plainBefore)/10; late < 0 || late > most {
				t.Fatalf("question %d is %v late, at most %v is allowed", n, late, most)
			}
			before, plainBefore = at, plain
		}
		if n != 86 {
			t.Fatalf("there are %d questions in a year, want 86", n)
		}
	})
}

func TestAfterSkipsWhatWasMissed(t *testing.T) {
	t.Parallel()
	n, at, ok := engagement.After(0, noon, noon.Add(10*24*time.Hour), 0)
	if !ok || n != 18 || at.Sub(noon) != 11*24*time.Hour {
		t.Errorf("after ten days of silence the next question is number %d at publication + %v (%v), want 18 on day 11", n, at.Sub(noon), ok)
	}
	if _, _, ok := engagement.After(0, noon, noon.Add(366*24*time.Hour), 0); ok {
		t.Error("after a year there is still a question")
	}
}

func TestNeighboursAreSpread(t *testing.T) {
	t.Parallel()
	seen := map[int64]int{}
	for id := int64(1); id <= 1000; id++ {
		at, _ := engagement.Schedule(id, noon, 0)
		seen[int64(at.Sub(noon)-5*time.Minute)/int64(3*time.Second)]++
	}
	if len(seen) < 10 {
		t.Fatalf("1000 deliveries use %d of 10 spans of three seconds", len(seen))
	}
	for span, n := range seen {
		if n > 150 {
			t.Errorf("span %d has %d of 1000 deliveries", span, n)
		}
	}
}
