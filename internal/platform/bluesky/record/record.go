// Package record writes posts as Bluesky keeps them: records of the type app.bsky.feed.post
// (https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky).
//
// It chooses their keys, marks links, hashtags and mentions, checks what it made, since servers accept marks that point anywhere, and
// compares a record with what a server has. It calls nobody.
package record

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// Collection is where posts are kept in an account's repository.
const Collection = "app.bsky.feed.post"

// Post is a post. Without its reply it is frozen before the first attempt.
type Post struct {
	Type      string   `json:"$type"`
	Text      string   `json:"text"`
	Facets    []Facet  `json:"facets,omitempty"`
	Reply     *Reply   `json:"reply,omitempty"`
	Embed     *Embed   `json:"embed,omitempty"`
	Langs     []string `json:"langs,omitempty"`
	Labels    *Labels  `json:"labels,omitempty"`
	CreatedAt string   `json:"createdAt"`
}

// Facet marks a part of the text.
type Facet struct {
	Index    Slice     `json:"index"`
	Features []Feature `json:"features"`
}

// Slice is a part of the text in bytes of UTF-8; End is the first byte after it.
type Slice struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

// Feature says what a marked part is; one of the three is filled.
type Feature struct {
	Type string `json:"$type"`
	URI  string `json:"uri,omitempty"`
	Tag  string `json:"tag,omitempty"`
	DID  string `json:"did,omitempty"`
}

// The types of a feature.
const (
	TypeLink    = "app.bsky.richtext.facet#link"
	TypeTag     = "app.bsky.richtext.facet#tag"
	TypeMention = "app.bsky.richtext.facet#mention"
)

// Strong names a record and its content.
type Strong struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// Reply says which post a post answers, and which one the thread began with.
type Reply struct {
	Root   Strong `json:"root"`
	Parent Strong `json:"parent"`
}

// Embed is what stands below the text: pictures or a card of a link.
type Embed struct {
	Type     string    `json:"$type"`
	Images   []Image   `json:"images,omitempty"`
	External *External `json:"external,omitempty"`
}

// The types of an embed.
const (
	TypeImages   = "app.bsky.embed.images"
	TypeExternal = "app.bsky.embed.external"
)

// Image is one picture.
type Image struct {
	Alt    string `json:"alt"`
	Image  Blob   `json:"image"`
	Aspect Aspect `json:"aspectRatio"`
}

// Aspect is a picture's size, by which apps leave room for it.
type Aspect struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// External is the card of a link.
type External struct {
	URI         string `json:"uri"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Thumb       *Blob  `json:"thumb,omitempty"`
}

// Blob is an upload as a server named it.
type Blob struct {
	Type string `json:"$type"`
	Ref  struct {
		Link string `json:"$link"`
	} `json:"ref"`
	MIME string `json:"mimeType"`
	Size int    `json:"size"`
}

// Labels are what an account says of its own post.
type Labels struct {
	Type   string  `json:"$type"`
	Values []Label `json:"values"`
}

// Label is one word of it.
type Label struct {
	Val string `json:"val"`
}

// GraphicMedia returns the label by which apps cover a post's pictures until they are asked for.
func GraphicMedia() *Labels {
	return &Labels{Type: "com.atproto.label.defs#selfLabels", Values: []Label{{Val: "graphic-media"}}}
}

// Instant writes an instant as records have it (https://atproto.com/specs/lexicon#datetime).
func Instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// URI names a post of an account.
func URI(did, key string) string { return "at://" + did + "/" + Collection + "/" + key }

// Same reports whether a server's record is the post, whatever order its fields have.
func (p Post) Same(kept json.RawMessage) (bool, error) {
	mine, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("write the record: %w", err)
	}
	var a, b any
	if err := json.Unmarshal(mine, &a); err != nil {
		return false, fmt.Errorf("read the record: %w", err)
	}
	if err := json.Unmarshal(kept, &b); err != nil {
		return false, fmt.Errorf("read the server's record: %w", err)
	}
	return reflect.DeepEqual(a, b), nil
}
