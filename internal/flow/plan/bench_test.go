package plan_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// judge reports what one round took, and whether that is within the aim.
func judge(b *testing.B, name string, aim time.Duration) {
	took := b.Elapsed() / time.Duration(b.N)
	verdict := "PASS"
	if took > aim {
		verdict = "FAIL"
	}
	b.ReportMetric(took.Seconds(), "s/round")
	fmt.Printf("%s: %.2f s, aim %s: %s\n", name, took.Seconds(), aim, verdict)
}

// crowd is a thousand channels in zones all over the world.
func crowd(b *testing.B, db *postgres.DB, languages func(i int) string) {
	b.Helper()
	for i := range 1000 {
		if _, err := db.ExecContext(b.Context(), `
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
VALUES ('mastodon', 'https://social.example', $1, $1, $1, $2, string_to_array($3, ','), false, '', 'k')`,
			fmt.Sprintf("@c%d", i), zones[i%len(zones)], languages(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func fourteen(b *testing.B, db *postgres.DB, id string, by int64) {
	b.Helper()
	c := campaign.Campaign{ID: id}
	for i := range 14 {
		c.Posts = append(c.Posts, campaign.Message{
			ID: fmt.Sprint("m", i), Mode: campaign.Local, Offset: campaign.Offset{Days: i - 7}, Time: oclock(b, "09:00"),
			Texts: map[string]string{"en": "Remember", "fr": "Souvenons-nous", "es": "Recordemos", "ar": "لنتذكر"},
		})
	}
	body, _, err := post.Canonical(c)
	if err != nil {
		b.Fatal(err)
	}
	of, err := json.Marshal(observance.Observance{ID: id, Rule: observance.Rule{Kind: observance.Fixed, Month: time.July, Day: 30}})
	if err != nil {
		b.Fatal(err)
	}
	if err := db.InTx(b.Context(), func(tx *postgres.Tx) error {
		_, err := book.SaveCampaign(b.Context(), tx, book.Campaign{ID: id, Observance: of, Body: body, LoadedAt: spring}, by)
		return err
	}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPlan plans 14 posts for 1,000 channels in four languages: once where each channel speaks one of them (14,000
// deliveries), once where each speaks all four (56,000), and what the hourly look at an edition costs when nothing changed.
func BenchmarkPlan(b *testing.B) {
	for name, languages := range map[string]func(i int) string{
		"one language each":   func(i int) string { return []string{"en", "fr", "es", "ar"}[i%4] },
		"four languages each": func(int) string { return "en,fr,es,ar" },
	} {
		b.Run(name, func(b *testing.B) {
			db := postgrestest.New(b, migrations.FS)
			by := people.Person{ID: booktest.New(b, db).Author, Role: people.RoleEditor}
			crowd(b, db, languages)
			n := 0
			make := func(id string) {
				if _, err := plan.Make(b.Context(), db, id, 2027, plan.Options{By: by, Now: spring}); err != nil {
					b.Fatal(err)
				}
			}
			b.Run("new", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					n++
					id := fmt.Sprintf("bench-%d", n)
					fourteen(b, db, id, by.ID)
					b.StartTimer()
					make(id)
				}
				judge(b, "plan 14 posts, 1,000 channels, "+name, 2*time.Second)
			})
			b.Run("again", func(b *testing.B) {
				for b.Loop() {
					make("bench-1")
				}
				judge(b, "plan the same again, "+name, 2*time.Second)
			})
		})
	}
}
