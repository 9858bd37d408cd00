package judged

import (
	"daymark/internal/face/web/composing"
	"daymark/internal/face/web/consents"
	"daymark/internal/face/web/deciding"
	"daymark/internal/face/web/judged/happened"
	"daymark/internal/face/web/judged/reading"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/outlook"
	"daymark/internal/face/web/page"
)

// PostLanguage is a post in one language.
type PostLanguage struct {
	ID       string // lang-en
	Language string
	Tallies  []page.Tally
	Final    []written.Release // as reviewers see it; empty while it is a draft
	Draft    written.Release
	Places   []written.Place
	CardURL  string

	Judged   bool     // the rules have been asked, because it has yet to be sent for review or approved
	Stops    []string // values that keep it from being sent for review because nobody knows them, a sentence each
	Errors   int      // what keeps it from being sent for review as well: errors that nobody has waived
	Findings written.Findings
	Open     []written.Question
	Answered []written.Question
	Unfold   bool // the answer to one of them could not be taken

	CorrectURL string // where this language alone can be corrected
}

// PostPage is a post with everything known about it.
type PostPage struct {
	page.Frame
	ID        int64
	Name      string
	Edition   string
	PlanURL   string
	Rehearsal bool
	Revision  int // the how manieth version of its words
	Author    string
	Revised   page.Moment
	Tallies   []page.Tally
	Languages []PostLanguage
	History   []happened.Event
	MaySubmit bool
	EditURL   string // where it is edited; empty for who may not
	Decide    deciding.Waits
	Outlook   outlook.Post
	OfferURL  string       // where the file has other words than a person
	Mend      []page.Field // the fields of a form that could not be taken

	Now composing.Prompted // what goes out at once of it, and what corrects it

	People      consents.Part // who is shown, named or quoted, by the references of their consents
	TakeDownURL string        // where what is out can be taken down; empty where nothing is, or for somebody who may not
}

// Said is one person's verdict.
type Said struct {
	Person  string
	Mark    page.Mark
	Comment string
	Remarks []Remark
	When    page.Moment
	Old     bool // the person has said something else since
}

// Remark is what a person said about one part or picture.
type Remark struct {
	About string // the part, or its picture
	Say   string
}

// QueueRow is a card in the list of what waits.
type QueueRow struct {
	page.Line
	Edition  string
	By       string
	Progress string
	WhyNot   string
	Changes  bool
	Asked    int // questions that nobody has answered rightly yet
	Now      bool
	Until    page.Moment // for what goes out as soon as it is approved
}

// QueuePage lists what waits for reviewers.
type QueuePage struct {
	page.Frame
	Count      int        // how many this person can decide
	Mine       []QueueRow // some of these
	MorePages  []PageLink // where the others of these are; none when all are shown
	Others     []QueueRow // some of what waits for somebody else
	OtherPages []PageLink
}

// PageLink leads to one page of a long list.
type PageLink struct {
	No   int
	URL  string
	Here bool
}

// CardPage answers "is this right to say?".
type CardPage struct {
	page.Frame
	ID          int64
	Edition     string
	Name        string
	Language    string
	PostURL     string
	First       page.Moment
	Now         composing.Prompted // what goes out as soon as it is approved, and what it corrects
	Places      int
	Releases    []written.Release
	Findings    written.Findings
	Open        []written.Question
	Answered    []written.Question
	Blocked     string // why nobody can approve it yet
	By          string
	Submitted   page.Moment
	Progress    string // 1 of 2 approvals
	Verdicts    []Said
	Cleared     bool
	Current     bool
	MayApprove  bool
	MayReview   bool
	MayWithdraw bool
	WhyNot      string
	Others      string // who can approve it instead of somebody whose limits it reaches beyond
	MayHold     bool
	MayLift     bool         // what somebody else holds
	Held        bool         // somebody holds it
	MyHold      bool         // the person looking at it does
	Lacking     string       // the roles whose approval it still needs
	ApproveBy   *page.Moment // until when it should be approved
	Comment     page.Field
	Why         page.Field      // of a hold
	Remarks     reading.Remarks // what should change in single parts and pictures
	LinksURL    string          // where links for reviewers from outside are made; empty for who may not
	Mend        []page.Field    // the fields of a form that could not be taken
}
