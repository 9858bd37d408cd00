package journey

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestACampaignIsMadeFromScratchPlannedAndSubmitted walks from an empty form to posts before reviewers, and on to the next year.
func TestACampaignIsMadeFromScratchPlannedAndSubmitted(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("")
			v := visit(t, size)
			v.logIn(h, "editor@daymark.example", password)
			v.follow("#door-campaigns")
			v.check("campaigns with a way to a new one")
			v.follow("#new-campaign")
			v.check("a new campaign")
			v.fill("#title", "Shelter Day")
			v.fill("#languages", "en, ar")
			v.refused("#campaign-send")
			v.reads("#problems", "choose a day")
			v.check("a new campaign with problems")
			v.fill("#own-name", "Shelter Day")
			v.do("say the date", chromedp.SetValue("#own-date", "2027-11-05"))
			v.follow("#campaign-send")
			v.reads("main", "There is no message yet")
			v.check("a campaign without messages")
			v.follow("#add")
			v.fill("#kind", "launch")
			v.fill("#text-en", "Tonight every shelter opens its door. {{link}}")
			v.refused("#message-send")
			v.reads("#problems", "Words in this language: Arabic")
			v.check("a message with problems")
			v.fill("#text-ar", "الليلة تفتح كل الملاجئ أبوابها. {{link}}")
			v.follow("#message-look")
			v.reads("#looked", "Nothing is saved yet")
			v.check("a message that the rules looked at")
			v.follow("#message-send")
			v.reads("#message-launch", "on the day at 10:00", "Tonight every shelter")
			v.check("a campaign with a message")
			v.write("#year", "2027")
			v.follow("#plan-send")
			v.reads("h1", "Shelter Day 2027")
			v.follow("#submit")
			v.reads("#flash", "1 post")
			v.follow("#learnt")
			v.fill("#note-launch", "Say the hour.")
			v.follow("#learnt-send")
			v.check("what was learnt")
			v.follow("#next-year")
			v.reads("h1", "Shelter Day 2028")
			v.reads("#learnt-launch", "Say the hour.")
			v.check("last year beside this one")

			ar := visit(t, size)
			ar.logIn(h, "editor@daymark.example", password)
			ar.open(h.url + "/campaigns/shelter-day")
			ar.follow(`form.speeches button[value="ar"]`)
			ar.check("a campaign in Arabic")
			ar.open(h.url + "/campaigns/shelter-day/messages/launch")
			ar.check("a message in Arabic")
		})
	}
}

// TestACampaignOfAFileIsQueued walks from a loaded campaign file to posts before reviewers.
func TestACampaignOfAFileIsQueued(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("")
			v := visit(t, size)
			v.logIn(h, "editor@daymark.example", password)
			v.open(h.url + "/campaigns/july-30")
			v.check("a campaign of a file")
			v.follow("#message-j30-01 a.list-title")
			v.check("a message of a file")
			v.write("#text-en", "Two weeks to go. Save the date and wear something blue. {{link}}")
			v.follow("#message-send")
			v.reads("#by-hand", "changed in the browser")
			v.write("#year", "2027")
			v.follow("#plan-send")
			v.follow("#submit")
			v.reads("#flash", "posts are with the reviewers now")
		})
	}
}
