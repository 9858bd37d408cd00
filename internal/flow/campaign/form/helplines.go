package form

// Helplines is a file of helplines.
type Helplines struct {
	Daymark     int         `json:"daymark" jsonschema:"enum=1"` // The version of this format: always 1.
	Sources     []Source    `json:"sources"`                     // The pages that the numbers were read on.
	Helplines   []Helpline  `json:"helplines"`
	Directories []Directory `json:"directories,omitempty"` // Pages with lists of helplines, and offices that refer to them.
}

// Helpline is where a person finds help. It arrives unchecked: nobody is shown its number before a person has looked.
type Helpline struct {
	ID           string   `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9-]{0\\,63}$"` // Never change or reuse it: checks name the helpline by this.
	Country      string   `json:"country" jsonschema:"pattern=^[A-Z]{2}$"`             // Two letters, such as GB; EU for a number that many of its countries share.
	Name         string   `json:"name" jsonschema:"minLength=1,maxLength=120"`         // What it calls itself.
	Phone        string   `json:"phone,omitempty" jsonschema:"pattern=^\\+?[0-9(][0-9 ()-]*$"`
	Text         string   `json:"text,omitempty" jsonschema:"pattern=^\\+?[0-9(][0-9 ()-]*$"` // The number for text messages.
	Chat         string   `json:"chat,omitempty" jsonschema:"pattern=^https://"`
	Web          string   `json:"web,omitempty" jsonschema:"pattern=^https://"` // Its page, to read about it.
	Hours        string   `json:"hours,omitempty" jsonschema:"maxLength=200"`
	Languages    []string `json:"languages,omitempty"`    // Those that it answers in.
	Interpreters bool     `json:"interpreters,omitempty"` // It brings in interpreters for others.
	For          string   `json:"for" jsonschema:"enum=everyone,enum=adults,enum=children,enum=women"`
	Purpose      string   `json:"purpose" jsonschema:"enum=support,enum=reporting"`                                    // A reporting line is never offered as support.
	Short        Texts    `json:"short"`                                                                               // How a post names it, English at least; with its own number and no other.
	Sources      []string `json:"sources" jsonschema:"minItems=1"`                                                     // Ids of sources in this file.
	CheckDays    int      `json:"check_days,omitempty" jsonschema:"minimum=1,maximum=365"`                             // For how many days a check holds; 30 when left out.
	Read         string   `json:"read" jsonschema:"enum=operator,enum=government,enum=press,enum=ngo,enum=unverified"` // Where the number was read.
	Note         string   `json:"note,omitempty" jsonschema:"maxLength=2000"`                                          // For the team; never shown to the public.
}

// Directory is a page with a list of helplines, or an office that refers to them.
type Directory struct {
	Name    string   `json:"name" jsonschema:"minLength=1"`
	URL     string   `json:"url" jsonschema:"pattern=^https?://"`
	Country string   `json:"country,omitempty" jsonschema:"pattern=^[A-Z]{2}$"` // Left out for the world.
	Sources []string `json:"sources" jsonschema:"minItems=1"`                   // Ids of sources in this file.
	Note    string   `json:"note,omitempty"`                                    // For the team.
}
