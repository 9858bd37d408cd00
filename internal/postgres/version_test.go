package postgres

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
)

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	if err := checkVersion("db:5432", 150018, "15.18"); err != nil {
		t.Errorf("15.18: %v", err)
	}
	err := checkVersion("db:5432", 140011, "14.11")
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "PostgreSQL 14.11; Daymark needs 15 or later") {
		t.Errorf("14.11: %v", err)
	}
}

func TestTLSIsAlwaysStated(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"postgres://u:p@db.example.org/d":                 "require",
		"postgres://u:p@localhost/d":                      "prefer",
		"postgres://u:p@127.0.0.1/d":                      "prefer",
		"postgres://u:p@db.example.org/d?sslmode=disable": "disable",
		"host=/run/postgresql user=u dbname=d":            "disable",
		"host=db.example.org user=u dbname=d":             "require",
	} {
		_, cfg, err := complete(dsn, "test")
		if err != nil || string(cfg.SSLMode) != want || cfg.Runtime["search_path"] != "public" {
			t.Errorf("%s: mode %q, path %q, %v", dsn, cfg.SSLMode, cfg.Runtime["search_path"], err)
		}
	}
}
