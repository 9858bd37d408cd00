package record

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/text"
	"daymark/internal/core/text/bluesky"

	"golang.org/x/net/idna"
)

// Of the lexicons.
const (
	maxTagBytes   = 640
	maxImages     = 4
	maxImageBytes = 2_000_000
	maxThumbBytes = 1_000_000
)

// Check returns what is wrong with a post, nil when nothing is. Everything here is our own mistake, not that of a person.
func (p Post) Check() error {
	if p.Type != Collection || !utf8.ValidString(p.Text) {
		return fmt.Errorf("a record of type %q is no post, or its text is not UTF-8", p.Type)
	}
	if _, err := time.Parse(time.RFC3339, p.CreatedAt); err != nil {
		return fmt.Errorf("createdAt: %w", err)
	}
	if n, size := bluesky.Length(p.Text); n > bluesky.MaxGraphemes || size > bluesky.MaxBytes {
		return fmt.Errorf("the text has %d characters and %d bytes", n, size)
	}
	if err := checkFacets(p.Text, p.Facets); err != nil {
		return err
	}
	return checkEmbed(p.Embed)
}

// checkFacets checks that each facet marks whole characters within the text, in order and without overlap, and is what its type
// asks for. Servers do not: they keep facets that point anywhere.
func checkFacets(body string, facets []Facet) error {
	at := 0
	for i, f := range facets {
		start, end := f.Index.Start, f.Index.End
		if start < at || end <= start || end > len(body) {
			return fmt.Errorf("facet %d: %d to %d does not lie in the text behind the facet before it", i, start, end)
		}
		if !utf8.RuneStart(body[start]) || end < len(body) && !utf8.RuneStart(body[end]) {
			return fmt.Errorf("facet %d: %d to %d cuts a character", i, start, end)
		}
		if len(f.Features) != 1 {
			return fmt.Errorf("facet %d has %d features", i, len(f.Features))
		}
		if err := checkFeature(f.Features[0], body[start:end]); err != nil {
			return fmt.Errorf("facet %d: %w", i, err)
		}
		at = end
	}
	return nil
}

// checkFeature checks one feature against the part of the text that it marks.
func checkFeature(f Feature, marked string) error {
	switch f.Type {
	case TypeLink:
		u, err := url.Parse(f.URI)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || f.Tag != "" || f.DID != "" || strings.ContainsFunc(f.URI, notPlain) {
			return fmt.Errorf("%q is no link", f.URI)
		}
	case TypeTag:
		inside := strings.TrimLeft(marked, "#＃")
		n, _ := bluesky.Length(f.Tag)
		if f.Tag == "" || f.Tag != inside || n > text.MaxHashtag || len(f.Tag) > maxTagBytes || f.URI != "" || f.DID != "" {
			return fmt.Errorf("%q is not the hashtag %q", f.Tag, marked)
		}
	case TypeMention:
		if !strings.HasPrefix(f.DID, "did:") || !strings.HasPrefix(marked, "@") || f.URI != "" || f.Tag != "" {
			return fmt.Errorf("%q is nobody for %q", f.DID, marked)
		}
	default:
		return fmt.Errorf("the type %q is not known", f.Type)
	}
	return nil
}

// checkEmbed checks pictures or a card.
func checkEmbed(e *Embed) error {
	switch {
	case e == nil:
		return nil
	case e.Type == TypeImages && e.External == nil && len(e.Images) > 0 && len(e.Images) <= maxImages:
		for i, img := range e.Images {
			if err := checkBlob(img.Image, maxImageBytes); err != nil || img.Aspect.Width < 1 || img.Aspect.Height < 1 {
				return fmt.Errorf("picture %d of %d by %d: %w", i, img.Aspect.Width, img.Aspect.Height, err)
			}
		}
		return nil
	case e.Type == TypeExternal && e.External != nil && len(e.Images) == 0:
		if e.External.Thumb != nil {
			return checkBlob(*e.External.Thumb, maxThumbBytes)
		}
		return nil
	}
	return fmt.Errorf("an embed of type %q with %d pictures", e.Type, len(e.Images))
}

// checkBlob checks an upload.
func checkBlob(b Blob, most int) error {
	if b.Type != "blob" || b.Ref.Link == "" || !strings.HasPrefix(b.MIME, "image/") || b.Size < 1 || b.Size > most {
		return fmt.Errorf("the upload %q of type %q with %d bytes is no picture for a post", b.Ref.Link, b.MIME, b.Size)
	}
	return nil
}

// Facets marks the links, hashtags and mentions of a text. A mention whose handle belongs to nobody that resolve knows stays plain
// text; those are returned. An error of resolve ends it.
func Facets(body string, resolve func(handle string) (did string, err error)) (facets []Facet, nobody []string, err error) {
	for _, f := range bluesky.Facets(body) {
		feature := Feature{}
		switch f.Kind {
		case bluesky.Link:
			feature = Feature{Type: TypeLink, URI: plain(f.Value)}
		case bluesky.Tag:
			feature = Feature{Type: TypeTag, Tag: f.Value}
		case bluesky.Mention:
			did, err := resolve(f.Value)
			if err != nil {
				return nil, nil, err
			}
			if did == "" {
				nobody = append(nobody, "@"+f.Value)
				continue
			}
			feature = Feature{Type: TypeMention, DID: did}
		}
		if checkFeature(feature, body[f.Start:f.End]) != nil {
			continue // what the lexicon does not take as a mark stays plain text, such as "https://%"
		}
		facets = append(facets, Facet{Index: Slice{Start: f.Start, End: f.End}, Features: []Feature{feature}})
	}
	return facets, nobody, nil
}

// plain returns a link in ASCII, as RFC 3986 has it: some of the network's services take no other (ParseURI in atproto/syntax of
// https://github.com/bluesky-social/indigo). The text keeps it as it was written. A link that has no such form is returned as it is.
func plain(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && strings.ContainsFunc(u.Host, notPlain) {
		if port := u.Port(); port != "" {
			host += ":" + port
		}
		u.Host = host
		link = u.String()
	}
	var b strings.Builder
	for i := range len(link) {
		if c := link[i]; notPlain(rune(c)) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// notPlain reports whether a character has no place in a link as it goes over the wire.
func notPlain(r rune) bool { return r <= ' ' || r >= 0x7f }
