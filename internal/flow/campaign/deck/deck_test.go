package deck_test

import (
	"bytes"
	"image"
	_ "image/png"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/booktest"
	shipped "daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/campaign/deck"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/helpline"
	"daymark/internal/org/profile"
)

var (
	fonts     = lettering.NewFonts(nil)
	languages = []string{"en", "fr", "es", "ar"}
	now       = booktest.Due.Add(-48 * time.Hour)
)

func values(t *testing.T) fill.Values {
	t.Helper()
	facts, err := shipped.ShippedFacts()
	if err != nil {
		t.Fatal(err)
	}
	fact := facts["F02"]
	fact.ReviewBy = civil.DateOf(now.AddDate(0, 1, 0))
	facts["F02"] = fact
	return fill.Values{Facts: facts, Profile: profile.Profile{Name: "Harbour Light"}, Lines: []helpline.Record{
		{
			Helpline: campaign.Helpline{ID: "good", Name: "The good line", Phone: "0800 121", Purpose: campaign.Support}, Version: 1,
			Last: &helpline.Check{Version: 1, Result: helpline.Works, Until: now.Add(time.Hour)},
		},
		{Helpline: campaign.Helpline{ID: "old", Name: "The old line", Phone: "0800 122", Purpose: campaign.Support}, Version: 1},
	}}
}

func children() deck.Wanted {
	return deck.Wanted{Card: cards.Card{Template: "fact", Fact: "F02"}, Format: "1:1", Named: true}
}

func TestACardSaysTheSameInItsAlternativeText(t *testing.T) {
	t.Parallel()
	v := values(t)
	list, err := deck.Draw(children(), v, languages, fonts, now)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range list {
		size, kind, err := image.DecodeConfig(bytes.NewReader(d.Bytes))
		if err != nil || kind != "png" || size.Width != 1080 || d.Language != languages[i] {
			t.Errorf("%s: %s of %d pixels, %v", d.Language, kind, size.Width, err)
		}
		fact := v.Facts["F02"]
		if !strings.Contains(d.Alt, fact.Texts[d.Language]) || !strings.Contains(d.Alt, fact.CiteIn(d.Language)) || !strings.Contains(d.Alt, "Harbour Light") {
			t.Errorf("%s: the alternative text lacks what the card says: %s", d.Language, d.Alt)
		}
		if d.States == nil || d.States.Fact != "F02" {
			t.Errorf("%s: it is not known what it states: %+v", d.Language, d.States)
		}
	}
	again, err := deck.Draw(children(), v, languages[3:], fonts, now)
	if err != nil || again[0].SHA256 != list[3].SHA256 {
		t.Errorf("a second time it is another picture: %v", err)
	}
}

func TestWhatMayNotStandOnACardIsRefused(t *testing.T) {
	t.Parallel()
	texts := func(text string) map[string]string { return map[string]string{"en": text} }
	for name, tt := range map[string]struct {
		wanted deck.Wanted
		kind   fault.Kind
		says   string
	}{
		"a quote":                     {deck.Wanted{Card: cards.Card{Template: "quote", Texts: texts("It helped.")}}, fault.Invalid, "daymark card"},
		"a fact that is not there":    {deck.Wanted{Card: cards.Card{Template: "fact", Fact: "F999"}}, fault.NotFound, "F999"},
		"a helpline that is unknown":  {deck.Wanted{Card: cards.Card{Template: "helpline"}, Helpline: "none"}, fault.Invalid, "Choose the helpline"},
		"a helpline nobody called":    {deck.Wanted{Card: cards.Card{Template: "helpline"}, Helpline: "old"}, fault.Conflict, "The old line"},
		"a text of 10,000 characters": {deck.Wanted{Card: cards.Card{Template: "thank-you", Texts: texts(strings.Repeat("words ", 1_700))}}, fault.Invalid, "cut at least"},
		"a sign that turns writing":   {deck.Wanted{Card: cards.Card{Template: "thank-you", Texts: texts("Thanks \u202eand more")}}, fault.Invalid, ""},
		"a date without a title":      {deck.Wanted{Card: cards.Card{Template: "date"}, Day: civil.Date{Year: 2027, Month: 7, Day: 30}}, fault.Invalid, "title"},
	} {
		tt.wanted.Format = "1:1"
		if _, err := deck.Draw(tt.wanted, values(t), []string{"en"}, fonts, now); !fault.Is(err, tt.kind) || !strings.Contains(fault.Say(err), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	tomorrow := now.AddDate(90, 0, 0)
	if _, err := deck.Draw(children(), values(t), []string{"en"}, fonts, tomorrow); !fault.Is(err, fault.Conflict) {
		t.Errorf("a fact past its review: %v", err)
	}
	w := deck.Wanted{Card: cards.Card{Template: "helpline"}, Helpline: "good", Format: "1:1"}
	list, err := deck.Draw(w, values(t), []string{"ar"}, fonts, now)
	if err != nil || !strings.Contains(list[0].Alt, "0800 121") {
		t.Fatalf("a helpline that works: %v", err)
	}
	// Its check holds for an hour: a post that goes out later may not show it.
	shown := book.Post{Source: post.Source{Parts: []post.SourcePart{{Texts: map[string]string{"ar": "نحن هنا"}, Pictures: []post.SourcePicture{
		{SHA256: list[0].SHA256, Alt: map[string]string{"ar": list[0].Alt}, Only: "ar", States: list[0].States},
	}}}}}
	for name, tt := range map[string]struct {
		due  time.Time
		says bool
	}{"while the check holds": {now.Add(time.Minute), false}, "afterwards": {now.Add(2 * time.Hour), true}} {
		f := values(t).Entry(shown, book.Entry{Language: "ar", DueAt: tt.due}, now)
		if got := strings.Contains(strings.Join(f.Missing, " "), "a helpline that nobody has checked"); got != tt.says {
			t.Errorf("%s: %v", name, f.Missing)
		}
	}
}
