package private

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daymark/internal/core/fault"
)

// fake makes a folder of programs that say they are of a version.
func fake(t *testing.T, version string) string {
	t.Helper()
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestChoose(t *testing.T) {
	t.Parallel()
	old, fifteen, seventeen, beta := fake(t, "14.11 (Debian 14.11-1)"), fake(t, "15.18"), fake(t, "17.2"), fake(t, "18beta1")
	for _, tt := range []struct {
		name    string
		folders []string
		major   int
		want    string
		says    string
	}{
		{"the first that is new enough", []string{old, seventeen, fifteen}, 0, "17.2", ""},
		{"the one that made the folder", []string{seventeen, fifteen}, 15, "15.18", ""},
		{"a beta", []string{beta}, 0, "18beta1", ""},
		{"a folder without programs is passed over", []string{t.TempDir(), fifteen}, 0, "15.18", ""},
		{"only an old one", []string{old}, 0, "", "PostgreSQL 14.11"},
		{"none", nil, 0, "", "is not installed; install 15 or later with"},
		{"another than made the folder", []string{seventeen}, 15, "", "made by PostgreSQL 15"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := choose(context.WithoutCancel(t.Context()), tt.folders, tt.major)
			if got.version != tt.want || !strings.Contains(fault.Say(err), tt.says) || (err != nil) != (tt.says != "") {
				t.Errorf("got %q, %v", got.version, err)
			}
			if err != nil && !fault.Is(err, fault.Unavailable) {
				t.Errorf("got kind %v", fault.KindOf(err))
			}
		})
	}
}
