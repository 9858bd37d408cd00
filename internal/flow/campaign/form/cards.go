package form

// Cards is the file of a campaign's cards.
type Cards struct {
	Daymark int    `json:"daymark" jsonschema:"enum=1"` // The version of this format: always 1.
	Cards   []Card `json:"cards"`
}

// Card is one picture, drawn in every language of the campaign.
type Card struct {
	ID       string     `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9-]{0\\,63}$"` // The name of its file.
	Template string     `json:"template" jsonschema:"enum=date,enum=fact,enum=definition,enum=countdown,enum=steps,enum=thank-you,enum=series"`
	Palette  string     `json:"palette,omitempty" jsonschema:"enum=deep,enum=heart,enum=mist,enum=paper"` // Left out, the template's own.
	Posts    []string   `json:"posts,omitempty"`                                                          // The messages it goes with, by their ids.
	Title    Texts      `json:"title,omitempty"`                                                          // In each language; left out, the campaign's.
	Text     Texts      `json:"text,omitempty"`                                                           // In each language.
	Source   Texts      `json:"source,omitempty"`                                                         // In each language.
	Fact     string     `json:"fact,omitempty" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9-]{0\\,63}$"`    // The checked fact that it states, with its source.
	Days     int        `json:"days,omitempty" jsonschema:"minimum=1,maximum=365"`                        // Of a countdown.
	Number   int        `json:"number,omitempty" jsonschema:"minimum=1,maximum=99"`                       // Its place in a series.
	Of       int        `json:"of,omitempty" jsonschema:"minimum=1,maximum=99"`                           // How many there are in it.
	Items    []CardItem `json:"items,omitempty" jsonschema:"minItems=1,maxItems=5"`                       // Steps, or the parts of a definition.
}

// CardItem is one step, or one part of a definition.
type CardItem struct {
	Label Texts `json:"label,omitempty"` // Of a part: what it is called.
	Text  Texts `json:"text"`
}
