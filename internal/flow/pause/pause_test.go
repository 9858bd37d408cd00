package pause_test

import (
	"fmt"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// setup returns a database with an edition, two channels of one handle and one of another, and who writes and who reviews.
func setup(t *testing.T) (db *postgres.DB, editor, reviewer people.Person) {
	t.Helper()
	db = postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	b.Channel(booktest.Channel{Handle: "@hope@one.test", Name: "Hope One"})
	b.Channel(booktest.Channel{Handle: "hope.test", Name: "Hope Two", Platform: "bluesky"})
	b.Channel(booktest.Channel{Handle: "hope.test", Name: "Hope Three", Platform: "x"})
	person := func(id int64) people.Person {
		p, err := people.ByID(t.Context(), db, id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return db, person(b.Author), person(b.Reviewers[0])
}

func TestThePartsAreEverythingNetworksChannelsAndCampaigns(t *testing.T) {
	t.Parallel()
	db, _, _ := setup(t)
	list, err := pause.Parts(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range list {
		keys = append(keys, p.Key()+" "+p.Name)
	}
	want := []string{
		"everything everything", "network:bluesky bluesky", "network:mastodon mastodon", "network:x x",
		"channel:1 Hope One", "channel:3 Hope Three", "channel:2 Hope Two", "campaign:july-30 World Day Against Trafficking in Persons",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPartIsFoundAsPeopleNameIt(t *testing.T) {
	t.Parallel()
	db, _, _ := setup(t)
	for _, c := range []struct {
		scope licence.Scope
		said  string
		want  string
		kind  fault.Kind
	}{
		{licence.Network, "mastodon", "network:mastodon", 0},
		{licence.OneChannel, "1", "channel:1", 0},
		{licence.OneChannel, "@Hope@one.test", "channel:1", 0},
		{licence.Campaign, "july-30", "campaign:july-30", 0},
		{licence.OneChannel, "hope.test", "", fault.Invalid},
		{licence.OneChannel, "99", "", fault.NotFound},
		{licence.OneChannel, "", "", fault.NotFound},
		{licence.Network, "myspace", "", fault.NotFound},
	} {
		p, err := pause.Find(t.Context(), db, c.scope, c.said)
		if c.want == "" {
			if !fault.Is(err, c.kind) {
				t.Errorf("%s %q: got %v and %v", c.scope, c.said, p, err)
			}
			continue
		}
		if err != nil || p.Key() != c.want {
			t.Errorf("%s %q: got %v and %v, want %s", c.scope, c.said, p, err, c.want)
		}
	}
}

func TestWhoMayPausesWithAReasonAndWhoMayNotIsRefused(t *testing.T) {
	t.Parallel()
	db, editor, reviewer := setup(t)
	part, err := pause.Find(t.Context(), db, licence.OneChannel, "2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pause.Raise(t.Context(), db, part, "A wrong number went out", reviewer); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer: got %v", err)
	}
	if _, err := pause.Raise(t.Context(), db, part, "  because  ", editor); !fault.Is(err, fault.Invalid) {
		t.Errorf("without words: got %v", err)
	}
	raised, err := pause.Raise(t.Context(), db, part, "A wrong number went out", editor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pause.Raise(t.Context(), db, pause.Part{Scope: licence.Everything}, "A crisis in our town", editor); err != nil {
		t.Fatal(err)
	}
	list, err := pause.Active(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s %q by %s", s.Scope, s.Name, s.PersonName))
	}
	if diff := cmp.Diff([]string{`channel "Hope Two" by Wren Writer`, `everything "" by Wren Writer`}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := pause.Lift(t.Context(), db, raised.ID, reviewer, booktest.Due); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer lifts: got %v", err)
	}
	if _, err := pause.Lift(t.Context(), db, raised.ID, editor, booktest.Due); err != nil {
		t.Error(err)
	}
}
