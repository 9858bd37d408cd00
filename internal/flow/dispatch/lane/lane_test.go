package lane_test

import (
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/dispatch/lane"
)

var noon = time.Date(2027, 7, 30, 12, 0, 0, 0, time.UTC)

type entry = lane.Entry[string]

func board() *lane.Board[string] {
	return lane.New[string](lane.Limits{Calls: 200, PerHost: 128, Lane: 3, HostHand: 500})
}

// put adds a delivery of a channel on a server.
func put(b *lane.Board[string], id, channel int64, server string, at time.Time) {
	b.Hold(channel, id, at)
	b.At(channel, server)
	b.Add(entry{ID: id, Channel: channel, At: at})
}

func ids(list []entry) []int64 {
	out := make([]int64, len(list))
	for i, e := range list {
		out[i] = e.ID
	}
	return out
}

func TestOneCallAtATimeToAChannelInOrder(t *testing.T) {
	t.Parallel()
	b := board()
	put(b, 3, 1, "a", noon)
	put(b, 1, 1, "a", noon)
	put(b, 2, 1, "a", noon.Add(-time.Second))
	var got []int64
	for range 3 {
		taken, _ := b.Take(noon, 10)
		got = append(got, ids(taken)...)
		if again, _ := b.Take(noon, 10); len(again) > 0 {
			t.Fatalf("%v went while another call to the channel was on its way", ids(again))
		}
		b.Free(1, lane.Answered, time.Millisecond)
	}
	if !slices.Equal(got, []int64{2, 1, 3}) {
		t.Errorf("the order is %v", got)
	}
}

func TestNothingGoesBeforeItsInstantAndTheNextIsNamed(t *testing.T) {
	t.Parallel()
	b := board()
	put(b, 1, 1, "a", noon.Add(time.Minute))
	put(b, 2, 2, "a", noon.Add(time.Second))
	taken, next := b.Take(noon, 10)
	if len(taken) != 0 || !next.Equal(noon.Add(time.Second)) {
		t.Errorf("taken %v, next at %v", ids(taken), next)
	}
}

func TestCallsToAChannelKeepTheirDistance(t *testing.T) {
	t.Parallel()
	b := board()
	b.Hold(1, 0, noon)
	b.Hold(1, 1, noon)
	b.At(1, "a")
	for id := range int64(2) {
		b.Add(entry{ID: id, Channel: 1, At: noon, Spacing: time.Minute})
	}
	if taken, _ := b.Take(noon, 10); len(taken) != 1 {
		t.Fatalf("taken %v", ids(taken))
	}
	b.Free(1, lane.Answered, time.Millisecond)
	if taken, next := b.Take(noon, 10); len(taken) != 0 || !next.Equal(noon.Add(time.Minute)) {
		t.Errorf("taken %v, next at %v", ids(taken), next)
	}
	if taken, _ := b.Take(noon.Add(time.Minute), 10); len(taken) != 1 {
		t.Errorf("taken %v a minute later", ids(taken))
	}
}

func TestAServerThatHangsTakesOnlyItsOwnShare(t *testing.T) {
	t.Parallel()
	b := board()
	for c := range int64(150) {
		put(b, c, c, "hangs", noon)
	}
	hanging, _ := b.Take(noon, 1000) // and never answers
	for c := int64(150); c < 200; c++ {
		put(b, c, c, "well", noon)
	}
	well, _ := b.Take(noon, 1000)
	if len(hanging) > 64 || len(well) != 50 {
		t.Errorf("%d calls to the server that hangs, %d to the other", len(hanging), len(well))
	}
	for _, e := range hanging[:5] {
		b.Free(e.Channel, lane.Silent, time.Millisecond)
	}
	if more, _ := b.Take(noon, 1000); len(more) != 0 {
		t.Errorf("%d more go to it", len(more))
	}
	for _, e := range hanging[5:] {
		b.Free(e.Channel, lane.Silent, time.Millisecond)
	}
	probe, _ := b.Take(noon, 1000)
	if len(probe) != 1 {
		t.Fatalf("%d calls find out whether it is back", len(probe))
	}
	if _, servers := b.Full(); !slices.Equal(servers, []string{"hangs"}) {
		t.Errorf("claims pass over %v", servers)
	}
	b.Free(probe[0].Channel, lane.Answered, time.Millisecond)
	if back, _ := b.Take(noon, 1000); len(back) < 32 {
		t.Errorf("it is back, and %d calls go", len(back))
	}
}

func TestWithEachAnswerAServerIsGivenOneMore(t *testing.T) {
	t.Parallel()
	b := board()
	for c := range int64(400) {
		put(b, c, c, "a", noon)
	}
	first, _ := b.Take(noon, 1000)
	for _, e := range first {
		b.Free(e.Channel, lane.Answered, time.Millisecond)
	}
	second, _ := b.Take(noon, 1000)
	if len(first) != 64 || len(second) != 128 {
		t.Errorf("%d, then %d", len(first), len(second))
	}
}

func TestFullChannelsArePassedOverByClaims(t *testing.T) {
	t.Parallel()
	b := board()
	for id := range int64(3) {
		put(b, id, 7, "a", noon)
	}
	put(b, 4, 8, "a", noon)
	if channels, servers := b.Full(); !slices.Equal(channels, []int64{7}) || len(servers) != 0 {
		t.Errorf("full: %v %v", channels, servers)
	}
	if gone := b.Clear(7, noon); len(gone) != 3 || b.Ready() != 1 {
		t.Errorf("%d taken off, %d left", len(gone), b.Ready())
	}
	for id := range int64(3) {
		b.Drop(7, id)
	}
	if channels, _ := b.Full(); len(channels) != 0 {
		t.Errorf("full: %v", channels)
	}
}

func TestClearTakesOnlyWhatShouldHaveGone(t *testing.T) {
	t.Parallel()
	b := board()
	put(b, 1, 1, "a", noon.Add(-time.Minute))
	put(b, 2, 1, "a", noon.Add(time.Minute))
	if gone := b.Clear(0, noon); !slices.Equal(ids(gone), []int64{1}) {
		t.Errorf("taken off: %v", ids(gone))
	}
	if taken, _ := b.Take(noon.Add(time.Hour), 10); !slices.Equal(ids(taken), []int64{2}) {
		t.Errorf("left: %v", ids(taken))
	}
}

func TestWhatIsReadyWaitsForWhatComesBeforeItAndIsNot(t *testing.T) {
	t.Parallel()
	b := board()
	b.Hold(1, 1, noon) // still being prepared
	put(b, 2, 1, "a", noon)
	put(b, 3, 2, "a", noon)
	if taken, _ := b.Take(noon, 10); !slices.Equal(ids(taken), []int64{3}) {
		t.Fatalf("taken %v", ids(taken))
	}
	b.Drop(1, 1) // it could not be prepared
	if taken, _ := b.Take(noon, 10); !slices.Equal(ids(taken), []int64{2}) {
		t.Errorf("taken %v", ids(taken))
	}
}

func TestAServerThatIsFullIsGivenManyAtATime(t *testing.T) {
	t.Parallel()
	b := board()
	for id := int64(1); id <= 200; id++ {
		put(b, id, id, "a", noon)
	}
	going, _ := b.Take(noon, 200)
	if len(going) != 64 {
		t.Fatalf("%d calls went at first, want 64", len(going))
	}
	var sizes []int
	for _, e := range going {
		b.Free(e.Channel, lane.Nothing, time.Millisecond)
		if more, _ := b.Take(noon, 200); len(more) > 0 {
			sizes = append(sizes, len(more))
		}
	}
	if !slices.Equal(sizes, []int{24, 24}) {
		t.Errorf("as 64 calls ended one by one, groups of %v went, want two of 24", sizes)
	}
}

func TestAServerIsGivenMoreWhileItsAnswersStayQuick(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		took        func(calls int) time.Duration // what an answer takes with so many calls on their way
		least, most int
	}{
		{"a network far away: all that may be", func(int) time.Duration { return 50 * time.Millisecond }, 400, 400},
		{"a server that answers a thousand a second at once", func(n int) time.Duration { return time.Millisecond * time.Duration(max(n, 1)) }, 96, 170},
		{"a thousand a second, each after 50 ms", func(n int) time.Duration { return max(50*time.Millisecond, time.Millisecond*time.Duration(n)) }, 140, 220},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := lane.New[string](lane.Limits{Calls: 1000, PerHost: 400, Lane: 3, HostHand: 10_000})
			var going []entry
			most := 0
			b.Hold(10_000, 10_000, noon) // the first is alone
			b.At(10_000, "a")
			b.Add(entry{ID: 10_000, Channel: 10_000, At: noon.Add(-time.Second)})
			alone, _ := b.Take(noon, 1)
			b.Free(alone[0].Channel, lane.Answered, c.took(1))
			for id := range int64(5000) {
				put(b, id, id, "a", noon)
			}
			for range 4000 {
				taken, _ := b.Take(noon, 1000)
				going = append(going, taken...)
				b.Free(going[0].Channel, lane.Answered, c.took(len(going)))
				going = going[1:]
				most = len(going)
			}
			if most < c.least-64 || most > c.most {
				t.Errorf("%d calls are on their way in the end, want %d to %d", most, c.least-64, c.most)
			}
		})
	}
}
