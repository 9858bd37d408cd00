// Package rules says why a content cannot go to Bluesky, in sentences for people, and what of it the text becomes.
//
// It does no I/O and never changes a content.
package rules

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/text/count"

	"daymark/internal/core/text"
	"daymark/internal/core/text/bluesky"
	"daymark/internal/platform"
)

// Compose returns what is posted for a text with a content note: the note is the first line, counted like the rest, because the
// network has no place of its own for it. Reviewers are shown the same.
func Compose(note, body string) string {
	return count.WithNote(note, body)
}

// Check returns why content cannot go out under caps.
func Check(caps platform.Capabilities, content platform.Content) []platform.Issue {
	v := &issues{part: -1}
	if len(content.Parts) == 0 {
		v.add("text", "empty", "There is nothing to publish. Write a text.")
	}
	if content.Language == "" {
		v.add("language", "missing", "The language is missing. Bluesky shows it to screen readers and filters; choose one.")
	}
	switch content.Visibility {
	case "public":
	case "unlisted":
		v.warn("visibility", "shown_to_all", "Bluesky has no unlisted posts: this one is shown to all.")
	default:
		v.add("visibility", "not_supported", "On Bluesky every post is public, and this one is meant to be %q. Leave Bluesky out or make it public.", content.Visibility)
	}
	if strings.ContainsAny(content.ContentNote, "\n\r") {
		v.add("content_note", "lines", "The content note has more than one line. On Bluesky it is the first line of the text; write it in one.")
	}
	for i, p := range content.Parts {
		v.part = i
		v.checkPart(caps, content.ContentNote, p)
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
	v.add(field, code, format, args...)
	v.list[len(v.list)-1].Warning = true
}

// checkPart checks one post.
func (v *issues) checkPart(caps platform.Capabilities, note string, p platform.Part) {
	if strings.TrimSpace(p.Text) == "" && len(p.Pictures) == 0 {
		v.add("text", "empty", "This part has neither text nor picture. Write something or remove it.")
	}
	n, size := bluesky.Length(Compose(note, p.Text))
	if most := caps.MaxCharacters; most > 0 && n > most {
		v.add("text", "too_long", "The text counts %d characters with its content note, and Bluesky takes %d. Links count in full. Shorten it by %d.", n, most, n-most)
	} else if most := caps.MaxBytes; most > 0 && size > most {
		v.add("text", "too_long", "The text is %d bytes long with its content note, and Bluesky takes %d. Emoji and many scripts need several bytes a character. Shorten it.", size, most)
	}
	if caps.MaxPictures > 0 && len(p.Pictures) > caps.MaxPictures {
		v.add("pictures", "too_many", "There are %d pictures, and Bluesky takes %d. Remove %d.", len(p.Pictures), caps.MaxPictures, len(p.Pictures)-caps.MaxPictures)
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
	if length := text.Graphemes(pic.Alt); caps.AltCharacters > 0 && length > caps.AltCharacters {
		v.add("alt", "too_long", "The alt text of picture %d has %d characters, and Bluesky's apps take %d. Shorten it.", n, length, caps.AltCharacters)
	}
	if len(caps.PictureTypes) > 0 && !slices.Contains(caps.PictureTypes, pic.MIME) {
		v.add("pictures", "type", "Picture %d is %s, which Daymark cannot send to Bluesky. Use one of %s.", n, pic.MIME, strings.Join(caps.PictureTypes, ", "))
	}
	if size := int64(len(pic.Bytes)); caps.MaxPictureBytes > 0 && size > caps.MaxPictureBytes {
		v.add("pictures", "too_large", "Picture %d has %d bytes, and Daymark reads %d. Use a smaller one.", n, size, caps.MaxPictureBytes)
	}
	if pixels := int64(pic.Width) * int64(pic.Height); caps.MaxPicturePixels > 0 && pixels > caps.MaxPicturePixels {
		v.add("pictures", "too_large", "Picture %d has %d pixels, and Daymark reads %d. Use a smaller one.", n, pixels, caps.MaxPicturePixels)
	}
}
