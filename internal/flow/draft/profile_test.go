package draft_test

import (
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/draft"
	"daymark/internal/org/profile"

	"github.com/google/go-cmp/cmp"
)

func TestAChangedProfileRenewsWhatSaysIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	name := s.write("name", map[string]string{"en": "By {{org}}.", "fr": "Bonjour."})
	link := s.write("link", map[string]string{"en": "{{ link }}"})
	own := s.write("own", map[string]string{"en": "{{link}}"}, func(p *post.Source) { p.Link = "https://hope.example/july" })
	support := s.write("support", map[string]string{"en": "{{support}}", "fr": "{{support}}"})
	page := s.write("page", map[string]string{"en": "{{resources_at_risk}}"})
	plain := s.write("plain", map[string]string{"en": "org link support"})
	everything := [][]int64{name[:1], name[1:], link, own, support[:1], support[1:], page, plain}
	for _, d := range everything {
		s.Schedule(d...)
	}
	p := org()
	for _, tt := range []struct {
		name   string
		change func()
		posts  []int64
		why    string
	}{
		{"what is for the team", func() { p.SupportNote, p.Zone, p.Hosts = "Rest.", "Africa/Nairobi", []string{"example.org"} }, nil, ""},
		{"support in French", func() { p.Support = map[string]string{"en": "Talk to us.", "fr": "Appelez-nous."} }, support[1:], "The organisation's support note changed. Send it for review again."},
		{"a page", func() { p.Resources = map[string]string{"at_risk": "https://hope.example/help"} }, page, "The organisation's page for people at risk changed. Send it for review again."},
		{"name and link", func() { p.Name, p.Link = "Hope", "https://hope.example/new" }, []int64{name[0], link[0]}, ""},
		{"the same again", func() {}, nil, ""},
	} {
		tt.change()
		done, err := draft.SaveProfile(t.Context(), s.db, p, s.admin)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(s.posts(tt.posts...), done.Posts); diff != "" {
			t.Errorf("%s: posts to submit again: %s", tt.name, diff)
		}
		s.scheduled(false, tt.posts...)
		if tt.why != "" && s.entry(tt.posts[0]).Problem != tt.why {
			t.Errorf("%s: the held post says %q", tt.name, s.entry(tt.posts[0]).Problem)
		}
	}
	s.scheduled(true, own[0], plain[0])
	if e := s.entry(link[0]); e.Problem != "The organisation's link changed. Send it for review again." {
		t.Errorf("the held post says %q", e.Problem)
	}
}

func TestARefusedProfileRenewsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.write("a", map[string]string{"en": "{{org}}"})
	s.Schedule(d...)
	p := org()
	p.Name = "Another"
	if _, err := draft.SaveProfile(t.Context(), s.db, p, s.ed); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an editor: %v", err)
	}
	p.Link = "http://example.org"
	if _, err := draft.SaveProfile(t.Context(), s.db, p, s.admin); !fault.Is(err, fault.Invalid) {
		t.Errorf("a bad link: %v", err)
	}
	if got, err := profile.Get(t.Context(), s.db); err != nil || got.Name != "Hope Line" {
		t.Errorf("%q, %v", got.Name, err)
	}
	s.scheduled(true, d...)
}
