package sheet

import (
	"daymark/internal/face/web/editing/look"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
)

// Page is the editor.
type Page struct {
	page.Frame
	BackURL  string
	BackWord string
	Name     string
	Action   string // where the form is sent; it is looked at and kept below
	Whose    int64  // whose it is, so that words kept in a browser are never given to somebody else
	Base     int    // the version that it began from; 0 for a new post
	Copy     int64  // the working copy; 0 while there is none
	No       int
	Kept     string // when it was kept last
	Focus    string // the field to go on in

	New      bool
	MayPlace bool // says where it goes, too
	MaySend  bool
	Undoes   int // places whose approval a save takes back
	Asked    bool
	Others   []Other
	Begun    []Begun // new posts that the person has begun besides
	Problems []page.Field
	Clash    Clash

	Called    form.Control // how the team calls a new post
	Edition   form.Control
	Parts     int
	Tongues   []Tongue
	Pictures  []Pictured
	Sensitive bool
	Hashtags  form.Control
	Tags      []ForNetwork // hashtags of single networks
	Mentions  []form.Control
	Networks  []page.Option // those that accounts are on
	Link      form.Control
	Helpline  form.Control
	HelpFor   form.Control
	Date      form.Control
	Time      form.Control
	Mode      form.Control
	Zone      form.Control
	Window    form.Control
	Where     []Account
	WhereBad  string
	Labels    []Tick
	Nets      []Tick
	Pick      Pick
	Look      look.Look
}

// Other is somebody else who edits the post just now.
type Other struct {
	Name  string
	Since page.Moment
}

// Begun is a new post that somebody has begun and not written.
type Begun struct {
	URL  string
	Text string
	When page.Moment
}

// Clash is what somebody else saved meanwhile, beside what was typed.
type Clash struct {
	Author string
	When   page.Moment
	Fields []Difference
}

// Tongue is the fields of one language.
type Tongue struct {
	Code  string
	Name  string
	Open  bool
	Parts []TonguePart
	Note  form.Control
}

// TonguePart is one part of a text in a language, with the words for single networks beside it.
type TonguePart struct {
	No   int
	Text form.Control
	Own  []ForNetwork
	More []Button // networks that could have words of their own
}

// ForNetwork is a field for one network, with the value of the button that takes it out.
type ForNetwork struct {
	form.Control
	Out     string
	OutWord string
}

// Button is a button of the form: its value and what it says.
type Button struct {
	Value, Word, More string
}

// Pictured is the pictures of one part.
type Pictured struct {
	No      int
	Field   string
	Open    bool
	File    string // the field of a file to upload
	Value   string // of the button that uploads it
	Problem string // what is wrong with the file
	Shots   []Shot // those that it shows
	Offered []Tick
}

// Shot is a picture that a part shows, with what is said of it.
type Shot struct {
	URL  string
	Alts []form.Control
	Why  form.Control // why nothing is said of it
}

// Tick is something to choose.
type Tick struct {
	ID, Value, Word, URL string
	Chosen               bool
}

// Account is one account with its languages to choose.
type Account struct {
	Handle  string
	Network string
	Zone    string
	Places  []Tick
}

// Pick is what can be put in without typing it.
type Pick struct {
	Into     form.Control // the field that it is put into
	Facts    []Picked
	Tokens   []Picked
	Hashtags []Button
	Mentions []Button
}

// Picked is a value to put in, with what it says and where it comes from.
type Picked struct {
	Button
	Says   page.Text
	Source string
	URL    string
}

// LookBit is what networks and rules make of what was typed, as a part of the page.
type LookBit struct {
	page.Frame
	Look   look.Look
	Action string
}

// KeptBit says when what was typed was kept, as a part of the page.
type KeptBit struct {
	page.Frame
	ID      int64
	No      int
	Text    string
	Problem string
	Over    bool // it can be kept all the same
	Others  []Other
}
