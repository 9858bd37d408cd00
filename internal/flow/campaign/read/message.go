package read

import (
	"slices"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/flow/campaign/source"

	"golang.org/x/text/language"
)

// EndOfDay is the window that ends with the day where the channel is; it is what holds without a window, too.
const EndOfDay = "end of day"

var postFields = []string{
	"!id", "series", "mode", "zone", "window", "kind", "sensitive", "content_note", "!text", "variants", "thread",
	"hashtags", "network_hashtags", "mentions", "media", "facts", "labels", "without_labels", "networks", "helpline", "helpline_for", "audience", "cta", "review",
}

func (r *File) readPost(v source.Value) campaign.Message {
	once, isSeries := []string{"!offset", "!time"}, false
	for _, field := range v.Entries("the fields of a post") {
		isSeries = isSeries || field.Name == "series"
	}
	if isSeries {
		once = []string{"offset", "time"}
	}
	f := v.Map(slices.Concat(postFields, once)...)
	r.stated = nil
	m := campaign.Message{
		ID:            readID(f["id"]),
		Kind:          f["kind"].String(),
		Sensitive:     f["sensitive"].Bool(),
		ContentNote:   r.inEveryLanguage(f["content_note"], "a content note", 100),
		Texts:         r.inEveryLanguage(f["text"], "a text", maxText),
		Thread:        r.readThread(f["thread"]),
		Media:         r.media,
		Facts:         readWords(f["facts"], "fact ids", "an id of letters, digits and hyphens, such as F02"),
		Labels:        readWords(f["labels"], "channel labels", "letters, digits and hyphens"),
		WithoutLabels: readWords(f["without_labels"], "channel labels", "letters, digits and hyphens"),
		Networks:      readNames(f["networks"], "networks", campaign.Networks),
		Helpline:      readCountry(f["helpline"]),
		HelplineFor:   f["helpline_for"].OneOf(campaign.HelplineAudiences...),
		Audience:      f["audience"].OneOf(campaign.Audiences...),
		CTA:           r.readCTA(f["cta"]),
		Review:        r.review,
	}
	if m.ID != "" && r.ids[m.ID] {
		f["id"].Fail("another post has the id %q already", m.ID)
	}
	r.ids[m.ID] = true
	for _, item := range f["facts"].List("fact ids") {
		r.Facts[item.String()] = append(r.Facts[item.String()], Cited{Value: item})
	}
	if m.HelplineFor == campaign.HelplineAudiences[0] { // everyone, which is the rule
		m.HelplineFor = ""
	}
	r.readTime(f, &m)
	m.Variants = r.readVariants(f["variants"], m.Parts())
	m.Hashtags = mergeTags(r.Campaign.Hashtags, readHashtags(f["hashtags"]))
	m.NetworkTags = over(r.tags, readNetworks(f["network_hashtags"], readHashtags))
	m.Mentions = over(r.mentions, readNetworks(f["mentions"], readMentions))
	if f["media"].Present() {
		m.Media = r.readMedia(f["media"])
	}
	if f["review"].Present() {
		m.Review = readReview(f["review"])
	}
	slices.Sort(r.stated) // languages come in any order
	for _, id := range r.stated {
		if !slices.Contains(m.Facts, id) {
			m.Facts = append(m.Facts, id)
		}
	}
	return m
}

// readTime reads when a message goes out.
func (r *File) readTime(f map[string]source.Value, m *campaign.Message) {
	m.Offset = readOffset(f["offset"])
	if s := f["time"].String(); s != "" || f["time"].Blank() {
		m.Time = readClock(f["time"], s)
	}
	if f["series"].Present() {
		m.Series = readSeries(f["series"])
		r.Series[m.ID] = f["series"]
		for _, name := range []string{"offset", "time"} {
			f[name].Fail("a series has its days and times from its expression: take %s out", name)
		}
	}
	m.Mode = campaign.Mode(f["mode"].OneOf(string(campaign.Local), string(campaign.Together)))
	if m.Mode == "" {
		m.Mode = campaign.Local
	}
	m.Zone = f["zone"].String()
	switch {
	case m.Mode == campaign.Together && m.Zone == "":
		f["mode"].Fail("a fixed time needs a zone: write zone: UTC, or a place such as Europe/Vienna")
	case m.Mode == campaign.Local && m.Zone != "":
		f["zone"].Fail("a local time is on each channel's own clock and has no zone: take it out, or write mode: fixed")
	case m.Zone != "":
		if _, err := time.LoadLocation(m.Zone); err != nil || m.Zone == "Local" {
			f["zone"].Fail("%q is no time zone: write one from the IANA list, such as Europe/Vienna, Asia/Kolkata or UTC", m.Zone)
		}
	}
	if s := f["window"].String(); s != "" && s != EndOfDay {
		window, err := time.ParseDuration(s)
		if err != nil || window < minWindow || window > maxWindow {
			f["window"].Fail("%q is no window: write for how long after its time the post still makes sense, from 5m to 168h, such as 90m or 12h, or %q", s, EndOfDay)
		} else {
			m.Window = window
		}
	}
}

func readOffset(v source.Value) campaign.Offset {
	s := v.String()
	if s == "" && !v.Blank() {
		return campaign.Offset{}
	}
	o, err := campaign.ParseOffset(s)
	if err != nil {
		v.Fail("%v", err)
	}
	return o
}

// readClock reads a time of day; the first zero may be left out.
func readClock(v source.Value, s string) civil.Clock {
	if len(s) == len("9:00") {
		s = "0" + s
	}
	c, err := civil.ParseClock(s)
	if err != nil {
		v.Fail("%v", err)
	}
	return c
}

func readSeries(v source.Value) *campaign.Series {
	f := v.Map("!cron", "!from", "!to")
	s := &campaign.Series{Cron: strings.Join(strings.Fields(f["cron"].String()), " "), From: readOffset(f["from"]), To: readOffset(f["to"])}
	if f["cron"].Present() {
		if err := s.Check(); err != nil {
			f["cron"].Fail("%v", err)
		}
	}
	if f["to"].Present() && s.From.FromEnd == s.To.FromEnd && s.To.Days < s.From.Days {
		f["to"].Fail("the series ends with %s, before it begins with %s", s.To, s.From)
	}
	return s
}

// readThread reads the parts that follow the first.
func (r *File) readThread(v source.Value) []campaign.Part {
	items := v.List("parts of the thread")
	if len(items) > maxThread {
		v.Fail("%d parts; at most %d may follow the first", len(items), maxThread)
		return nil
	}
	var all []campaign.Part
	for _, item := range items {
		f := item.Map("!text", "media")
		all = append(all, campaign.Part{Texts: r.inEveryLanguage(f["text"], "a text", maxText), Media: r.readMedia(f["media"])})
	}
	return all
}

func (r *File) readVariants(v source.Value, parts int) []campaign.Variant {
	var all []campaign.Variant
	seen := map[campaign.Variant]bool{}
	for _, item := range v.List("variants") {
		f := item.Map("!language", "!network", "part", "!text")
		one := campaign.Variant{
			Language: f["language"].OneOf(r.Campaign.Languages...), Network: f["network"].OneOf(campaign.Networks...),
			Part: f["part"].Int(1, parts),
		}
		if one.Part == 1 {
			one.Part = 0
		}
		if seen[one] && one.Language != "" && one.Network != "" {
			item.Fail("there is a text in %q for %s already", one.Language, one.Network)
		}
		seen[one] = true
		one.Text = r.readText(f["text"], one.Language, "a text", maxText)
		all = append(all, one)
	}
	return all
}

// readCountry reads whose helplines are shown; "local", which is the rule, is each channel's own country.
func readCountry(v source.Value) string {
	s := v.String()
	if s == "" || s == "local" || s == "EU" { // the European numbers are of no single country
		return strings.TrimPrefix(s, "local")
	}
	if region, err := language.ParseRegion(s); err != nil || !region.IsCountry() || region.Canonicalize().String() != s {
		v.Fail("%q is no country: write its two letters, such as GB, EU for the European numbers, or local for each channel's own", s)
	}
	return s
}

func (r *File) readCTA(v source.Value) *campaign.CTA {
	if !v.Present() {
		return nil
	}
	f := v.Map("!kind", "label")
	return &campaign.CTA{Kind: readID(f["kind"]), Label: r.inEveryLanguage(f["label"], "a label", 60)}
}
