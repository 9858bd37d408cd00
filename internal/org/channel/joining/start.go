package joining

import (
	"strings"
	"time"

	"daymark/internal/core/fault"
)

// Start is what a person types to connect an account.
type Start struct {
	Platform string
	Address  string // of the server, as it was typed
	Redirect string // where the network sends the person back to; empty where there is no such place
	Wanted   Wanted
	Keys     Keys
	ByHand   ByHand // of a network that a person posts to
}

// ByHand is what a person says of a channel that is posted to by hand. It has no keys.
type ByHand struct {
	Kind       string // the network, in the person's own words
	Handle     string
	Characters int  // how long a post may be; 0 is no limit
	Picture    bool // a post needs a picture
}

// Keys are what a person copies from a network. Which of them are needed depends on the network. They never leave memory unsealed.
type Keys struct {
	Handle         string // of a Bluesky account
	AppPassword    string // likewise
	ConsumerKey    string // of the charity's own application at X
	ConsumerSecret string
	AccessToken    string // of X, or of a server that speaks Mastodon's API
	AccessSecret   string // of X
	API            string // of X: v2, or v1.1
}

// String tells nothing.
func (Keys) String() string { return "[secret]" }

// GoString tells nothing.
func (Keys) GoString() string { return "[secret]" }

// Step is what a person does next.
type Step struct {
	Send     string // the address to allow Daymark at
	State    string // what the network hands back
	Server   string
	Software string
}

// Seen is what a test saw of an account. It posts nothing.
type Seen struct {
	Handle     string
	Name       string
	URL        string
	Software   string // with its version
	Characters int    // of a post
	Pictures   int
	Alt        int       // characters of a picture's description
	Granted    []string  // what the access allows, where the network tells
	Missing    []string  // of what Daymark needs
	Ends       time.Time // when the account must be connected again; zero is never, or unknown
}

// Check refuses what no channel could be, before a person is sent to a network.
func (w Wanted) Check() error {
	var problems []fault.Problem
	if _, err := time.LoadLocation(strings.TrimSpace(w.Zone)); err != nil || strings.TrimSpace(w.Zone) == "" || w.Zone == "Local" {
		problems = append(problems, fault.Problem{Field: "zone", Message: "is not a time zone; choose one such as Europe/London"})
	}
	if len(w.Languages) == 0 {
		problems = append(problems, fault.Problem{Field: "languages", Message: "give at least one language, such as en"})
	}
	return fault.BadFields(problems)
}
