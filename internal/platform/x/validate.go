package x

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/text/count"

	"daymark/internal/core/text"
	"daymark/internal/core/text/x"
	"daymark/internal/platform"

	"golang.org/x/text/unicode/norm"
)

// Compose returns what is posted for a text with a content note: the note is the first line, counted like the rest, because X has
// no place of its own for it. Reviewers are shown the same.
func Compose(note, body string) string {
	return count.WithNote(note, body)
}

// Validate returns why content cannot go out under caps. It does no I/O.
func (c *Connector) Validate(caps platform.Capabilities, content platform.Content) []platform.Issue {
	v := &issues{part: -1}
	if len(content.Parts) == 0 {
		v.add("text", "empty", "There is nothing to publish. Write a text.")
	}
	switch content.Visibility {
	case "public":
	case "unlisted":
		v.warn("visibility", "shown_to_all", "X has no unlisted posts: this one is shown to all.")
	default:
		v.add("visibility", "not_supported", "On X a post is for everybody who may see the account, and this one is meant to be %q. Leave X out or make it public.", content.Visibility)
	}
	if strings.ContainsAny(content.ContentNote, "\n\r") {
		v.add("content_note", "lines", "The content note has more than one line. On X it is the first line of the text; write it in one.")
	}
	if len(content.Parts) > 1 {
		v.warn("text", "thread_tried", "X may refuse the second part of a thread from an application. Daymark publishes the first part and stops with a notice if X refuses the next.")
	}
	for i, p := range content.Parts {
		v.part = i
		v.checkPart(caps, content, p)
	}
	return v.list
}

// issues collects what is wrong.
type issues struct {
	part int
	list []platform.Issue
}

// add appends an issue about the part at hand.
func (v *issues) add(field, code, format string, args ...any) {
	v.list = append(v.list, platform.Issue{Part: v.part, Field: field, Code: code, Message: fmt.Sprintf(format, args...)})
}

// warn appends a warning about the part at hand.
func (v *issues) warn(field, code, format string, args ...any) {
	v.list = append(v.list, platform.Issue{Part: v.part, Field: field, Code: code, Message: fmt.Sprintf(format, args...), Warning: true})
}

// cashtag is a word such as $GO (https://github.com/twitter/twitter-text).
var cashtag = regexp.MustCompile(`(?:^|\s)\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?:$|[\s\p{P}])`)

// checkPart checks one post.
func (v *issues) checkPart(caps platform.Capabilities, content platform.Content, p platform.Part) {
	if strings.TrimSpace(p.Text) == "" && len(p.Pictures) == 0 {
		v.add("text", "empty", "This part has neither text nor picture. Write something or remove it.")
	}
	whole := Compose(content.ContentNote, p.Text)
	if !x.Allowed(whole) {
		v.add("text", "characters", "The text has an invisible character that X refuses, such as a byte order mark. Write that place again.")
	}
	if n := x.Length(whole); caps.MaxCharacters > 0 && n > caps.MaxCharacters {
		v.add("text", "too_long", "The text counts %d with its content note, and X takes %d. Shorten it by %d.", n, caps.MaxCharacters, n-caps.MaxCharacters)
	}
	if len(cashtag.FindAllString(whole, 2)) > 1 {
		v.add("text", "cashtags", "X takes at most one cashtag, such as $GO, in a post. Remove the others.")
	}
	if len(p.Pictures) == 0 {
		return
	}
	if caps.Version == legacyVersion {
		v.add("pictures", "not_supported", "This channel uses version 1.1 of X's API, which takes no pictures. Switch it to version 2, or leave the pictures out.")
		return
	}
	if content.Sensitive {
		v.warn("pictures", "not_hidden", "X does not let Daymark hide pictures. Everybody sees them at once.")
	}
	if len(p.Pictures) > caps.MaxPictures {
		v.add("pictures", "too_many", "There are %d pictures, and X takes %d. Remove %d.", len(p.Pictures), caps.MaxPictures, len(p.Pictures)-caps.MaxPictures)
	}
	for i, pic := range p.Pictures {
		v.checkPicture(caps, i+1, pic)
	}
}

// checkPicture checks one picture; n counts from one.
func (v *issues) checkPicture(caps platform.Capabilities, n int, pic platform.Picture) {
	if strings.TrimSpace(pic.Alt) == "" {
		v.add("alt", "missing", "Picture %d has no alt text. Describe it for people who cannot see it.", n)
	}
	// Graphemes are what a person sees counted, code points what X can have counted: neither may be too many.
	if length := max(text.Graphemes(pic.Alt), len([]rune(pic.Alt))); caps.AltCharacters > 0 && length > caps.AltCharacters {
		v.add("alt", "too_long", "The alt text of picture %d has %d characters, and X takes %d. Shorten it.", n, length, caps.AltCharacters)
	}
	if len(caps.PictureTypes) > 0 && !slices.Contains(caps.PictureTypes, pic.MIME) {
		v.add("pictures", "type", "Picture %d is %s, which Daymark does not send to X. Use one of %s.", n, pic.MIME, strings.Join(caps.PictureTypes, ", "))
	}
	if size := int64(len(pic.Bytes)); caps.MaxPictureBytes > 0 && size > caps.MaxPictureBytes {
		v.add("pictures", "too_large", "Picture %d has %d bytes, and X takes %d. Use a smaller one.", n, size, caps.MaxPictureBytes)
	}
}

// Same reports whether two contents would be the same to X, which forbids to post the same text from several accounts
// (https://docs.x.com/developer-guidelines: substantially similar content across accounts). White space, case, accents written
// another way and the scheme of a link make no difference; one part in common is enough.
func (c *Connector) Same(a, b platform.Content) bool {
	for _, p := range a.Parts {
		for _, q := range b.Parts {
			if one := bare(p.Text); one != "" && one == bare(q.Text) {
				return true
			}
		}
	}
	return false
}

// bare reduces a text to what tells it from another.
func bare(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = strings.NewReplacer("https://", "", "http://", "").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}
