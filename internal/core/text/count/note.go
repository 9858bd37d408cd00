package count

// Noted returns a part of a text with its content note as the network shows it: where a network has no field for a note, the note is
// the first line of each part, and so counts with it. It is so on X and Bluesky (internal/platform/x, internal/platform/bluesky).
func (r Rules) Noted(body, note string) string {
	if note == "" || r.Network == "mastodon" {
		return body
	}
	return "CN: " + note + "\n\n" + body
}
