package mastodon

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/text"
	"daymark/internal/platform"
)

// visibilities are those of https://docs.joinmastodon.org/entities/Status/#visibility.
var visibilities = []string{"public", "unlisted", "private", "direct"}

// Validate returns why content cannot go out under caps. It does no I/O.
func (c *Connector) Validate(caps platform.Capabilities, content platform.Content) []platform.Issue {
	v := &issues{part: -1}
	if len(content.Parts) == 0 {
		v.add("text", "empty", "There is nothing to publish. Write a text.")
	}
	if content.Language == "" {
		v.add("language", "missing", "The language is missing. Servers show it to screen readers and filters; choose one.")
	}
	if !slices.Contains(visibilities, content.Visibility) {
		v.add("visibility", "unknown", "%q is not a visibility. Use public, unlisted, private or direct.", content.Visibility)
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

// checkPart checks one status.
func (v *issues) checkPart(caps platform.Capabilities, note string, p platform.Part) {
	if strings.TrimSpace(p.Text) == "" && len(p.Pictures) == 0 {
		v.add("text", "empty", "This part has neither text nor picture. Write something or remove it.")
	}
	if n := (text.MastodonLimits{CharactersPerURL: caps.URLCharacters}).Count(p.Text, note); caps.MaxCharacters > 0 && n > caps.MaxCharacters {
		v.add("text", "too_long", "The text counts %d characters with its content note, and this server takes %d. Shorten it by %d.",
			n, caps.MaxCharacters, n-caps.MaxCharacters)
	}
	if caps.NeedsPicture && len(p.Pictures) == 0 {
		v.add("pictures", "missing", "This server publishes pictures only. Add one.")
	}
	if caps.MaxPictures > 0 && len(p.Pictures) > caps.MaxPictures {
		v.add("pictures", "too_many", "There are %d pictures, and this server takes %d. Remove %d.",
			len(p.Pictures), caps.MaxPictures, len(p.Pictures)-caps.MaxPictures)
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
		v.add("alt", "too_long", "The alt text of picture %d has %d characters, and this server takes %d. Shorten it.", n, length, caps.AltCharacters)
	}
	if len(caps.PictureTypes) > 0 && !slices.Contains(caps.PictureTypes, pic.MIME) {
		v.add("pictures", "type", "Picture %d is %s, which this server does not take. Use one of %s.", n, pic.MIME, strings.Join(caps.PictureTypes, ", "))
	}
	if size := int64(len(pic.Bytes)); caps.MaxPictureBytes > 0 && size > caps.MaxPictureBytes {
		v.add("pictures", "too_large", "Picture %d has %d bytes, and this server takes %d. Use a smaller one.", n, size, caps.MaxPictureBytes)
	}
	if pixels := int64(pic.Width) * int64(pic.Height); caps.MaxPicturePixels > 0 && pixels > caps.MaxPicturePixels {
		v.add("pictures", "too_large", "Picture %d has %d pixels, and this server takes %d. Use a smaller one.", n, pixels, caps.MaxPicturePixels)
	}
	if pic.FocusX < -1 || pic.FocusX > 1 || pic.FocusY < -1 || pic.FocusY > 1 {
		v.add("pictures", "focus", "The focus of picture %d lies outside of it. Choose a point on the picture.", n)
	}
}
