package helplines

import (
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
)

// listPage answers "which numbers may we give to somebody in danger, and which need a call?".
type listPage struct {
	page.Frame
	Checks      []due // those to make, the soonest first
	Unchecked   int   // lines of other countries that nobody has checked
	Countries   []country
	Directories []directory
	MayEdit     bool
	Unsaid      bool // no channel says its readers' country
}

// due is a check to make.
type due struct {
	Name string
	URL  string
	Mark page.Mark
	Why  string
	By   page.Moment
	Soon bool // By is still to come
}

// country is the helplines of one country.
type country struct {
	ID    string
	Name  string
	Ours  bool // a channel's readers are there
	Lines []line
}

// line is a helpline in short.
type line struct {
	ID        string
	URL       string
	Mark      page.Mark
	Until     page.Moment // when its check ends, while it holds
	Holds     bool
	Name      string
	Phone     string
	TextTo    string
	For       string
	Languages string
	Tags      []string // reporting only, invented
}

// directory is a page with a list of helplines.
type directory struct {
	Name    string
	URL     string
	Country string
	Note    string
}

// linePage shows a helpline with everything known about it.
type linePage struct {
	page.Frame
	line
	Country     string
	ChatURL     string
	WebURL      string
	Hours       string
	Purpose     string
	Never       string // why it is never offered, or only in the sandbox
	Says        []said
	Sources     []source
	Read        string
	Note        string
	CheckDays   int
	No          int
	Author      string
	Written     page.Moment
	FromFile    bool
	FileDiffers bool
	Checks      []check
	Coming      []carrier
	Live        []carrier

	TakeDownURL string // where the live ones can be taken down; empty for somebody who may not
	Broken      bool   // it must not be shown as it is: live copies should be removed
	MayEdit     bool
	MayCheck    bool
	Retired     bool
	Check       form.Form
	Edit        form.Form
	Hold        form.Form
	Retire      form.Form
}

// said is what a post says of the helpline in one language.
type said struct {
	Language string
	Text     page.Text
}

// source is where a number was read.
type source struct {
	Name string
	URL  string
}

// check is a line of the log of checks.
type check struct {
	Mark   page.Mark
	Person string
	How    string
	Saw    string
	When   page.Moment
	Until  page.Moment
	Works  bool
	Old    bool // it was made before the helpline changed
}

// carrier is a place that shows the helpline.
type carrier struct {
	Name     string
	URL      string
	Where    string
	Language string
	When     page.Moment
	Mark     page.Mark
	Copy     string // the address of the live copy
}

// newPage is the form for a helpline that is not there yet.
type newPage struct {
	page.Frame
	BackURL  string
	BackWord string
	Hint     string
	Edit     form.Form
}
