package post

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	Held      State = "held"      // waits for a person; Hold says for what
	Scheduled State = "scheduled" // approved, in the queue
	Sending   State = "sending"   // an attempt is written down, the network is being called
	Unknown   State = "unknown"   // the network may have it; it is being asked
	Published State = "published" // the network confirmed a copy
	Failed    State = "failed"    // the network refused it for good
	Missed    State = "missed"    // its window closed before it could go out
	Cancelled State = "cancelled" // a person decided that it does not go out
	Removed   State = "removed"   // it was out and has been taken down
)

// States lists every state, in the order of a delivery's life.
var States = []State{Held, Scheduled, Sending, Unknown, Published, Failed, Missed, Cancelled, Removed}

// Hold says what a held delivery waits for.
type Hold string

// The reasons to hold a delivery.
const (
	ForApproval Hold = "approval" // nobody has approved it yet, or the approval was withdrawn
	ForEdited   Hold = "edited"   // its text changed after the approval
	ForPaused   Hold = "paused"   // an emergency pause caught it
	ForOverdue  Hold = "overdue"  // it fell due while nothing could be sent; a person decides
	ForDecision Hold = "decision" // the network cannot say whether it is live; a person decides
)

// legal holds every change of state that may happen. From held to published leads a person's word only: it is live.
var legal = map[State][]State{
	Held:      {Scheduled, Missed, Cancelled, Published},
	Scheduled: {Held, Sending, Missed, Cancelled},
	Sending:   {Published, Scheduled, Held, Unknown, Failed},
	Unknown:   {Published, Scheduled, Held},
	Failed:    {Held, Cancelled},
	Missed:    {Held, Cancelled},
	Published: {Removed},
}

// Legal reports whether a delivery may go from one state to another. Staying is not a change and not legal here.
func Legal(from, to State) bool {
	for _, s := range legal[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Alive reports whether a delivery in this state can still be published or is already out.
func (s State) Alive() bool { return s != Cancelled && s != Removed && s != Missed && s != Failed }

// Out reports whether a delivery in this state is, or may be, visible to the public.
func (s State) Out() bool { return s == Published || s == Unknown || s == Sending }
