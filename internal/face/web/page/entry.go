package page

// LogIn is the page to log in.
type LogIn struct {
	Frame
	Email   string
	Next    string // where to go afterwards
	Problem string // one sentence; says nothing about which of the two was wrong
	Blocked string // why nobody can log in from here, when so

	Passkeys bool   // can be used under this address
	Provider string // what people call the identity provider; empty where there is none
}

func (*LogIn) file() string { return "login" }

// FirstRun is the page that makes the first admin and the organisation's profile.
type FirstRun struct {
	Frame
	You       []Field
	Password  Field
	Languages []Option
	Charity   []Field
	Staff     Field
	Zones     []string
	Problems  []Field // those with a problem, for the summary on top
	Blocked   string
}

func (*FirstRun) file() string { return "firstrun" }

// Fault is the page that says what went wrong.
type Fault struct {
	Frame
	Heading   string
	Text      string
	Reference string
}

func (*Fault) file() string { return "fault" }

// More is the phone's page of the doors that have no room on the bar.
type More struct {
	Frame
}

func (*More) file() string { return "more" }
