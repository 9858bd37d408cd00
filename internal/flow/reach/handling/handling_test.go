package handling_test

import (
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/reach/handling"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestHowAnEditionWasWorked(t *testing.T) {
	t.Parallel()
	both := postgrestest.NewBoth(t, migrations.FS)
	db := both.App
	b := booktest.New(t, db)
	north, south := b.Channel(booktest.Channel{}), b.Channel(booktest.Channel{})
	picture := b.Picture("heart")
	one := b.Deliver(booktest.Delivery{Post: b.Post("one"), Channel: north, Picture: picture})
	b.Publish(one, booktest.Due.Add(handling.Punctual))
	late := b.Deliver(booktest.Delivery{Post: b.Post("late"), Channel: north})
	b.Publish(late, booktest.Due.Add(handling.Punctual+time.Second))
	b.Miss(b.Deliver(booktest.Delivery{Post: b.Post("missed"), Channel: south}))
	b.Deliver(booktest.Delivery{Post: b.Post("to come"), Channel: south, Due: booktest.Due.AddDate(0, 0, 1)})
	h, err := handling.Of(t.Context(), db, b.Edition, nil, booktest.Due.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if h.OnTime != (handling.Part{Is: 1, Of: 3}) || h.Channels != (handling.Part{Is: 1, Of: 2}) {
		t.Errorf("on time %+v, channels %+v", h.OnTime, h.Channels)
	}
	if h.Cleared != 2 || h.Approval < 0 || h.Half != handling.Punctual || h.Slowest != handling.Punctual+time.Second {
		t.Errorf("%+v", h)
	}
	if h.Complete.Of != 2 || h.Described.Of != 1 || h.Sourced.Of != 0 || h.Checked.Of != 0 {
		t.Errorf("%+v", h)
	}
	// What was released is frozen: only the owner of the schema can make one that shows a helpline and states a figure.
	for _, statement := range []string{
		`ALTER TABLE releases DISABLE TRIGGER USER`,
		`UPDATE releases r SET body = x.body, sha256 = sha256(x.body) FROM (SELECT id, convert_to((convert_from(body, 'UTF8')::jsonb
  || '{"helplines": [{"id": "nobody", "version": 1}], "facts": ["F99"]}')::text, 'UTF8') AS body FROM releases) x WHERE x.id = r.id`,
	} {
		if _, err := both.Owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	h, err = handling.Of(t.Context(), db, b.Edition, []int64{north}, booktest.Due.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if h.Sourced != (handling.Part{Is: 0, Of: 2}) || h.Checked != (handling.Part{Is: 0, Of: 2}) || h.Complete != (handling.Part{Is: 0, Of: 2}) {
		t.Errorf("with a fact and a helpline that nobody knows: %+v", h)
	}
	if h.OnTime.Of != 2 || h.Channels.Of != 1 {
		t.Errorf("on one account: %+v", h)
	}
	none, err := handling.Of(t.Context(), db, b.Edition, []int64{}, booktest.Due)
	if err != nil || none != (handling.Handling{}) {
		t.Errorf("on no account: %+v, %v", none, err)
	}
}
