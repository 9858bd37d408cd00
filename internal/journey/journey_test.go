// Package journey walks through Daymark as people do: in a browser, with the whole product running behind it.
//
// Each walk has a database of its own, the real pages, the real dispatcher and collector, and a sandbox network on the
// loopback interface. Every page that a walk comes to is looked at by axe-core, light and dark. The package holds tests only;
// docs/testing.md says how they are run and where the pictures in docs/images come from.
package journey

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := stopChromium(); err != nil {
		fmt.Fprintln(os.Stderr, "journey: Chromium did not stop well:", err)
	}
	os.Exit(code)
}
