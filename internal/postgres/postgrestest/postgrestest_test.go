package postgrestest

import (
	"os"
	"os/exec"
	"testing"
	"testing/fstest"
)

// asUser tells the test binary to be another test process, which the test kills.
const asUser = "DAYMARK_TEST_USER"

func TestMain(m *testing.M) {
	if os.Getenv(asUser) != "" {
		if _, err := join(); err != nil {
			os.Exit(1)
		}
		_, _ = os.Stdout.WriteString("joined\n")
		select {}
	}
	os.Exit(m.Run())
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	schema := fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id int);\nGRANT SELECT, INSERT ON a TO daymark_app;\n")}}
	first, second := New(t, schema), NewBoth(t, schema)
	first.MustExecContext(t.Context(), "INSERT INTO a VALUES (1)")
	var n int
	if err := second.App.GetContext(t.Context(), &n, "SELECT count(*) FROM a"); err != nil || n != 0 {
		t.Errorf("the other database has %d rows, %v", n, err)
	}
	if err := second.Owner.GetContext(t.Context(), &n, "SELECT count(*) FROM a"); err != nil {
		t.Error(err)
	}
}

// TestKilledProcessLetsGo runs in this process's own cluster: the lock of a killed process must not keep it for ever.
func TestKilledProcessLetsGo(t *testing.T) {
	t.Parallel()
	New(t, nil) // the cluster is there
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asUser+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 7)
	if _, err := out.Read(said); err != nil {
		t.Fatalf("the other process did not join: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	New(t, nil) // and goes on working
}
