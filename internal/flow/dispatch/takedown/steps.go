package takedown

// The moments at which the crash tests kill the process: whatever was written down by then, the next worker goes on from it.
const (
	stepBegun  = "takedown begun"         // it is written down, and nothing is tried
	stepTaken  = "takedown taken"         // copies are taken, and no network is asked yet
	stepAsked  = "takedown asked"         // the network has answered about a copy, and nobody has written it
	stepCommit = "takedown before commit" // its result is written, and not committed
	stepResult = "takedown written"       // the result of one copy is there, and the others' are not
)

// Steps returns the names of the moments at which the crash tests kill the process, in their order.
func Steps() []string { return []string{stepBegun, stepTaken, stepAsked, stepCommit, stepResult} }
