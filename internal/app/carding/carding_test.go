package carding_test

import (
	"encoding/json"
	_ "image/png"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/app/carding"
	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/booktest"
	shipped "daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/campaign/deck"
	"daymark/internal/flow/draft/carded"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/plan"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var (
	fonts = lettering.NewFonts(nil)
	now   = booktest.Due.Add(-48 * time.Hour)
)

func values(t *testing.T) fill.Values {
	t.Helper()
	facts, err := shipped.ShippedFacts()
	if err != nil {
		t.Fatal(err)
	}
	fact := facts["F02"]
	fact.ReviewBy = civil.DateOf(now.AddDate(0, 1, 0))
	facts["F02"] = fact
	return fill.Values{Facts: facts, Profile: profile.Profile{Name: "Harbour Light"}, Lines: []helpline.Record{
		{
			Helpline: campaign.Helpline{ID: "good", Name: "The good line", Phone: "0800 121", Purpose: campaign.Support}, Version: 1,
			Last: &helpline.Check{Version: 1, Result: helpline.Works, Until: now.Add(time.Hour)},
		},
		{Helpline: campaign.Helpline{ID: "old", Name: "The old line", Phone: "0800 122", Purpose: campaign.Support}, Version: 1},
	}}
}

func children() deck.Wanted {
	return deck.Wanted{Card: cards.Card{Template: "fact", Fact: "F02"}, Format: "1:1", Named: true}
}

func TestAPostShowsItsCardInEachLanguage(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	channel := b.Channel(booktest.Channel{Zone: "Europe/London", Languages: []string{"en", "es"}})
	author := people.Person{ID: b.Author, Name: "Wren Writer", Role: people.RoleEditor}
	change := edit.Change{
		Source: post.Source{Parts: []post.SourcePart{{Texts: map[string]string{"en": "One in three.", "es": "Una de cada tres."}}}, When: post.When{Date: booktest.Due.Format(time.DateOnly), Clock: "09:00"}},
		Places: []edit.Place{{Channel: channel, Language: "en"}, {Channel: channel, Language: "es"}},
	}
	var id int64
	put := func(do func(tx *postgres.Tx) error) {
		t.Helper()
		if err := db.InTx(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	put(func(tx *postgres.Tx) error {
		out, err := edit.Create(t.Context(), tx, 0, change, author, now)
		id = out.Post
		return err
	})
	v := values(t)
	for _, format := range []string{"1:1", "4:5"} { // the second takes the place of the first
		w := children()
		w.Format = format
		drawn, err := deck.Draw(w, v, []string{"en", "es"}, fonts, now)
		if err != nil {
			t.Fatal(err)
		}
		var list []carded.Picture
		for _, d := range drawn {
			list = append(list, carded.Picture(d))
		}
		before, err := book.FindPost(t.Context(), db, id)
		if err != nil {
			t.Fatal(err)
		}
		again := func(tx *postgres.Tx) error { return carded.Put(t.Context(), tx, id, before.Version, list, author, now) }
		put(again)
		if err := db.InTx(t.Context(), again); !fault.Is(err, fault.Conflict) {
			t.Errorf("over somebody else's version: %v", err)
		}
		p, err := book.FindPost(t.Context(), db, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Source.StatedIn("es"); !slices.Equal(got, []string{"F02"}) {
			t.Errorf("it states %v", got)
		}
		for i, e := range p.Entries {
			f := v.Entry(p, e, now)
			at := slices.Index([]string{"en", "es"}, e.Language)
			if shown := f.Final.Parts[0].Pictures; len(shown) != 1 || shown[0].SHA256 != drawn[at].SHA256 || shown[0].Alt != drawn[at].Alt || len(f.Missing) > 0 {
				t.Errorf("entry %d in %s shows %+v, and lacks %v", i, e.Language, shown, f.Missing)
			}
		}
	}
	changed := v
	changed.Facts = map[string]campaign.Fact{"F02": {ID: "F02", Texts: map[string]string{"en": "Now it is one in four.", "es": "Ahora es una de cada cuatro."}}}
	p, err := book.FindPost(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	if f := changed.Entry(p, p.Entries[0], now); len(f.Missing) != 1 || !strings.Contains(f.Missing[0], "make the card again") {
		t.Errorf("with another figure in the fact, %v", f.Missing)
	}
}

// planned loads july-30 with its facts as of October 2026 and plans it for one account in English and Arabic.
func planned(t *testing.T, db *postgres.DB, today time.Time) book.Edition {
	t.Helper()
	b := booktest.New(t, db)
	b.Channel(booktest.Channel{Zone: "Europe/London", Languages: []string{"en", "ar"}})
	system, err := people.System(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := shipped.ShippedFacts()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := shipped.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	rule, err := json.Marshal(loaded.Observance)
	if err != nil {
		t.Fatal(err)
	}
	body, err := shipped.Canonical(loaded.Campaign)
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := fact.LoadFile(t.Context(), tx, slices.Collect(maps.Values(facts)), system, today); err != nil {
			return err
		}
		for _, p := range loaded.Pictures {
			if err := book.AddBlob(t.Context(), tx, book.Blob{MIME: p.MIME, Width: p.Width, Height: p.Height, Bytes: p.Bytes}); err != nil {
				return err
			}
		}
		_, err := book.SaveCampaign(t.Context(), tx, book.Campaign{ID: "july-30", Observance: rule, Title: loaded.Campaign.Title, Body: body, LoadedAt: today}, system.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Make(t.Context(), db, "july-30", 2027, plan.Options{By: system, Now: today}); err != nil {
		t.Fatal(err)
	}
	edition, err := book.FindEdition(t.Context(), db, "july-30", 2027, false)
	if err != nil {
		t.Fatal(err)
	}
	return edition
}

func TestACampaignPutsTheCardsOnItsPosts(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	today := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	edition := planned(t, db, today)
	writer := people.Person{Name: "Wren", Role: people.RoleEditor}
	if err := db.GetContext(t.Context(), &writer.ID, `INSERT INTO people (email, name, role) VALUES ('wren@example.org', 'Wren', 'editor') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	put := func() (list []carding.Done) {
		t.Helper()
		if err := carding.PutAll(t.Context(), db, edition, "1:1", fonts, writer, today, func(d carding.Done) { list = append(list, d) }); err != nil {
			t.Fatal(err)
		}
		return list
	}
	list := put()
	if len(list) < 10 {
		t.Errorf("%d posts were given a card", len(list))
	}
	for _, d := range list {
		if d.Why != nil || d.Drawn < 2 {
			t.Errorf("%s: %s in %d languages, %v", d.Message, d.Card, d.Drawn, d.Why)
		}
	}
	if again := put(); len(again) != 0 {
		t.Errorf("a second time %d posts were given a card", len(again))
	}
	system, err := people.System(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	made, err := plan.Make(t.Context(), db, "july-30", 2027, plan.Options{By: system, Now: today})
	if err != nil || made.Followed+made.Offered > 0 {
		t.Errorf("planning again takes the cards away: %+v, %v", made, err)
	}
	if err := carding.PutAll(t.Context(), db, edition, "1:1", fonts, people.Person{Role: people.RoleSafeguarding}, today, func(carding.Done) {}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody who may only look: %v", err)
	}
	edition.Campaign = "our-own"
	if err := carding.PutAll(t.Context(), db, edition, "1:1", fonts, writer, today, func(carding.Done) {}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a campaign without cards: %v", err)
	}
}
