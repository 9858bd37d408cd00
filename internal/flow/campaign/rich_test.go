package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	core "daymark/internal/core/campaign"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/source"
)

// rich is a campaign file with every field that good has not.
const rich = `daymark: 1
id: rich-month
observance: us-trafficking-prevention-month
title: {en: "A month", es: "Un mes"}
languages: [en, es]
hashtags: ["#Month"]
network_hashtags: {linkedin: ["#Month", "#Work"]}
mentions: {mastodon: ["@partner@example.social"]}
resources: {general: "https://example.org/", at_risk: "https://example.org/help"}
review: {approvals: 2, roles: [safeguarding]}
tasks:
  - {id: confirm-theme, offset: D-60, who: coordinator, what: "Confirm the theme."}
  - {id: report, offset: end+10, who: coordinator, what: "Write the report."}
posts:
  - id: weekly
    series: {cron: "0 12 * * MON", from: start, to: end}
    window: end of day
    audience: at_risk
    helpline: US
    helpline_for: children
    cta: {kind: learn, label: {en: "Read", es: "Leer"}}
    text: {en: "Hello", es: "Hola"}
  - id: thread
    offset: D0
    time: "9:00"
    networks: [mastodon, x]
    without_labels: [quiet]
    network_hashtags: {x: []}
    mentions: {x: ["@partner"]}
    review: {roles: [native-speaker]}
    text: {en: "One", es: "Uno"}
    thread:
      - text: {en: "Two", es: "Dos"}
        media: [{file: a.png, alt: {en: "A", es: "A"}}]
    variants:
      - {language: en, network: x, part: 2, text: "2"}
`

func TestEveryFieldIsRead(t *testing.T) {
	t.Parallel()
	c, problems := campaign.ReadCampaign("rich.yaml", []byte(rich))
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	a, b := c.Posts[0], c.Posts[1]
	two, _ := b.PartText(1, "en", "x")
	got := fmt.Sprintln(c.Resources, c.Tasks, *a.Series, a.Window, a.Helpline, a.HelplineFor, a.Audience, *a.CTA, *a.Review, a.NetworkTags, a.Mentions,
		b.Time, b.Networks, b.WithoutLabels, b.NetworkTags, b.Mentions, *b.Review, b.Thread[0].Texts["es"], b.Thread[0].Media[0].File, two)
	want := "map[at_risk:https://example.org/help general:https://example.org/] [{confirm-theme D-60 coordinator Confirm the theme.} {report end+10 coordinator Write the report.}] " +
		"{0 12 * * MON D0 end} 0s US children at_risk {learn map[en:Read es:Leer]} {2 [safeguarding]} map[linkedin:[#Month #Work]] map[mastodon:[@partner@example.social]] " +
		"09:00 [mastodon x] [quiet] map[linkedin:[#Month #Work] x:[]] map[mastodon:[@partner@example.social] x:[@partner]] {0 [native-speaker]} Dos a.png 2\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if b.Mode != core.Local || c.Link(a) != "https://example.org/help" || c.Link(b) != "https://example.org/" || !b.GoesTo("x", nil) || b.GoesTo("bluesky", nil) || b.GoesTo("x", []string{"quiet"}) {
		t.Error("the mode, the links or the places are wrong")
	}
}

func TestMistakesInEveryFieldAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ old, new, want string }{
		{"linkedin: [", "linkdin: [", `f:7:20: network_hashtags.linkdin: "linkdin" is no network; did you mean "linkedin"?`},
		{`["#Month", "#Work"]`, `["#Month", "#month"]`, `f:7:41: network_hashtags.linkedin[1]: the hashtag #month is in the list already`},
		{`"@partner@example.social"`, `"partner"`, `f:8:23: mentions.mastodon[0]: "partner" is no handle`},
		{"at_risk: \"https", "atrisk: \"https", `f:9:46: resources.atrisk: "atrisk" is no audience; did you mean "at_risk"?`},
		{`"https://example.org/help"`, `help`, `f:9:55: resources.at_risk: "help" is no web address`},
		{"approvals: 2", "approvals: 0", "f:10:21: review.approvals: 0 is outside 1 to 20"},
		{"{approvals: 2, roles: [safeguarding]}", "{}", "f:10:9: review: says nothing"},
		{"id: report", "id: confirm-theme", `f:13:10: tasks[1].id: another task has the id "confirm-theme" already`},
		{"offset: D-60", "offset: 60", `f:12:33: tasks[0].offset: "60" is no day of a campaign`},
		{"who: coordinator, what: \"Confirm", "what: \"Confirm", `f:12:5: tasks[0]: the field "who" is missing`},
		{`"0 12 * * MON"`, `"0 12 30 2 *"`, `f:16:20: posts[0].series.cron: "0 12 30 2 *" never comes`},
		{`"0 12 * * MON"`, `"0 12 * * MOON"`, `f:16:20: posts[0].series.cron: "0 12 * * MOON" is no series`},
		{`"0 12 * * MON"`, `"@weekly"`, `is no series: write five fields`},
		{"from: start, to: end", "from: D+3, to: D+1", "posts[0].series.to: the series ends with D+1, before it begins with D+3"},
		{"from: start, to: end", "from: start", `posts[0].series: the field "to" is missing`},
		{"    window: end", "    offset: D0\n    window: end", "f:17:13: posts[0].offset: a series has its days and times from its expression: take offset out"},
		{"window: end of day", "window: end of week", `f:17:13: posts[0].window: "end of week" is no window`},
		{"audience: at_risk", "audience: at-risk", `f:18:15: posts[0].audience: "at-risk" is none of general, professionals, at_risk; did you mean "at_risk"?`},
		{"helpline: US", "helpline: USA", `f:19:15: posts[0].helpline: "USA" is no country`},
		{"helpline: US", "helpline: UK", `"UK" is no country`},
		{"helpline_for: children", "helpline_for: kids", `f:20:19: posts[0].helpline_for: "kids" is none of everyone, adults, children, women`},
		{`es: "Leer"`, `fr: "Lire"`, `f:21:44: posts[0].cta.label.fr: "fr" is not among the campaign's languages`},
		{"kind: learn, ", "", `f:21:10: posts[0].cta: the field "kind" is missing`},
		{"    offset: D0\n", "", `f:23:5: posts[1]: the field "offset" is missing`},
		{"[mastodon, x]", "[mastodon, twitter]", `f:26:26: posts[1].networks[1]: "twitter" is none of mastodon`},
		{"[mastodon, x]", "[]", "f:26:15: posts[1].networks: names none of the networks"},
		{"part: 2", "part: 3", "f:36:42: posts[1].variants[0].part: 3 is outside 1 to 2"},
		{`es: "Dos"`, `es: ""`, "f:33:31: posts[1].thread[0].text.es: a text is empty"},
		{"    thread:\n      - text", "    thread:\n      - txt", `did you mean "text"?`},
	} {
		src := strings.Replace(rich, tt.old, tt.new, 1)
		_, problems := campaign.ReadCampaign("f", []byte(src))
		if got := source.Text(problems); src == rich || !strings.Contains(got, tt.want) {
			t.Errorf("%q: want %s\ngot  %s", tt.new, tt.want, got)
		}
	}
}

func TestHelplinesAreForEveryoneByRule(t *testing.T) {
	t.Parallel()
	c, problems := campaign.ReadCampaign("f", []byte(strings.Replace(rich, "helpline_for: children", "helpline_for: everyone", 1)))
	if len(problems) > 0 || c.Posts[0].HelplineFor != "" {
		t.Errorf("%q, %s", c.Posts[0].HelplineFor, source.Text(problems))
	}
}
