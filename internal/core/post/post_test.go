package post_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/post"
)

func TestWhatIsOutNeverGoesBackIntoTheQueueUnasked(t *testing.T) {
	t.Parallel()
	for _, from := range []post.State{post.Published, post.Removed, post.Cancelled, post.Failed, post.Missed} {
		for _, to := range []post.State{post.Scheduled, post.Sending} {
			if post.Legal(from, to) {
				t.Errorf("%s may become %s", from, to)
			}
		}
	}
	for _, s := range post.States {
		if post.Legal(s, s) {
			t.Errorf("staying %s counts as a change", s)
		}
		if s != post.Scheduled && post.Legal(s, post.Sending) {
			t.Errorf("%s may be sent without being scheduled", s)
		}
		byPerson := s == post.Held // who looked on the account and found it
		if s != post.Sending && s != post.Unknown && !byPerson && post.Legal(s, post.Published) {
			t.Errorf("%s may become published without being sent", s)
		}
	}
}

func TestAStateSaysWhetherItLivesAndWhetherThePublicMaySeeIt(t *testing.T) {
	t.Parallel()
	type answers struct{ Alive, Out bool }
	want := map[post.State]answers{
		post.Held: {true, false}, post.Scheduled: {true, false}, post.Sending: {true, true}, post.Unknown: {true, true},
		post.Published: {true, true}, post.Failed: {}, post.Missed: {}, post.Cancelled: {}, post.Removed: {},
	}
	got := map[post.State]answers{}
	for _, s := range post.States {
		got[s] = answers{s.Alive(), s.Out()}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func final() post.Final {
	return post.Final{
		Post: 1, Channel: 2, Platform: "mastodon", Account: "@a@example.org", Language: "en", DueDate: "2027-07-30", DueClock: "09:00",
		Zone: "Etc/UTC", DueAt: time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 7, 31, 0, 0, 0, 0, time.UTC),
		Visibility: "public", ContentNote: "note", Sensitive: true,
		Parts: []post.FinalPart{{Text: "text", Pictures: []post.FinalPicture{{SHA256: "ab", Alt: "alt"}}}},
	}
}

func TestReleasesSayTheSameWhereverTheyGoAndWheneverElseTheyDiffer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*post.Final)
		same   bool
	}{
		"nothing":           {func(*post.Final) {}, true},
		"another channel":   {func(f *post.Final) { f.Channel = 9 }, true},
		"another platform":  {func(f *post.Final) { f.Platform = "bluesky" }, true},
		"another account":   {func(f *post.Final) { f.Account = "@b@example.org" }, true},
		"another zone":      {func(f *post.Final) { f.Zone = "Asia/Tokyo" }, true},
		"another instant":   {func(f *post.Final) { f.DueAt = f.DueAt.Add(time.Hour) }, true},
		"another window":    {func(f *post.Final) { f.NotAfter = f.NotAfter.Add(time.Hour) }, true},
		"another day":       {func(f *post.Final) { f.DueDate = "2027-07-31" }, false},
		"another clock":     {func(f *post.Final) { f.DueClock = "10:00" }, false},
		"another language":  {func(f *post.Final) { f.Language = "fr" }, false},
		"another text":      {func(f *post.Final) { f.Parts = []post.FinalPart{{Text: "other", Pictures: f.Parts[0].Pictures}} }, false},
		"another alt text":  {func(f *post.Final) { f.Parts[0].Pictures[0].Alt = "other" }, false},
		"another picture":   {func(f *post.Final) { f.Parts[0].Pictures[0].SHA256 = "cd" }, false},
		"no picture":        {func(f *post.Final) { f.Parts[0].Pictures = nil }, false},
		"one part more":     {func(f *post.Final) { f.Parts = append(f.Parts, post.FinalPart{Text: "more"}) }, false},
		"another note":      {func(f *post.Final) { f.ContentNote = "" }, false},
		"not sensitive":     {func(f *post.Final) { f.Sensitive = false }, false},
		"another audience":  {func(f *post.Final) { f.Visibility = "unlisted" }, false},
		"another post":      {func(f *post.Final) { f.Post = 2 }, false},
		"a space in a text": {func(f *post.Final) { f.Parts[0].Text = "text " }, false},
	} {
		a, b := final(), final()
		tt.change(&b)
		if a.SameWords(b) != tt.same || b.SameWords(a) != tt.same {
			t.Errorf("%s: the same is %t, want %t", name, a.SameWords(b), tt.same)
		}
	}
}

func TestOfWhatGoesOutAtOnceTheClocksOfPlacesDoNotCountNorWhichCopyAReplyAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		a, b func(*post.Final)
		same bool
	}{
		"at once, another clock":       {func(f *post.Final) { f.Prompt = true }, func(f *post.Final) { f.Prompt, f.DueDate, f.DueClock = true, "2027-07-29", "04:00" }, true},
		"at once and at its time":      {func(f *post.Final) { f.Prompt = true }, func(*post.Final) {}, false},
		"replies to two copies":        {answering(1, 2), answering(1, 3), true},
		"replies to two posts":         {answering(1, 2), answering(4, 2), false},
		"a reply and a post by itself": {answering(1, 2), func(*post.Final) {}, false},
	} {
		a, b := final(), final()
		tt.a(&a)
		tt.b(&b)
		if a.SameWords(b) != tt.same || b.SameWords(a) != tt.same {
			t.Errorf("%s: the same is %t, want %t", name, a.SameWords(b), tt.same)
		}
		if a.Answers != nil && a.Answers.Delivery != 2 {
			t.Errorf("%s: comparing changed it", name)
		}
	}
	body, _, err := post.Canonical(final())
	if err != nil || strings.Contains(string(body), "prompt") || strings.Contains(string(body), "answers") {
		t.Errorf("a planned post has another form than before: %s, %v", body, err)
	}
}

// answering makes a final the reply to a copy of a post.
func answering(of, delivery int64) func(*post.Final) {
	return func(f *post.Final) {
		f.Answers = &post.Answers{Post: of, Delivery: delivery, URL: "https://example.org"}
	}
}

func TestTheSameContentHasOneCanonicalForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.MapOf(rapid.StringMatching(`[a-z]{2}(-[A-Z]{2})?`), rapid.String())
		s := post.Source{
			Message: rapid.String().Draw(t, "message"), Kind: rapid.String().Draw(t, "kind"), Sensitive: rapid.Bool().Draw(t, "sensitive"),
			Parts: []post.SourcePart{{Texts: words.Draw(t, "texts")}}, ContentNote: words.Draw(t, "notes"),
			When: post.When{Date: "2027-07-30", Clock: "09:00"},
		}
		body, sum, err := post.Canonical(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := post.ReadSource(body)
		if err != nil {
			t.Fatal(err)
		}
		again, sumAgain, err := post.Canonical(back)
		if err != nil {
			t.Fatal(err)
		}
		if string(body) != string(again) || sum != sumAgain {
			t.Fatalf("it came back different:\n%s\n%s", body, again)
		}
	})
}

func TestAFinalComesBackAsItWas(t *testing.T) {
	t.Parallel()
	body, _, err := post.Canonical(final())
	if err != nil {
		t.Fatal(err)
	}
	back, err := post.ReadFinal(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(final(), back); diff != "" {
		t.Errorf("final (-want +got):\n%s", diff)
	}
}

func TestABodyThatIsNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", "[]", `{"parts": "x"}`} {
		if s, err := post.ReadSource([]byte(body)); err == nil {
			t.Errorf("%q was read as a source: %+v", body, s)
		}
		if f, err := post.ReadFinal([]byte(body)); err == nil {
			t.Errorf("%q was read as a final: %+v", body, f)
		}
	}
	if _, _, err := post.Canonical(map[string]any{"f": func() {}}); err == nil {
		t.Error("a function has a canonical form")
	}
}
