package following_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/civil"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement/following"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// network has followers by channel; nil does not tell, and a channel that is not there fails.
type network struct {
	followers map[int64]*int64
	price     map[int64]int64
	asked     map[int64]int
}

func (n network) Followers(_ context.Context, channel int64) (*int64, error) {
	n.asked[channel]++
	f, ok := n.followers[channel]
	if !ok {
		return nil, errors.New("no answer")
	}
	return f, nil
}

func (n network) ReadCost(_ context.Context, channel int64) (int64, error) {
	return n.price[channel], nil
}

func n(v int64) *int64 { return &v }

func TestEachChannelIsAskedOnceACivilDayOfItsPlace(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	book := booktest.New(t, db)
	plain := book.Channel(booktest.Channel{})
	nepal := book.Channel(booktest.Channel{Zone: "Asia/Kathmandu"})
	silent := book.Channel(booktest.Channel{})
	broken := book.Channel(booktest.Channel{})
	priced := book.Channel(booktest.Channel{Platform: "x", Handle: "@x"})
	hand := book.Channel(booktest.Channel{Platform: "byhand", Handle: "@hand"})
	net := network{
		followers: map[int64]*int64{plain: n(1500), nepal: n(20), silent: nil, priced: n(7)},
		price:     map[int64]int64{priced: 1000}, asked: map[int64]int{},
	}
	for hour := range 16 * 24 { // from 9:00 UTC on 30 July to 8:00 on 15 August, each hour
		if hour == 30 {
			net.followers[plain] = n(1490)
		}
		if _, err := following.Look(t.Context(), db, net, booktest.Due.Add(time.Duration(hour)*time.Hour), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[int64]int{plain: 17, nepal: 17, silent: 384, broken: 384, priced: 3}, net.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if net.asked[hand] != 0 {
		t.Error("a channel that is posted to by hand was asked")
	}
	from := civil.Date{Year: 2027, Month: 7, Day: 30}
	list, err := trend.Followers(t.Context(), db, plain, from, from.AddDays(2))
	want := []trend.Follow{{Channel: plain, Day: from, Followers: 1500}, {Channel: plain, Day: from.AddDays(1), Followers: 1500}, {Channel: plain, Day: from.AddDays(2), Followers: 1490}}
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Errorf("followers (-want +got):\n%s%v", diff, err)
	}
	at, err := trend.FollowersAt(t.Context(), db, from.AddDays(5), plain, priced, silent)
	want = []trend.Follow{{Channel: plain, Day: from.AddDays(5), Followers: 1490}, {Channel: priced, Day: from, Followers: 7}}
	if diff := cmp.Diff(want, at); diff != "" || err != nil {
		t.Errorf("followers on a day (-want +got):\n%s%v", diff, err)
	}
}
