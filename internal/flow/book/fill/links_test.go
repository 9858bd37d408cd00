package fill_test

import (
	"strings"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/link"
	shipped "daymark/internal/flow/campaign/helplines"
	"daymark/internal/org/helpline"

	"github.com/google/go-cmp/cmp"
)

// counting are values of an edition whose links are counted.
func counting(utm, short bool) fill.Values {
	v := values()
	v.Edition.Campaign = "july-30"
	v.Profile.Resources[campaign.AtRisk] = "https://charity.example/help"
	v.Profile.Support = map[string]string{"en": "Talk to us: https://support.example/talk"}
	v.Lines[0].Web = "https://hope.example/now"
	v.Links = fill.Links{Links: campaign.Links{UTM: utm, Short: short}, Address: "https://daymark.charity.example"}
	return v
}

func said(v fill.Values, s post.Source, channel int64) fill.Filled {
	s.Message = "d0-morning"
	return v.Entry(book.Post{ID: 7, Edition: 1, Source: s}, book.Entry{Channel: channel, Platform: "mastodon", Language: "en", DueAt: due, NotAfter: due}, now)
}

const utmTail = "?utm_source=mastodon&utm_medium=social&utm_campaign=july-30-2027&utm_content=d0-morning.en.c2"

func TestLinksOfACampaignSayWhereTheyWereFollowedFrom(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, want string }{
		"a link":                    {"Read https://charity.example/a.", "Read https://charity.example/a" + utmTail + "."},
		"the charity's own":         {"Read {{link}}", "Read https://charity.example/" + utmTail},
		"a page for people at risk": {"{{resources_at_risk}}", "https://charity.example/help"},
		"what the charity says to somebody in trouble": {"{{support}}", "Talk to us: https://support.example/talk"},
		"the same by hand":                    {"https://www.charity.example/help/chat?x=1", "https://www.charity.example/help/chat?x=1"},
		"the page of a helpline":              {"https://hope.example/now", "https://hope.example/now"},
		"a page below it, on a part of it":    {"https://en.hope.example/now/chat", "https://en.hope.example/now/chat"},
		"another page of the helpline's host": {"https://hope.example/donate", "https://hope.example/donate" + utmTail},
		"one that only looks like it":         {"https://nothope.example/now", "https://nothope.example/now" + utmTail},
	} {
		f := said(counting(true, false), english(tt.in), 2)
		if diff := cmp.Diff(tt.want, f.Final.Parts[0].Text); diff != "" || len(f.Missing) > 0 || f.Final.Links != nil {
			t.Errorf("%s (-want +got):\n%s%v %v", name, diff, f.Missing, f.Final.Links)
		}
		if strings.Contains(f.Words.Parts[0].Text, "utm_") {
			t.Errorf("%s: rules read %q", name, f.Words.Parts[0].Text)
		}
	}
}

func TestAPostForPeopleAtRiskIsNotCounted(t *testing.T) {
	t.Parallel()
	s := english("https://charity.example/a")
	s.Audience = campaign.AtRisk
	if f := said(counting(true, true), s, 2); f.Final.Parts[0].Text != "https://charity.example/a" || f.Final.Links != nil {
		t.Errorf("it says %q, %v", f.Final.Parts[0].Text, f.Final.Links)
	}
}

func TestAShortLinkStandsInALinksPlaceInBothTexts(t *testing.T) {
	t.Parallel()
	target := "https://charity.example/a" + strings.Replace(utmTail, ".c2", ".c1", 1)
	code := link.Code(7, 1, "en", target)
	short := "https://daymark.charity.example/l/" + code
	f := said(counting(true, true), english("{{helpline}} https://charity.example/a"), 1)
	if got := f.Final.Parts[0].Text; got != "Hope Line: 0800 111 222 "+short {
		t.Errorf("it says %q", got)
	}
	if got := f.Final.Without[0].Text; !strings.HasSuffix(got, " "+short) {
		t.Errorf("without the number it says %q", got)
	}
	if diff := cmp.Diff([]post.FinalLink{{Code: code, Target: target}}, f.Final.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestShortLinksNeedAnAddressThatReadersReach(t *testing.T) {
	t.Parallel()
	v := counting(false, true)
	v.Links.Address = "http://127.0.0.1:8080"
	if f := said(v, english("https://charity.example/a"), 2); len(f.Missing) != 1 || !strings.Contains(f.Missing[0], "--public-url") {
		t.Errorf("it waits for %v", f.Missing)
	}
	v.Channels[2] = fill.Channel{Sandbox: true}
	if f := said(v, english("https://charity.example/a"), 2); len(f.Missing) > 0 || len(f.Final.Links) != 1 {
		t.Errorf("in the sandbox it waits for %v", f.Missing)
	}
}

// Every helpline that Daymark ships: neither its pages nor anything a post says of it is ever changed.
func TestNoLinkOfAShippedHelplineIsEverTouched(t *testing.T) {
	t.Parallel()
	all, err := shipped.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	v := counting(true, true)
	for _, h := range all {
		v.Lines = append(v.Lines, helpline.Record{Helpline: h})
	}
	links := 0
	for _, h := range all {
		words := []string{h.Web, h.Chat, h.Name + ": " + h.Phone}
		for _, s := range h.Short {
			words = append(words, s)
		}
		for _, s := range words {
			if strings.TrimSpace(s) == "" {
				continue
			}
			links += len(text.Links(s))
			if f := said(v, english(s), 2); f.Final.Parts[0].Text != s || f.Final.Links != nil {
				t.Errorf("%s: %q became %q", h.ID, s, f.Final.Parts[0].Text)
			}
		}
	}
	if links == 0 {
		t.Errorf("no helpline has a link")
	}
}
