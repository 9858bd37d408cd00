package link_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book/link"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const target = "https://charity.example/a"

// kept returns a database with the link of a post to the target, and its code.
func kept(t *testing.T) (*postgres.DB, *booktest.Book, post.Final) {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	f := post.Final{Post: b.Post("d0-morning"), Channel: b.Channel(booktest.Channel{}), Language: "en"}
	f.Links = []post.FinalLink{{Code: link.Code(f.Post, f.Channel, "en", target), Target: target}}
	if err := add(t.Context(), db, f); err != nil {
		t.Fatal(err)
	}
	return db, b, f
}

func add(ctx context.Context, db *postgres.DB, f post.Final) error {
	return db.InTx(ctx, func(tx *postgres.Tx) error { return link.Add(ctx, tx, f) })
}

func TestALinkIsCountedOnTheDayAtItsChannelsPlace(t *testing.T) {
	t.Parallel()
	db, _, f := kept(t)
	if err := add(t.Context(), db, f); err != nil {
		t.Errorf("kept again: %v", err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE channels SET zone = 'Asia/Kathmandu' WHERE id = $1", f.Channel); err != nil {
		t.Fatal(err)
	}
	evening := time.Date(2027, 7, 30, 18, 30, 0, 0, time.UTC) // a quarter past midnight in Kathmandu
	for _, at := range []time.Time{evening.Add(-time.Hour), evening, evening.Add(time.Hour)} {
		if to, err := link.Follow(t.Context(), db, f.Links[0].Code, at, true); err != nil || to != target {
			t.Fatalf("it leads to %q, %v", to, err)
		}
	}
	if to, err := link.Follow(t.Context(), db, f.Links[0].Code, evening, false); err != nil || to != target {
		t.Fatalf("uncounted it leads to %q, %v", to, err)
	}
	var edition int64
	if err := db.GetContext(t.Context(), &edition, "SELECT edition_id FROM posts WHERE id = $1", f.Post); err != nil {
		t.Fatal(err)
	}
	got, err := link.OfEdition(t.Context(), db, edition)
	if err != nil {
		t.Fatal(err)
	}
	want := []link.Clicks{
		{Post: f.Post, Message: "d0-morning", Channel: f.Channel, Platform: "mastodon", Language: "en", Day: "2027-07-30", Clicks: 1},
		{Post: f.Post, Message: "d0-morning", Channel: f.Channel, Platform: "mastodon", Language: "en", Day: "2027-07-31", Clicks: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clicks (-want +got):\n%s", diff)
	}
	if has, err := link.Has(t.Context(), db, edition); err != nil || !has {
		t.Errorf("it has short links: %t, %v", has, err)
	}
}

func TestClicksAtOneMomentAreAllCounted(t *testing.T) {
	t.Parallel()
	db, _, f := kept(t)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := link.Follow(t.Context(), db, f.Links[0].Code, time.Unix(0, 0), true); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var n int
	if err := db.GetContext(t.Context(), &n, "SELECT clicks FROM link_days"); err != nil || n != 40 {
		t.Errorf("%d of 40 were counted, %v", n, err)
	}
}

func TestNobodyMakesACodeLeadElsewhere(t *testing.T) {
	t.Parallel()
	db, _, f := kept(t)
	forged := f
	forged.Links = []post.FinalLink{{Code: f.Links[0].Code, Target: "https://elsewhere.example"}}
	if err := add(t.Context(), db, forged); err == nil {
		t.Error("a code was kept for another target")
	}
	for _, stmt := range []string{"UPDATE links SET target = 'https://elsewhere.example'", "DELETE FROM links", "DELETE FROM link_days"} {
		if _, err := db.ExecContext(t.Context(), stmt); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", stmt, err)
		}
	}
	for _, code := range []string{"", "short", "aaaaaaaaaa", "../../../x", strings.Repeat("a", 4000)} {
		if to, err := link.Follow(t.Context(), db, code, time.Unix(0, 0), true); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q leads to %q, %v", code, to, err)
		}
	}
}

func TestTheAddressOfThisDaymarkIsTheLastOneSaid(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if got, err := link.Address(t.Context(), db); err != nil || got != "" {
		t.Fatalf("before it was said: %q, %v", got, err)
	}
	for _, public := range []string{"https://old.example", "https://daymark.example/"} {
		if err := link.SetAddress(t.Context(), db, public); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := link.Address(t.Context(), db); err != nil || got != "https://daymark.example" {
		t.Errorf("it is %q, %v", got, err)
	}
	if err := link.SetAddress(t.Context(), db, "javascript:alert(1)"); err == nil {
		t.Error("an address without http was kept")
	}
}

func TestCodesAreWellFormedAndDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		p, c := rapid.Int64Range(1, 1000).Draw(t, "post"), rapid.Int64Range(1, 1000).Draw(t, "channel")
		to := rapid.StringMatching(`https://[a-z]{1,9}\.example`).Draw(t, "target")
		code, of := link.Code(p, c, "en", to), fmt.Sprint(p, c, to)
		if len(code) != 10 || strings.Trim(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			t.Fatalf("the code %q", code)
		}
		if had, ok := seen[code]; ok && had != of {
			t.Fatalf("%s and %s have the code %s", had, of, code)
		}
		seen[code] = of
	})
}
