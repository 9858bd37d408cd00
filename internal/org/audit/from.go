package audit

import "context"

// Via is the kind of session in which something was done.
type Via string

// The kinds of sessions.
const (
	BySystem  Via = "system" // Daymark by itself: jobs, the dispatcher
	ByCommand Via = "command line"
	ByBrowser Via = "browser"
)

// From is where something was done from.
type From struct {
	Via     Via
	Address string // the visitor's address; empty where there is none
}

// fromKey is the key of a From in a context.
type fromKey struct{}

// Within returns a context whose entries come from there. It is a note for the log, like the id of a request: nothing decides by it.
func Within(ctx context.Context, from From) context.Context {
	return context.WithValue(ctx, fromKey{}, from)
}

// FromOf returns where the context says that its work comes from: Daymark itself, unless somebody said otherwise.
func FromOf(ctx context.Context) From {
	if from, ok := ctx.Value(fromKey{}).(From); ok {
		return from
	}
	return From{Via: BySystem}
}
