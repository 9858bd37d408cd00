package helpline_test

import (
	"strings"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/postgres"
)

const sqlForge = `
INSERT INTO helpline_checks (helpline_id, version, person_id, how, result, saw, at, until)
VALUES ('gb-hope', $1, $2, 'called', $3, $4, $5, $6)`

// The application's role tries what no code of ours does; the database refuses it.
func TestTheDatabaseKeepsChecksHonest(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.check("gb-hope", works, d.reviewer, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := d.change(sample(func(h *campaign.Helpline) { h.Web = "https://hope.example" })); err != nil { // version 2
		t.Fatal(err)
	}
	disabled := d.manager
	if _, err := d.db.ExecContext(t.Context(), `UPDATE people SET disabled_at = clock_timestamp() WHERE id = $1`, disabled.ID); err != nil {
		t.Fatal(err)
	}
	forge := func(args ...any) func(*postgres.Tx) error {
		return func(tx *postgres.Tx) error {
			_, err := tx.ExecContext(t.Context(), sqlForge, args...)
			return err
		}
	}
	run := func(query string, args ...any) func(*postgres.Tx) error {
		return func(tx *postgres.Tx) error {
			_, err := tx.ExecContext(t.Context(), query, args...)
			return err
		}
	}
	if err := d.try(forge(2, d.reviewer.ID, "works", "Answered.", noon, noon.Add(30*day))); err != nil {
		t.Fatalf("the honest check is refused: %v", err)
	}
	for name, tt := range map[string]struct {
		work func(*postgres.Tx) error
		want string
	}{
		"a check is changed":           {run(`UPDATE helpline_checks SET until = until + interval '1 day'`), "permission denied"},
		"a check is removed":           {run(`DELETE FROM helpline_checks`), "permission denied"},
		"all checks are removed":       {run(`TRUNCATE helpline_checks`), "permission denied"},
		"Daymark checks by itself":     {forge(2, d.own.ID, "works", "Answered.", noon, noon.Add(day)), "checked by a person"},
		"somebody who left checks":     {forge(2, disabled.ID, "works", "Answered.", noon, noon.Add(day)), "checked by a person"},
		"nobody checks":                {forge(2, 4711, "works", "Answered.", noon, noon.Add(day)), "checked by a person"},
		"an older version":             {forge(1, d.reviewer.ID, "works", "Answered.", noon, noon.Add(day)), "is another by now"},
		"a version to come":            {forge(3, d.reviewer.ID, "works", "Answered.", noon, noon.Add(day)), "is another by now"},
		"longer than its days":         {forge(2, d.reviewer.ID, "works", "Answered.", noon, noon.Add(31*day)), "is another by now"},
		"longer than a year":           {forge(2, d.reviewer.ID, "works", "Answered.", noon, noon.Add(366*day)), "is another by now"},
		"dead and yet shown":           {forge(2, d.reviewer.ID, "dead", "Silence.", noon, noon.Add(day)), "check constraint"},
		"working for no time":          {forge(2, d.reviewer.ID, "works", "Answered.", noon, noon), "check constraint"},
		"nothing was seen":             {forge(2, d.reviewer.ID, "works", "", noon, noon.Add(day)), "check constraint"},
		"its number among the checks":  {run(`INSERT INTO helpline_checks (id) OVERRIDING SYSTEM VALUE VALUES (1)`), "permission denied"},
		"its time of day":              {run(`INSERT INTO helpline_checks (real_at) VALUES (now())`), "permission denied"},
		"the helpline is removed":      {run(`DELETE FROM helplines`), "permission denied"},
		"the helpline changes its id":  {run(`UPDATE helplines SET id = 'gb-other'`), "permission denied"},
		"a body without its hash":      {run(`UPDATE helplines SET body = '{}'`), "check constraint"},
		"a check that holds for years": {run(`UPDATE helplines SET check_days = 400`), "check constraint"},
		"a third purpose":              {run(`UPDATE helplines SET purpose = 'both'`), "check constraint"},
		"a country in words":           {run(`UPDATE helplines SET country = 'England'`), "check constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := d.try(tt.work); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAnInventedHelplineNeverBecomesReal(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample(func(h *campaign.Helpline) { h.Invented = true })); err != nil {
		t.Fatal(err)
	}
	err := d.try(func(tx *postgres.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE helplines SET invented = false`)
		return err
	})
	if postgres.Constraint(err) != "stays_invented" {
		t.Errorf("an invented helpline is real now: %v", err)
	}
}
