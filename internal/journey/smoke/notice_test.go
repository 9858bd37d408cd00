package smoke

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	sandbox "daymark/internal/sandbox/mastodon"
)

var due = time.Date(2026, 7, 30, 8, 0, 0, 0, time.UTC)

// pair is a delivery and the status that it should be.
func pair() (delivery, sandbox.StatusState) {
	f := post.Final{
		Account: "@hope@127.0.0.1:4040", Language: "fr", Visibility: "public", ContentNote: "Avertissement", DueAt: due, NotAfter: due.Add(time.Hour),
		Parts: []post.FinalPart{{Text: "Bonjour. #Espoir", Pictures: []post.FinalPicture{{SHA256: "ab", Alt: "Un cœur."}}}},
	}
	d := delivery{entry: book.Entry{Delivery: 7, Language: "fr", URL: "http://x/1"}, release: book.Release{ID: 3, Final: f}, tags: []string{"Espoir"}}
	s := sandbox.StatusState{
		ID: "1", URL: "http://x/1", Account: "hope", Text: "Bonjour. #Espoir", SpoilerText: "Avertissement", Visibility: "public",
		Language: "fr", Sensitive: true, CreatedAt: due.Add(time.Second), Key: "K1", Favourites: 4, Reblogs: 3, Replies: 2,
		Media: []sandbox.MediaState{{SHA256: "ab", Description: "Un cœur."}},
	}
	return d, s
}

func TestAStatusThatIsItsReleasePasses(t *testing.T) {
	t.Parallel()
	d, s := pair()
	if wrong := differences(d, s, []string{"espoir"}); len(wrong) > 0 {
		t.Errorf("found %v", wrong)
	}
}

func TestEveryDifferenceIsNoticed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *delivery, s *sandbox.StatusState, tags *[]string){
		"another text":     func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Text = "Bonsoir. #Espoir" },
		"a blank more":     func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Text += " " },
		"another alt text": func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Media[0].Description = "Un dessin." },
		"no alt text on either side": func(d *delivery, s *sandbox.StatusState, _ *[]string) {
			s.Media[0].Description, d.release.Final.Parts[0].Pictures[0].Alt = "", ""
		},
		"no picture":                          func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Media = nil },
		"another picture":                     func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Media[0].SHA256 = "cd" },
		"another language":                    func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Language = "en" },
		"no content note":                     func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.SpoilerText = "" },
		"not marked sensitive":                func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Sensitive = false },
		"not public":                          func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Visibility = "unlisted" },
		"another account":                     func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.Account = "help" },
		"a hashtag the network does not read": func(_ *delivery, _ *sandbox.StatusState, tags *[]string) { *tags = nil },
		"a hashtag too many":                  func(_ *delivery, _ *sandbox.StatusState, tags *[]string) { *tags = append(*tags, "more") },
		"a hashtag of the source left out": func(d *delivery, _ *sandbox.StatusState, tags *[]string) {
			d.tags, *tags = append(d.tags, "Droits"), append(*tags, "droits")
		},
		"too early": func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.CreatedAt = due.Add(-time.Second) },
		"too late":  func(_ *delivery, s *sandbox.StatusState, _ *[]string) { s.CreatedAt = due.Add(time.Hour) },
		"two parts": func(d *delivery, _ *sandbox.StatusState, _ *[]string) {
			d.release.Final.Parts = append(d.release.Final.Parts, post.FinalPart{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := pair()
			tags := []string{"espoir"}
			change(&d, &s, &tags)
			if wrong := differences(d, s, tags); len(wrong) == 0 {
				t.Error("passed")
			}
		})
	}
}

func TestAPostThatIsThereTwiceIsNoticed(t *testing.T) {
	t.Parallel()
	_, a := pair()
	b := a
	b.ID, b.URL, b.Key = "2", "http://x/2", "K2"
	if twice([]sandbox.StatusState{a, b}) == nil {
		t.Error("the same text on one account passed")
	}
	b.Text, b.Key = "Other.", "K1"
	if twice([]sandbox.StatusState{a, b}) == nil {
		t.Error("the same key passed")
	}
	b.Key = "K2"
	if err := twice([]sandbox.StatusState{a, b}); err != nil {
		t.Error(err)
	}
}

func TestTooFewMessagesOrLanguagesAreNoticed(t *testing.T) {
	t.Parallel()
	var all []delivery
	for _, l := range languages {
		for i := range leastMessages {
			all = append(all, delivery{entry: book.Entry{Language: l, Message: fmt.Sprint("m", i)}})
		}
	}
	if err := enough(all); err != nil {
		t.Error(err)
	}
	if enough(all[1:]) == nil {
		t.Error("eleven messages in Arabic passed")
	}
	if enough(all[:3*leastMessages]) == nil {
		t.Error("three languages passed")
	}
}

// shown is a reach page as the product makes them, in short.
const shown = `<strong id="reach-out">1 delivery is out</strong><dl><dd id="total-favourites" data-value="9">4</dd><dd id="total-boosts">3</dd><dd id="total-replies">2</dd>
<dd id="total-clicks">not reported</dd></dl>
<table id="reach-channel"><thead><tr><th scope="col">Channel</th></tr></thead><tbody><tr><th scope="row">Hope House (hope@127.0.0.1:1)</th><td>1</td>
<td data-figure="favourites">4</td><td data-figure="boosts">3</td><td data-figure="replies">2</td></tr></tbody></table>
<table id="reach-language"><tbody><tr><th scope="row">French</th><td>1</td><td data-figure="favourites">4</td><td data-figure="boosts">3</td><td data-figure="replies">2</td></tr></tbody></table>`

func TestThePageIsComparedFigureByFigure(t *testing.T) {
	t.Parallel()
	_, s := pair()
	page, err := readReach(shown)
	if err != nil {
		t.Fatal(err)
	}
	if err := agree(page, []sandbox.StatusState{s}); err != nil {
		t.Errorf("the right page: %v", err)
	}
	for _, wrong := range [][2]string{
		{`data-value="9">4<`, `>5<`},
		{`total-boosts">3<`, `total-boosts">not reported<`},
		{`1 delivery`, `2 deliveries`},
		{`(hope@`, `(help@`},
		{`French`, `Spanish`},
		{`"replies">2</td></tr></tbody></table>` + "\n", `"replies">1</td></tr></tbody></table>`},
	} {
		changed := strings.Replace(shown, wrong[0], wrong[1], 1)
		page, err := readReach(changed)
		if err != nil || changed == shown {
			t.Fatalf("%v: %v", wrong, err)
		}
		if agree(page, []sandbox.StatusState{s}) == nil {
			t.Errorf("a page with %q for %q passed", wrong[1], wrong[0])
		}
	}
	if _, err := readReach("<p>Nothing is out yet.</p>"); err == nil {
		t.Error("a page without totals passed")
	}
}
