package platformtest

import (
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
)

// passOver is set for the process that passes a case over, which must fail.
const passOver = "DAYMARK_TEST_PASS_OVER"

func TestACaseThatIsPassedOverFails(t *testing.T) {
	t.Parallel()
	if os.Getenv(passOver) != "" {
		var ran atomic.Int64
		whole(t, &ran, func() { t.Skip("no time") })
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestACaseThatIsPassedOverFails$", "-test.v")
	cmd.Env = append(os.Environ(), passOver+"=1")
	said, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "passed over") || !strings.Contains(string(said), "--- FAIL") {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestAWholeCaseIsCounted(t *testing.T) {
	t.Parallel()
	var ran atomic.Int64
	whole(t, &ran, func() {})
	if ran.Load() != 1 {
		t.Errorf("%d cases were counted", ran.Load())
	}
}
