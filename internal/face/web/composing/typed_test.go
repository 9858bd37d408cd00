package composing

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"daymark/internal/face/web/ask"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/org/channel"

	"github.com/google/go-cmp/cmp"
)

// house is a subject with three accounts: London's, Bogotá's and a chapter's.
func house() subject {
	return subject{
		channels: []channel.Channel{
			{ID: 1, Languages: []string{"en"}}, {ID: 2, Languages: []string{"es", "en"}, Labels: []string{"latin"}}, {ID: 3, Languages: []string{"pt"}, Labels: []string{"latin", "new"}},
		},
		pictures: []picture{{SHA256: "aa", Alt: map[string]string{"en": "A blue heart.", "es": "Un corazón azul."}}},
	}
}

func sent(form url.Values) ask.Request {
	return ask.Request{Request: &http.Request{PostForm: form}}
}

func TestATextGoesToEachTickedAccountThatSpeaksItsLanguage(t *testing.T) {
	t.Parallel()
	all := url.Values{"text-en": {"A"}, "text-es": {"B"}, "text-pt": {"C"}, "text-fr": {"nobody speaks it"}, "window": {"60"}}
	live := map[string][]prompt.Copy{"reply": {{Delivery: 7, Channel: 2, Language: "es", Live: true}, {Delivery: 8, Channel: 1, Language: "en"}}}
	for name, tt := range map[string]struct {
		tick url.Values
		want []prompt.Place
	}{
		"nothing":     {nil, nil},
		"one account": {url.Values{"channel": {"2"}}, []prompt.Place{{Channel: 2, Language: "en"}, {Channel: 2, Language: "es"}}},
		"a label":     {url.Values{"label": {"new"}}, []prompt.Place{{Channel: 3, Language: "pt"}}},
		"an account and its label": {url.Values{"channel": {"3", "1", "x", "99"}, "label": {"latin", "old"}}, []prompt.Place{
			{Channel: 1, Language: "en"}, {Channel: 2, Language: "en"}, {Channel: 2, Language: "es"}, {Channel: 3, Language: "pt"},
		}},
		"a reply": {url.Values{"channel": {"1", "2", "3"}, "kind": {"reply"}}, []prompt.Place{{Channel: 2, Language: "es"}}},
	} {
		form := url.Values{}
		for _, some := range []url.Values{all, tt.tick} {
			for k, v := range some {
				form[k] = v
			}
		}
		s := house()
		s.copies = live[form.Get("kind")]
		got := s.read(sent(form))
		if diff := cmp.Diff(tt.want, got.Places); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Texts["fr"] != "" || got.Window != time.Hour {
			t.Errorf("%s: %+v", name, got.Writing)
		}
	}
	if diff := cmp.Diff([]string{"en", "es", "pt"}, house().tongues()); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
}

func TestAPictureKeepsWhatPostsSayOfItUnlessTheAuthorSaysOtherwise(t *testing.T) {
	t.Parallel()
	form := url.Values{"text-en": {"A"}, "text-es": {"B"}, "alt-en": {"A card."}, "picture": {"aa"}}
	s := house()
	if diff := cmp.Diff(map[string]string{"en": "A card.", "es": "Un corazón azul.", "pt": ""}, s.read(sent(form)).Alts); diff != "" {
		t.Errorf("it says (-want +got):\n%s", diff)
	}
	form.Set("picture", "bb")
	if got := s.read(sent(form)); got.Picture != "" || got.Alts["es"] != "" {
		t.Errorf("a picture that nobody offered: %+v", got.Writing)
	}
	s.begun = prompt.Writing{Picture: "bb", Alts: map[string]string{"es": "Otro."}}
	if got := s.read(sent(form)); got.Picture != "bb" || got.Alts["es"] != "Otro." {
		t.Errorf("the picture it has: %+v", got.Writing)
	}
}
