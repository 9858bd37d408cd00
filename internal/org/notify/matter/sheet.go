package matter

import (
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/letterhead"
)

// names are what a kind is called in letters, also in place of a sentence about a post that is sensitive.
var names = map[Kind]string{
	TakeDown: "Something is taken down",
	Now:      "Waits to go out now",
	Missed:   "Did not go out as planned",
	Decision: "Needs a decision",
	Risk:     "May not go out",
	Review:   "About a review",
	Task:     "A task is due",
	Check:    "Needs to be checked",
	Account:  "An account needs somebody",
}

// marks are how grave a matter is, in a word.
var marks = map[notice.Level]string{notice.Error: "Urgent", notice.Warning: "Soon", notice.Note: "To know"}

// hiddenSay stands in place of the sentence about a post that is sensitive: a letter lies in mailboxes that we do not know.
const hiddenSay = "It is about a post marked sensitive, so its words are only in Daymark."

// sheet lists matters as a letter.
func (w *Writer) sheet(list []telling, how How, zone *time.Location) letterhead.Sheet {
	s := letterhead.Sheet{Heading: heading(list, how)}
	for _, t := range list[:min(len(list), perLetter)] {
		item := letterhead.Item{Mark: marks[t.Level] + ". " + names[t.Kind], Say: t.Say, When: t.At.In(zone).Format("2 January, 15:04 MST")}
		if t.Hidden {
			item.Say = hiddenSay
		}
		if path := Path(t.Subject, t.About); path != "" && w.PublicURL != "" {
			item.Link = letterhead.Link{Say: "Open it in Daymark", URL: w.PublicURL + path}
		}
		s.Items = append(s.Items, item)
	}
	if more := len(list) - perLetter; more > 0 {
		s.Words = append(s.Words, fmt.Sprintf("%d more are on the page Notices.", more))
	}
	s.Foot = []string{"You get this because it concerns you in Daymark."}
	if w.PublicURL == "" {
		s.Words = append(s.Words, "Open Daymark and look at the page Notices.")
		s.Foot = append(s.Foot, "What you are told, and when, is chosen on the page Mail to me.")
		return s
	}
	s.Button = letterhead.Link{Say: "All notices", URL: w.PublicURL + "/notices"}
	s.Settings = letterhead.Link{Say: "Choose what you are told, and when", URL: w.PublicURL + Settings}
	return s
}

// heading is the subject: of one matter what it is, of several how many there are.
func heading(list []telling, how How) string {
	switch {
	case how == Daily && len(list) == 1:
		return "Today in Daymark: 1 matter"
	case how == Daily:
		return fmt.Sprintf("Today in Daymark: %d matters", len(list))
	case len(list) == 1:
		return "Daymark: " + names[list[0].Kind]
	}
	return fmt.Sprintf("Daymark: %d matters need you", len(list))
}

// noProfile forgives that there is no profile yet.
func noProfile(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
