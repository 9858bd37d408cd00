package campaign

import "daymark/internal/core/observance"

// Helpline is where a person finds help, as a file or an admin gives it. Whether its number may be shown is another matter: that
// needs a person's recent check (internal/org/helpline).
type Helpline struct {
	ID        string              `json:"id"`
	Country   string              `json:"country"` // ISO 3166-1 alpha-2, or EU for a number that many of its countries share
	Name      string              `json:"name"`
	Phone     string              `json:"phone,omitempty"` // as people dial it in the country, grouped for reading
	Message   string              `json:"text,omitempty"`  // the number to write a text message to
	Chat      string              `json:"chat,omitempty"`  // https address
	Web       string              `json:"web,omitempty"`   // https address
	Hours     string              `json:"hours,omitempty"`
	Languages []string            `json:"languages,omitempty"` // BCP 47
	Interpret bool                `json:"interpreters,omitempty"`
	For       string              `json:"for"`             // one of [HelplineAudiences]
	Purpose   string              `json:"purpose"`         // [Support] or [Reporting]
	Short     map[string]string   `json:"short,omitempty"` // how a post names it, by language; without one: name and number
	Sources   []observance.Source `json:"sources,omitempty"`
	Read      string              `json:"read,omitempty"` // where the number was read: operator, government, press, ngo or unverified
	CheckDays int                 `json:"check_days"`     // how many days a check of it holds
	Invented  bool                `json:"invented,omitempty"`
	Note      string              `json:"note,omitempty"` // for the team
}

// What a helpline is for. A reporting line takes tips for the police; it is never offered as support.
const (
	Support   = "support"
	Reporting = "reporting"
)

// HelplineAudiences are the people a helpline may be for.
var HelplineAudiences = []string{"everyone", "adults", "children", "women"}
