// Package form is the shape of campaign files and calendars as structs: what is written when a campaign is exported, and
// what the JSON Schemas for editors are made from (the comments of the fields are what an editor shows).
//
// Files are read field by field in internal/flow/campaign/read, which names every mistake with its place; a test holds the
// three together. The package does not read or write anything.
package form

// Texts is a text for each language tag, such as en or pt-BR.
type Texts map[string]string

// Lists is a list for each network.
type Lists map[string][]string

// Campaign is a campaign file.
type Campaign struct {
	Daymark int `json:"daymark" yaml:"daymark" jsonschema:"enum=1"` // The version of this format: always 1.
	// A short name of small letters, digits and hyphens. Never change it later.
	ID         string   `json:"id" yaml:"id" jsonschema:"pattern=^[a-z0-9]([a-z0-9-]{0\\,62}[a-z0-9])?$"`
	Observance string   `json:"observance" yaml:"observance" jsonschema:"pattern=^[a-z0-9]([a-z0-9-]{0\\,62}[a-z0-9])?$"` // The id of the day, week or month.
	Title      Texts    `json:"title" yaml:"title"`                                                                       // What the campaign is called, in each language.
	Goal       string   `json:"goal,omitempty" yaml:"goal,omitempty"`                                                     // One sentence for the team.
	Languages  []string `json:"languages" yaml:"languages,flow" jsonschema:"minItems=1,maxItems=50,uniqueItems=true"`     // Language tags; every text needs all of them.
	Hashtags   []string `json:"hashtags,omitempty" yaml:"hashtags,flow,omitempty" jsonschema:"maxItems=30"`               // For every post, in quotation marks.
	// For single networks, in place of all other hashtags.
	NetworkHashtags Lists             `json:"network_hashtags,omitempty" yaml:"network_hashtags,omitempty"`
	Mentions        Lists             `json:"mentions,omitempty" yaml:"mentions,omitempty"`                   // Partners' handles, for single networks.
	Media           []Media           `json:"media,omitempty" yaml:"media,omitempty" jsonschema:"maxItems=4"` // Pictures for every post that names none.
	Resources       map[string]string `json:"resources,omitempty" yaml:"resources,omitempty"`                 // The page for each audience.
	Review          *Review           `json:"review,omitempty" yaml:"review,omitempty"`                       // What reviewers must do for every post.
	Tasks           []Task            `json:"tasks,omitempty" yaml:"tasks,omitempty" jsonschema:"maxItems=200"`
	Links           *Links            `json:"links,omitempty" yaml:"links,omitempty"` // How links are counted; links to help never are.
	Posts           []Post            `json:"posts" yaml:"posts" jsonschema:"minItems=1,maxItems=10000"`
}

// Links says what becomes of the links in the texts.
type Links struct {
	UTM   bool `json:"utm,omitempty" yaml:"utm,omitempty"`     // Add utm_source and the like, so that your web statistics say which network people came from.
	Short bool `json:"short,omitempty" yaml:"short,omitempty"` // Put short addresses of your Daymark in their place, which count how often they are followed.
}

// Post is one message. It has offset and time, or a series.
type Post struct {
	// Unique in the file. Never change or reuse it.
	ID     string  `json:"id" yaml:"id" jsonschema:"pattern=^[a-z0-9]([a-z0-9-]{0\\,62}[a-z0-9])?$"`
	Offset string  `json:"offset,omitempty" yaml:"offset,omitempty" jsonschema:"pattern=^(D([+-][0-9]{1\\,3}|0)|(start|end)([+-][0-9]{1\\,3})?)$"` // D-14, D0, D+2 from the first day; end, end-1, end+2 from the last.
	Time   string  `json:"time,omitempty" yaml:"time,omitempty" jsonschema:"pattern=^([01]?[0-9]|2[0-3]):[0-5][0-9]$"`                             // On a 24-hour clock, in quotation marks.
	Series *Series `json:"series,omitempty" yaml:"series,omitempty"`                                                                               // Many days in place of offset and time.
	// local: on the clock of each channel's place. fixed: one moment for all, with a zone.
	Mode      string `json:"mode,omitempty" yaml:"mode,omitempty" jsonschema:"enum=local,enum=fixed"`
	Zone      string `json:"zone,omitempty" yaml:"zone,omitempty"`                                                           // Whose clock a fixed time is on, such as Europe/Vienna.
	Window    string `json:"window,omitempty" yaml:"window,omitempty" jsonschema:"pattern=^(end of day|([0-9.]+(h|m|s))+)$"` // For how long after its time the post makes sense.
	Kind      string `json:"kind,omitempty" yaml:"kind,omitempty"`                                                           // Your own word for the sort of post.
	Sensitive bool   `json:"sensitive,omitempty" yaml:"sensitive,omitempty"`                                                 // Hides pictures behind a click where the network can.
	// A short warning that people see before the text.
	ContentNote     Texts     `json:"content_note,omitempty" yaml:"content_note,omitempty"`
	Text            Texts     `json:"text" yaml:"text"`                                                                                                     // What is said, in each language.
	Variants        []Variant `json:"variants,omitempty" yaml:"variants,omitempty"`                                                                         // Other texts for single networks.
	Thread          []Part    `json:"thread,omitempty" yaml:"thread,omitempty" jsonschema:"maxItems=24"`                                                    // What follows the first text, one post after another.
	Hashtags        []string  `json:"hashtags,omitempty" yaml:"hashtags,flow,omitempty" jsonschema:"maxItems=30"`                                           // Besides those of the campaign.
	NetworkHashtags *Lists    `json:"network_hashtags,omitempty" yaml:"network_hashtags,omitempty"`                                                         // For single networks, in place of all other hashtags.
	Mentions        *Lists    `json:"mentions,omitempty" yaml:"mentions,omitempty"`                                                                         // Partners' handles, for single networks.
	Media           *[]Media  `json:"media,omitempty" yaml:"media,omitempty" jsonschema:"maxItems=4"`                                                       // In place of the campaign's; [] is none.
	Facts           []string  `json:"facts,omitempty" yaml:"facts,flow,omitempty"`                                                                          // Ids of the facts the text states.
	Labels          []string  `json:"labels,omitempty" yaml:"labels,flow,omitempty"`                                                                        // Only for channels with one of these labels.
	WithoutLabels   []string  `json:"without_labels,omitempty" yaml:"without_labels,flow,omitempty"`                                                        // Never for channels with one of these labels.
	Networks        []string  `json:"networks,omitempty" yaml:"networks,flow,omitempty" jsonschema:"minItems=1,uniqueItems=true"`                           // Only on these networks.
	Helpline        string    `json:"helpline,omitempty" yaml:"helpline,omitempty" jsonschema:"pattern=^(local|[A-Z]{2})$"`                                 // Whose helplines: a country, EU, or local.
	HelplineFor     string    `json:"helpline_for,omitempty" yaml:"helpline_for,omitempty" jsonschema:"enum=everyone,enum=adults,enum=children,enum=women"` // Whom the helplines are for.
	Audience        string    `json:"audience,omitempty" yaml:"audience,omitempty" jsonschema:"enum=general,enum=professionals,enum=at_risk"`
	CTA             *CTA      `json:"cta,omitempty" yaml:"cta,omitempty"`       // The one thing the post asks people to do.
	Review          *Review   `json:"review,omitempty" yaml:"review,omitempty"` // What reviewers must do for this post.
}

// Series is many days: the times of a cron expression between two days.
type Series struct {
	Cron string `json:"cron" yaml:"cron"` // Minute, hour, day of the month, month, day of the week: 0 12 * * MON.
	From string `json:"from" yaml:"from"` // The first day, as an offset.
	To   string `json:"to" yaml:"to"`     // The last day, as an offset.
}

// Part is a part of a thread after the first.
type Part struct {
	Text  Texts   `json:"text" yaml:"text"`
	Media []Media `json:"media,omitempty" yaml:"media,omitempty" jsonschema:"maxItems=4"`
}

// Variant is a text for one language on one network.
type Variant struct {
	Language string `json:"language" yaml:"language"`
	Network  string `json:"network" yaml:"network"`
	Part     int    `json:"part,omitempty" yaml:"part,omitempty" jsonschema:"minimum=1,maximum=25"` // Which part of a thread, from 1.
	Text     string `json:"text" yaml:"text"`
}

// Media is a picture.
type Media struct {
	File  string `json:"file" yaml:"file"`                       // Its path in the campaign's folder.
	Alt   Texts  `json:"alt" yaml:"alt"`                         // What it shows, in each language, for people who cannot see it.
	Focus string `json:"focus,omitempty" yaml:"focus,omitempty"` // The point to keep in sight: "0, 0.5", from -1 to 1, right and up.
}

// CTA is a call to action.
type CTA struct {
	Kind  string `json:"kind" yaml:"kind" jsonschema:"pattern=^[a-z0-9]([a-z0-9-]{0\\,62}[a-z0-9])?$"` // What sort, such as learn or share.
	Label Texts  `json:"label,omitempty" yaml:"label,omitempty"`                                       // What a button says, in each language.
}

// Review is what reviewers must do, beyond the charity's own rules.
type Review struct {
	Approvals int      `json:"approvals,omitempty" yaml:"approvals,omitempty" jsonschema:"minimum=1,maximum=20"` // How many people.
	Roles     []string `json:"roles,omitempty" yaml:"roles,flow,omitempty"`                                      // One approval by each of these.
}

// Task is something that people do by a day.
type Task struct {
	ID     string `json:"id" yaml:"id" jsonschema:"pattern=^[a-z0-9]([a-z0-9-]{0\\,62}[a-z0-9])?$"`
	Offset string `json:"offset" yaml:"offset" jsonschema:"pattern=^(D([+-][0-9]{1\\,3}|0)|(start|end)([+-][0-9]{1\\,3})?)$"`
	Who    string `json:"who" yaml:"who"`
	What   string `json:"what" yaml:"what"`
}
