package form

// Facts is a file of facts.
type Facts struct {
	Daymark int      `json:"daymark" jsonschema:"enum=1"` // The version of this format: always 1.
	Sources []Source `json:"sources"`                     // The pages that the facts were read on.
	Facts   []Fact   `json:"facts"`
}

// Fact is a statement that texts may make, with its source and the day of its next check.
type Fact struct {
	ID           string `json:"id" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9-]{0\\,63}$"` // Campaigns name it by this. Never change or reuse it.
	Text         Texts  `json:"text"`                                                      // The fact in a sentence of your own, English at least.
	Value        string `json:"value,omitempty"`                                           // The figure alone, in quotation marks.
	Kind         string `json:"kind" jsonschema:"enum=detected,enum=estimate,enum=admin,enum=reports,enum=definition,enum=service"`
	Scope        string `json:"scope" jsonschema:"minLength=1"`                                                 // Of whom, where and when it is true.
	Cite         string `json:"cite" jsonschema:"minLength=1"`                                                  // How a text names the source.
	Cites        Texts  `json:"cites,omitempty"`                                                                // The same in languages that have a form of their own.
	Source       string `json:"source"`                                                                         // The id of a source in this file.
	Year         int    `json:"year" jsonschema:"minimum=1900,maximum=2200"`                                    // Of the publication.
	DataYear     int    `json:"data_year,omitempty" jsonschema:"minimum=1900,maximum=2200"`                     // Of what was counted.
	Confidence   string `json:"confidence" jsonschema:"enum=A,enum=B,enum=C"`                                   // A: the publisher's page was read. B: a summary. C: sources differ, or a weak one.
	Status       string `json:"status" jsonschema:"enum=current,enum=superseded,enum=do-not-use"`               // Only current facts may be stated.
	SupersededBy string `json:"superseded_by,omitempty" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9-]{0\\,63}$"` // The current fact to use in its place.
	ReviewBy     string `json:"review_by" jsonschema:"pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`                    // The last day on which it holds unchecked, in quotation marks.
	Note         string `json:"note,omitempty"`                                                                 // For the team; never shown to the public.
}
