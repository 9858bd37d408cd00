//go:build crash

package machine

import (
	"os"
	"time"
)

// skew is how wrong a crash test wants this machine's clock to be. It is in no binary but that of the crash test, which is built
// with the tag "crash".
var skew = func() time.Duration {
	d, _ := time.ParseDuration(os.Getenv("DAYMARK_SKEW")) // none when it is not set
	return d
}()

// Now is what this machine's clock says, as wrong as the test wants it.
func Now() time.Time { return time.Now().Add(skew) }
