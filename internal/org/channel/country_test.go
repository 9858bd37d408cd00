package channel_test

import (
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestAChannelKnowsTheCountryOfItsReaders(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	k := newKey(t)
	unsaid := add(t, db, sample(), k)
	said := add(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Country = "london", " GB " }), k)
	if unsaid.Country != "" || said.Country != "GB" {
		t.Errorf("got %q and %q", unsaid.Country, said.Country)
	}
	set := func(id int64, country string) error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error { return channel.SetCountry(t.Context(), tx, id, country, 0) })
	}
	for range 2 { // the second time changes nothing
		if err := set(said.ID, "CO"); err != nil {
			t.Fatal(err)
		}
	}
	list, err := channel.List(t.Context(), db)
	if err != nil || list[0].Country+list[1].Country != "CO" {
		t.Errorf("got %+v, %v", list, err)
	}
	if rows, err := audit.List(t.Context(), db, audit.Filter{Action: "channel.country_changed"}); err != nil || len(rows) != 1 || rows[0].Detail["was"] != "GB" {
		t.Errorf("the log has %v, %v", rows, err)
	}
	if err := set(said.ID, ""); err != nil {
		t.Errorf("the answer could not be taken back: %v", err)
	}
	if err := set(4711, "GB"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a channel that is not there: %v", err)
	}
	for _, country := range []string{"UK", "gb", "GBR", "EU", "XX", "England", "001", "ZZ"} {
		if err := set(said.ID, country); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", country, err)
		}
		if _, err := tryAdd(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Country = "other", country }), k); !fault.Is(err, fault.Invalid) {
			t.Errorf("a new channel in %q: %v", country, err)
		}
	}
}
