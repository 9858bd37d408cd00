package notify

import "context"

// Letter is what a sender is given.
type Letter struct {
	ID          string // the same at each attempt: the left part of a Message-ID, 26 letters and digits
	To          string
	Kind        string
	Subject     string
	Text        string
	HTML        string // empty where there is only text
	Unsubscribe string // empty where there is nothing to end
}

// Sender carries letters to people by one way. Mail is the first; what pushes them to a phone would be another, under a way of its
// own. A sender may be used from several goroutines.
type Sender interface {
	// Send carries one letter. A [RefusedError] says that trying again is of no use; any other error is worth another try.
	Send(ctx context.Context, l Letter) error
}

// RefusedError says that a letter was refused for good.
type RefusedError struct {
	Address bool   // it is the address that takes no mail, not this letter
	Say     string // what the other side said, in one line
}

// Error says what the other side said.
func (e *RefusedError) Error() string { return "refused: " + e.Say }
