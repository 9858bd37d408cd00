package platform

import "context"

// Shown is one post as its network shows it to readers. A field that the network does not tell is nil.
type Shown struct {
	Text       string    // as people read it, with links written out to where they lead
	Note       *string   // the content note, where the network has a place of its own for it
	Language   *string   // as it was sent, not as the network guesses
	Visibility *string   // "public", "unlisted", "private" or "direct"
	Sensitive  *bool     // whether pictures are hidden until asked for
	Alts       []*string // one for each picture, in order; nil where the network does not tell the alt text
	Gone       bool      // the network says that the post is not there; nothing else is told
}

// Reader is met by connectors that can read a post back as their network shows it.
type Reader interface {
	// Expected returns how the network shows a part when it changes nothing of it but what it changes of every post. It does no I/O.
	Expected(content Content, part int) Shown
	// Read reads posts. The answer is keyed by [Ref].ID; a post of which the network does not tell yet is left out. With an error comes
	// what had been read until then.
	Read(ctx context.Context, account Account, refs []Ref) (map[string]Shown, error)
	// ReadCost is what the network charges for reading one post. It does no I/O.
	ReadCost(account Account) Money
}
