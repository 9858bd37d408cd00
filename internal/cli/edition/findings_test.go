package edition

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/booktest"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// A made edition is judged by the words it would say: an error fails the command until somebody lets it stand, and then the plan
// says who and why. What is out is not judged.
func TestAMadePlanSaysWhatTheRulesFindInIt(t *testing.T) {
	t.Parallel()
	s := app.Settings{DataDir: t.TempDir(), Version: "test"}
	s.AppDatabaseURL, s.DatabaseURL = postgrestest.NewDSNs(t, migrations.FS)
	a, err := app.Open(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		bye, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := a.Close(bye); err != nil {
			t.Error(err)
		}
	})
	if err := a.SetFastClock(t.Context(), 0, booktest.Due.Add(-time.Hour), booktest.Due.Add(-time.Hour), 1); err != nil {
		t.Fatal(err)
	}
	b := booktest.New(t, a.DB)
	channel := b.Channel(booktest.Channel{})
	bad, out := b.Post("bad"), b.Post("out")
	b.Revise(bad, "We end child prostitution.")
	b.Deliver(booktest.Delivery{Post: bad, Channel: channel})
	b.Revise(out, "We end child pornography.")
	b.Publish(b.Deliver(booktest.Delivery{Post: out, Channel: channel}), booktest.Due)
	e, err := book.EditionByID(t.Context(), a.DB, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	show := func() (string, error) {
		var said strings.Builder
		c := &Plan{Campaign: e.Campaign, Year: e.Year, Format: "table"}
		err := c.show(&command.Run{Ctx: t.Context(), Out: &said, Err: &said}, a)
		return said.String(), err
	}
	said, err := show()
	if err != command.ErrFound || !strings.Contains(said, "error LANG-002: bad in en: “child prostitution”: ") || strings.Contains(said, "pornography”") {
		t.Errorf("%v\n%s", err, said)
	}
	p, err := book.FindPost(t.Context(), a.DB, bad)
	if err != nil {
		t.Fatal(err)
	}
	found, err := judge.Post(t.Context(), a.DB, a.Rules(), p, "en", a.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	by := people.Person{ID: b.Author, Name: "Wren", Role: people.RoleEditor}
	if err := a.DB.InTx(t.Context(), func(tx *postgres.Tx) error {
		for _, f := range found.Findings {
			if f.Rule != "LANG-002" {
				continue
			}
			w := judge.Waiving{Post: bad, Language: "en", Key: f.Key, Reason: "A law has that name."}
			if err := judge.Waive(t.Context(), tx, a.Rules(), w, by, a.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if said, err = show(); !strings.Contains(said, "lets it stand: A law has that name.)") || strings.Count(said, "error ") != 1 || err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
