package dispatch

// Points are the moments at which a crash test kills the daemon, in the order in which one delivery passes them. Between each two of
// them something becomes irreversible, or known to others.
func Points() []string {
	return []string{
		"after claim",    // the rows carry the lease, nothing is prepared
		"before attempt", // made ready; nothing is written down
		"group written",  // the attempts of a group are committed, nobody is called
		"after attempt",  // this one's call comes next
		"answer read",    // the network has answered, nothing of it is written
		"before commit",  // the outcomes of a group are written and not committed
		"after settle",   // one delivery's outcome is committed
	}
}
