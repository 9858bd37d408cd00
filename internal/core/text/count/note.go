package count

// Noted returns a part of a text with its content note as the network shows it: where a network has no field for a note, the note is
// the first line of each part, and so counts with it. It is so on X and Bluesky (internal/platform/x, internal/platform/bluesky).
func (r Rules) Noted(body, note string) string {
	if r.Network == "mastodon" {
		return body
	}
	return WithNote(note, body)
}

// WithNote returns what is posted for a text with a content note where a network has no place of its own for one: the note is the first
// line, counted like the rest.
func WithNote(note, body string) string {
	if note == "" {
		return body
	}
	return "CN: " + note + "\n\n" + body
}
