package channel_test

import (
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestLabelsAreSetInPlaceOfThoseBeforeAndWrittenDown(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), postgrestest.New(t, migrations.FS)
	c := add(t, db, sample(func(n *channel.NewChannel) { n.Labels = nil }), newKey(t))
	set := func(labels ...string) error {
		return db.InTx(ctx, func(tx *postgres.Tx) error { return channel.SetLabels(ctx, tx, c.ID, labels, 0) })
	}
	for _, labels := range [][]string{{" Leeds  north", "leeds", "Leeds north", ""}, {"Leeds north", "leeds"}} {
		if err := set(labels...); err != nil {
			t.Fatal(err)
		}
	}
	got, err := channel.Get(ctx, db, c.ID)
	if err != nil || !slices.Equal(got.Labels, []string{"Leeds north", "leeds"}) {
		t.Errorf("labels %q, %v", got.Labels, err)
	}
	rows, err := audit.List(ctx, db, audit.Filter{Action: "channel.labels_changed"})
	if err != nil || len(rows) != 1 {
		t.Errorf("%d lines in the log, want 1: %v", len(rows), err)
	}
	for name, bad := range map[string]string{"a comma": "a,b", "a hidden letter": "le\u202eeds", "a line break": "a\x00b", "too long": strings.Repeat("x", 41)} {
		if err := set("leeds", bad); !fault.Is(err, fault.Invalid) || fault.Problems(err)[0].Field != "labels" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := set(); err != nil {
		t.Fatal(err)
	}
	if got, err = channel.Get(ctx, db, c.ID); err != nil || len(got.Labels) != 0 {
		t.Errorf("labels %q, %v", got.Labels, err)
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		if err := channel.Archive(ctx, tx, c.ID, 0); err != nil {
			return err
		}
		return channel.SetLabels(ctx, tx, c.ID, []string{"york"}, 0)
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("of an account out of use: %v", err)
	}
}
