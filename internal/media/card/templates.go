package card

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"image/color"
	"strings"
	"sync"

	"daymark/internal/core/fault"
)

var (
	//go:embed templates.json
	templatesJSON []byte
	//go:embed palettes.json
	palettesJSON []byte
	//go:embed formats.json
	formatsJSON []byte
)

// Template says what stands on a card, from top to bottom.
type Template struct {
	Name    string   `json:"name"`
	Palette string   `json:"palette"` // unless another is asked for
	Needs   []string `json:"needs"`
	Blocks  []block  `json:"blocks"`
}

// block is one thing on a card. Sizes are in units of the format.
type block struct {
	Field  string  `json:"field"` // a value's name, or rule, heart, items
	Size   float64 `json:"size"`  // of the letters, where there is room
	Min    float64 `json:"min"`   // below which nobody reads them on a phone
	Gap    float64 `json:"gap"`   // above
	Bold   bool    `json:"bold"`
	Number bool    `json:"number"` // runs from left to right in every language
	Role   string  `json:"role"`   // text, soft or accent
	Marker string  `json:"marker"` // heart, number or quote, at the beginning of each item
}

// Palette is a set of colours that go together: the letters are at least 4.5:1 against the ground and its tone, rules and hearts 3:1
// (https://www.w3.org/TR/WCAG22/, 1.4.3 and 1.4.11).
type Palette struct {
	Name   string `json:"name"`
	Ground Colour `json:"ground"`
	Tone   Colour `json:"tone"` // of the large heart behind the words
	Text   Colour `json:"text"`
	Soft   Colour `json:"soft"`
	Accent Colour `json:"accent"`
	Heart  Colour `json:"heart"` // of the small heart; always a blue, as the alternative text says
}

// Colour is an opaque colour.
type Colour color.RGBA

// UnmarshalText reads #RRGGBB.
func (c *Colour) UnmarshalText(text []byte) error {
	c.A = 0xFF
	if _, err := fmt.Sscanf(string(text), "#%02X%02X%02X", &c.R, &c.G, &c.B); err != nil {
		return fmt.Errorf("%q is no colour such as #1F5FA8: %w", text, err)
	}
	return nil
}

// role returns the colour of a block.
func (p Palette) role(name string) Colour {
	switch name {
	case "soft":
		return p.Soft
	case "accent":
		return p.Accent
	}
	return p.Text
}

// Format is a shape of picture.
type Format struct {
	Name   string     `json:"name"`
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Unit   float64    `json:"unit"` // what sizes are multiplied with
	Safe   [4]float64 `json:"safe"` // what is kept free at the top, right, bottom and left, in pixels
	Art    [3]float64 `json:"art"`  // the middle of the large heart (across from the beginning, down) and its size by the shorter side
}

// data is what the three files hold.
type data struct {
	templates []Template
	palettes  []Palette
	formats   []Format
}

var look = sync.OnceValues(func() (data, error) {
	var d data
	for _, file := range []struct {
		name string
		text []byte
		into any
	}{{"templates", templatesJSON, &d.templates}, {"palettes", palettesJSON, &d.palettes}, {"formats", formatsJSON, &d.formats}} {
		if err := json.Unmarshal(file.text, file.into); err != nil {
			return d, fmt.Errorf("the %s of cards: %w", file.name, err)
		}
	}
	return d, nil
})

// Templates returns the templates there are.
func Templates() ([]Template, error) {
	d, err := look()
	return d.templates, err
}

// Palettes returns the palettes there are.
func Palettes() ([]Palette, error) {
	d, err := look()
	return d.palettes, err
}

// Formats returns the formats there are. The safe areas of 9:16 and header are ours: they keep clear of what apps lay over stories at
// the top and the foot, and of the round picture of an account at the lower left of a header.
func Formats() ([]Format, error) {
	d, err := look()
	return d.formats, err
}

func template(name string) (Template, error) {
	all, err := Templates()
	return pick(all, err, "template", name, func(t Template) string { return t.Name })
}

func palette(name string) (Palette, error) {
	all, err := Palettes()
	return pick(all, err, "palette", name, func(p Palette) string { return p.Name })
}

func format(name string) (Format, error) {
	all, err := Formats()
	return pick(all, err, "format", name, func(f Format) string { return f.Name })
}

func pick[T any](all []T, err error, field, name string, nameOf func(T) string) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	var names []string
	for _, one := range all {
		if nameOf(one) == name {
			return one, nil
		}
		names = append(names, nameOf(one))
	}
	return none, fault.BadField(field, "must be one of %s, and not %q", strings.Join(names, ", "), name)
}
