package campaign_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daymark/campaigns"
	core "daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/source"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func canonical(t rapid.TB, c core.Campaign) string {
	b, err := campaign.Canonical(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryShippedCampaignComesBackFromItsExport(t *testing.T) {
	t.Parallel()
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err != nil {
			t.Fatal(err)
		}
		out, err := campaign.Export(l.Campaign)
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{"again/campaign.yaml": {Data: out}}
		for name, p := range l.Pictures {
			files["again/"+name] = &fstest.MapFile{Data: p.Bytes}
		}
		shared, err := fs.ReadFile(campaigns.Files, "observances.yaml")
		if err != nil {
			t.Fatal(err)
		}
		files["observances.yaml"] = &fstest.MapFile{Data: shared}
		back, err := campaign.Load(files, "again")
		if err != nil {
			t.Fatalf("%s: %v\n%s", id, err, out)
		}
		if diff := cmp.Diff(canonical(t, l.Campaign), canonical(t, back.Campaign)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

// drawCampaign draws a campaign that a file can say.
func drawCampaign(t *rapid.T) core.Campaign {
	words := rapid.StringMatching(`[a-z"'#:*&!|>%@?\[-][a-zA-Zéاب#:'" \n\t,\]-]{0,40}[a-z"':]`)
	c := core.Campaign{ID: "drawn", Observance: "some-day", Languages: []string{"en", "ar"}, Goal: words.Draw(t, "goal")}
	texts := func(name string) map[string]string {
		return map[string]string{"en": words.Draw(t, name), "ar": words.Draw(t, name)}
	}
	maybe := func(name string) bool { return rapid.Bool().Draw(t, name) }
	offset := func() core.Offset {
		return core.Offset{FromEnd: maybe("end"), Days: rapid.IntRange(-core.MaxOffset, core.MaxOffset).Draw(t, "days")}
	}
	media := func() []core.Media {
		if !maybe("media") {
			return nil
		}
		m := core.Media{File: "a/b c.png", Alt: texts("alt")}
		if maybe("focus") {
			m.Focus = &core.Focus{X: rapid.Float64Range(-1, 1).Draw(t, "x"), Y: rapid.Float64Range(-1, 1).Draw(t, "y")}
		}
		return []core.Media{m}
	}
	c.Title = texts("title")
	if maybe("tags") {
		c.Hashtags = []string{"#One", "#Two"}
	}
	if maybe("resources") {
		c.Resources = map[string]string{core.AtRisk: "https://example.org/help"}
	}
	if maybe("links") {
		c.Links = &core.Links{UTM: true, Short: maybe("short")}
	}
	if maybe("tasks") {
		c.Tasks = []core.Task{{ID: "a-task", Offset: offset(), Who: words.Draw(t, "who"), What: words.Draw(t, "what")}}
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "posts") {
		m := core.Message{
			ID: "post-" + string(rune('a'+i)), Mode: core.Local, Texts: texts("text"), Media: media(),
			Hashtags: append([]string{}, c.Hashtags...), Kind: rapid.SampledFrom([]string{"", "fact"}).Draw(t, "kind"),
			Window: time.Duration(rapid.SampledFrom([]int{0, 5, 90, 10080}).Draw(t, "window")) * time.Minute, Sensitive: maybe("sensitive"),
			Audience: rapid.SampledFrom([]string{"", core.General, core.AtRisk}).Draw(t, "audience"), Helpline: rapid.SampledFrom([]string{"", "GB", "EU"}).Draw(t, "helpline"),
		}
		if maybe("series") {
			m.Series = &core.Series{Cron: "0 12 * * MON,WED", From: core.Offset{Days: -7}, To: core.Offset{FromEnd: true, Days: 3}}
		} else {
			m.Offset, m.Time = offset(), civil.Clock{Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute")}
		}
		if maybe("fixed") {
			m.Mode, m.Zone = core.Together, "Asia/Kathmandu"
		}
		if maybe("own tags") {
			m.Hashtags = append(m.Hashtags, "#Three")
		}
		if maybe("rest") {
			m.ContentNote, m.Facts, m.Labels, m.WithoutLabels, m.Networks = texts("note"), []string{"F02"}, []string{"north"}, []string{"quiet"}, []string{"x", "mastodon"}
			m.NetworkTags, m.Mentions = map[string][]string{"x": {"#One"}, "bluesky": {}}, map[string][]string{"mastodon": {"@a@b.example"}}
			m.CTA, m.Review = &core.CTA{Kind: "learn", Label: texts("label")}, &core.Review{Approvals: 2, Roles: []string{"safeguarding"}}
		}
		if maybe("thread") {
			m.Thread = []core.Part{{Texts: texts("part"), Media: media()}}
			m.Variants = []core.Variant{{Language: "en", Network: "x", Part: 2, Text: words.Draw(t, "variant")}, {Language: "en", Network: "x", Text: words.Draw(t, "variant")}}
		}
		c.Posts = append(c.Posts, m)
	}
	return c
}

func TestAnyCampaignComesBackFromItsExport(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		out, err := campaign.Export(c)
		if err != nil {
			t.Fatal(err)
		}
		back, problems := campaign.ReadCampaign("out.yaml", out)
		if len(problems) > 0 {
			t.Fatalf("%s\n%s", source.Text(problems), out)
		}
		if diff := cmp.Diff(canonical(t, c), canonical(t, back)); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
		again, err := campaign.Export(back)
		if err != nil || string(again) != string(out) {
			t.Fatalf("the second export differs: %v", err)
		}
	})
}

func TestWhatNoFileCanSayIsNotExported(t *testing.T) {
	t.Parallel()
	c, problems := campaign.ReadCampaign("good.yaml", []byte(good))
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	c.Posts[0].Hashtags = []string{"#Other"}
	if _, err := campaign.Export(c); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "#Blue") {
		t.Errorf("got %v", err)
	}
	c.Posts[0].Hashtags = []string{"#Blue"}
	c.Posts[0].Texts = map[string]string{"en": "only English"}
	if _, err := campaign.Export(c); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}
