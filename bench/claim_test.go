package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serverSays is what PostgreSQL 15 writes with log_min_duration_statement = 0.
const serverSays = `2026-11-22 09:50:01.000 UTC [7] daymark_app@run LOG:  duration: 0.100 ms  execute <unnamed>: SELECT 1
2026-11-22 09:50:01.001 UTC [7] daymark_app@run LOG:  duration: 0.200 ms  parse <unnamed>:
	WITH due AS MATERIALIZED (SELECT delivery_id FROM queue LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
	UPDATE queue q SET lease_owner = $2 FROM due
2026-11-22 09:50:01.002 UTC [7] daymark_app@run LOG:  duration: 1.300 ms  execute <unnamed>:
	WITH due AS MATERIALIZED (SELECT delivery_id FROM queue LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
	UPDATE queue q
	SET lease_owner = $2
	FROM due
2026-11-22 09:50:01.002 UTC [7] daymark_app@run DETAIL:  parameters: $1 = '500', $2 = 'it''s me', $3 = NULL, $4 = '{1,2}'
2026-11-22 09:50:01.003 UTC [7] daymark_app@run LOG:  duration: 1.000 ms  execute <unnamed>: SELECT 2
`

func TestTheClaimIsFoundInTheServersLogWithItsParameters(t *testing.T) {
	t.Parallel()
	got, err := findClaim(serverSays)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"500", "it's me", nil, "{1,2}"}, got.params); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	want := "WITH due AS MATERIALIZED (SELECT delivery_id FROM queue LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED) UPDATE queue q SET lease_owner = $2 FROM due"
	if diff := cmp.Diff(want, onLine(got.text)); diff != "" {
		t.Errorf("statement (-want +got):\n%s", diff)
	}
	if _, err := findClaim("2026-11-22 09:50:01.000 UTC [7] x@run LOG:  duration: 0.100 ms  execute <unnamed>: SELECT 1\n"); err == nil {
		t.Error("a claim was found where there is none")
	}
}

func TestStatementsAreAddedUp(t *testing.T) {
	t.Parallel()
	got := sumStatements(serverSays)
	if len(got) != 3 || got[0].n != 2 || got[0].took != 1500*time.Microsecond || got[1] != (spent{"SELECT 2", 1, time.Millisecond}) {
		t.Errorf("got %+v", got)
	}
}

func TestEveryDeliveryOfAFixtureIsKnownByItsTextAndAccount(t *testing.T) {
	t.Parallel()
	b := &bench{set: settings{channels: 250, posts: 10}}
	for _, tt := range []struct {
		fixture string
		n       int
	}{{"burst", 2500}, {"idle", 200}, {"hang", hangPosts*hangEach + hangPosts}, {"one", 1}} {
		if got := len(b.dues(tt.fixture)); got != tt.n {
			t.Errorf("%s has %d deliveries that can be told apart, want %d", tt.fixture, got, tt.n)
		}
	}
}
