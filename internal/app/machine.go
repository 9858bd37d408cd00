//go:build !crash

package app

import "time"

// machineTime is what this machine's clock says.
func machineTime() time.Time { return time.Now() }
