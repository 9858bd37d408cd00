package campaign

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/source"

	"golang.org/x/text/language"
)

// Version is the format of campaign files that this program reads.
const Version = 1

// Bounds of a campaign file, far above what a person would write.
const (
	maxPosts  = 1000
	maxTags   = 30 // Instagram took so many for years; nobody reads more
	maxLangs  = 50
	maxMedia  = 4      // Mastodon's max_media_attachments
	maxText   = 25_000 // characters; the longest post any network takes (X, long posts)
	maxAlt    = 1500   // Mastodon's description_limit
	minWindow = 5 * time.Minute
	maxWindow = 7 * 24 * time.Hour
)

// Problem is one mistake in a file, with its place.
type Problem = source.Problem

// ReadCampaign reads the text of a campaign file. The name is how problems call the file. A campaign that comes with
// problems is incomplete and must not be used. Pictures are only named here; [Load] reads them.
func ReadCampaign(name string, src []byte) (campaign.Campaign, []Problem) {
	c, _, problems := readCampaign(name, src)
	return c, problems
}

// reader reads one campaign file.
type reader struct {
	c     campaign.Campaign
	media []campaign.Media        // for posts without pictures of their own
	files map[string]source.Value // where each picture is named first
	ids   map[string]bool

	observance source.Value // where the observance is named
}

func readCampaign(name string, src []byte) (campaign.Campaign, *reader, []Problem) {
	file, root := source.Parse(name, src)
	r := &reader{files: map[string]source.Value{}, ids: map[string]bool{}}
	if root.Present() && checkVersion(root) {
		r.read(root)
	}
	return r.c, r, file.Problems()
}

// checkVersion refuses a file of another format before its fields are judged by the wrong rules.
func checkVersion(root source.Value) bool {
	fields := root.Entries("fields")
	if len(fields) == 0 {
		root.Fail("begin the file with %q", fmt.Sprintf("daymark: %d", Version))
		return false
	}
	for _, field := range fields {
		if field.Name == "daymark" {
			if v := field.Value.String(); v != strconv.Itoa(Version) {
				field.Value.Fail("the file is of version %q; this Daymark reads version %d", v, Version)
				return false
			}
			return true
		}
	}
	root.Fail("the field %q is missing: begin the file with %q", "daymark", fmt.Sprintf("daymark: %d", Version))
	return false
}

func (r *reader) read(root source.Value) {
	f := root.Map("!daymark", "!id", "!observance", "!title", "goal", "!languages", "hashtags", "media", "!posts")
	r.c.ID = readID(f["id"])
	r.c.Observance = readID(f["observance"])
	r.observance = f["observance"]
	r.c.Goal = f["goal"].String()
	r.c.Languages = readLanguages(f["languages"])
	r.c.Title = r.inEveryLanguage(f["title"], "a title", 200)
	r.c.Hashtags = readHashtags(f["hashtags"])
	r.media = r.readMedia(f["media"])
	posts := f["posts"].List("posts")
	if f["posts"].Present() && len(posts) == 0 {
		f["posts"].Fail("a campaign needs at least one post")
	}
	if len(posts) > maxPosts {
		f["posts"].Fail("%d posts; at most %d are read", len(posts), maxPosts)
		return
	}
	for _, p := range posts {
		r.c.Posts = append(r.c.Posts, r.readPost(p))
	}
}

func (r *reader) readPost(v source.Value) campaign.Message {
	f := v.Map("!id", "!offset", "!time", "mode", "zone", "window", "kind", "sensitive", "content_note", "!text", "variants",
		"hashtags", "media", "facts", "labels")
	m := campaign.Message{
		ID:          readID(f["id"]),
		Kind:        f["kind"].String(),
		Sensitive:   f["sensitive"].Bool(),
		ContentNote: r.inEveryLanguage(f["content_note"], "a content note", 100),
		Texts:       r.inEveryLanguage(f["text"], "a text", maxText),
		Media:       r.media,
		Facts:       readWords(f["facts"], "fact ids", "an id of letters, digits and hyphens, such as F02"),
		Labels:      readWords(f["labels"], "channel labels", "letters, digits and hyphens"),
	}
	if m.ID != "" && r.ids[m.ID] {
		f["id"].Fail("another post has the id %q already", m.ID)
	}
	r.ids[m.ID] = true
	readTime(f, &m)
	m.Variants = r.readVariants(f["variants"])
	m.Hashtags = mergeTags(r.c.Hashtags, readHashtags(f["hashtags"]))
	if f["media"].Present() {
		m.Media = r.readMedia(f["media"])
	}
	return m
}

// readTime reads when a message goes out.
func readTime(f map[string]source.Value, m *campaign.Message) {
	var err error
	if s := f["offset"].String(); s != "" {
		if m.Offset, err = campaign.ParseOffset(s); err != nil {
			f["offset"].Fail("%v", err)
		}
	}
	if s := f["time"].String(); s != "" {
		if m.Time, err = civil.ParseClock(s); err != nil {
			f["time"].Fail("%v", err)
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
	if s := f["window"].String(); s != "" {
		m.Window, err = time.ParseDuration(s)
		if err != nil || m.Window < minWindow || m.Window > maxWindow {
			f["window"].Fail("%q is no window: write for how long after its time the post still makes sense, from 5m to 168h, such as 90m or 12h", s)
		}
	}
}

func (r *reader) readVariants(v source.Value) []campaign.Variant {
	var all []campaign.Variant
	seen := map[campaign.Variant]bool{}
	for _, item := range v.List("variants") {
		f := item.Map("!language", "!network", "!text")
		one := campaign.Variant{Language: f["language"].OneOf(r.c.Languages...), Network: f["network"].OneOf(campaign.Networks...)}
		if seen[one] && one.Language != "" && one.Network != "" {
			item.Fail("there is a text in %q for %s already", one.Language, one.Network)
		}
		seen[one] = true
		one.Text = readText(f["text"], "a text", maxText)
		all = append(all, one)
	}
	return all
}

// inEveryLanguage reads a text for each language of the campaign; a value that is not there is no problem here.
func (r *reader) inEveryLanguage(v source.Value, what string, limit int) map[string]string {
	if !v.Present() {
		return nil
	}
	texts := map[string]string{}
	for _, field := range v.Entries(what + " for each language") {
		if len(r.c.Languages) > 0 && !slices.Contains(r.c.Languages, field.Name) {
			field.Key.Fail("%q is not among the campaign's languages%s", field.Name, source.Suggest(field.Name, r.c.Languages))
		}
		texts[field.Name] = readText(field.Value, what, limit)
		if !field.Value.Present() {
			field.Key.Fail("%s is missing after the colon", what)
		}
	}
	for _, lang := range r.c.Languages {
		if _, ok := texts[lang]; !ok && len(texts) > 0 {
			v.Fail("%s in %q is missing: the campaign speaks %s", what, lang, strings.Join(r.c.Languages, ", "))
		}
	}
	return texts
}

// readText reads a text for people, with tokens.
func readText(v source.Value, what string, limit int) string {
	s := v.String()
	if s == "" {
		v.Fail("%s is empty", what)
	}
	for _, t := range text.Tokens(s) {
		if !slices.Contains(campaign.Tokens, t.Name) {
			v.Fail("nothing is called {{%s}}%s", t.Name, source.Suggest(t.Name, campaign.Tokens))
		}
	}
	if text.StrayBraces(s) {
		v.Fail("double braces must hold a name, such as {{link}}")
	}
	if n := text.Graphemes(s); n > limit {
		v.Fail("%s of %d characters is too long; at most %d are read", what, n, limit)
	}
	return s
}

// readMedia reads pictures and remembers where they are named.
func (r *reader) readMedia(v source.Value) []campaign.Media {
	var all []campaign.Media
	items := v.List("pictures")
	if len(items) > maxMedia {
		v.Fail("%d pictures; a post may have %d", len(items), maxMedia)
	}
	for _, item := range items {
		f := item.Map("!file", "!alt", "focus")
		m := campaign.Media{File: f["file"].String(), Alt: r.inEveryLanguage(f["alt"], "an alt text", maxAlt)}
		if m.File != "" && (!fs.ValidPath(m.File) || m.File == ".") {
			f["file"].Fail("%q is no path in the campaign's folder: write the name as it is there, with / between folders and without ..", m.File)
		} else if _, known := r.files[m.File]; !known && m.File != "" {
			r.files[m.File] = f["file"]
		}
		if s := f["focus"].String(); s != "" {
			x, y, found := strings.Cut(s, ",")
			fx, errX := strconv.ParseFloat(strings.TrimSpace(x), 64)
			fy, errY := strconv.ParseFloat(strings.TrimSpace(y), 64)
			if !found || errX != nil || errY != nil || !(fx >= -1 && fx <= 1 && fy >= -1 && fy <= 1) {
				f["focus"].Fail(`%q is no focus: write two numbers from -1 to 1, right and up, such as "0, 0.5"`, s)
			} else {
				m.Focus = &campaign.Focus{X: fx, Y: fy}
			}
		}
		all = append(all, m)
	}
	return all
}

func readLanguages(v source.Value) []string {
	all := v.Strings("language tags")
	if len(all) > maxLangs {
		v.Fail("%d languages; at most %d are read", len(all), maxLangs)
		return nil
	}
	for i, item := range v.List("language tags") {
		s := item.String()
		tag, err := language.Parse(s)
		switch {
		case s == "":
		case err != nil || s == "und":
			item.Fail("%q is no language: write a tag such as en, fr or pt-BR", s)
		case tag.String() != s:
			item.Fail("write the language %q as %q", s, tag.String())
		case slices.Contains(all[:min(i, len(all))], s):
			item.Fail("the language %q is in the list already", s)
		}
	}
	if v.Present() && len(all) == 0 {
		v.Fail("a campaign speaks at least one language, such as [en]")
	}
	return all
}

func readHashtags(v source.Value) []string {
	items := v.List("hashtags")
	if len(items) > maxTags {
		v.Fail("%d hashtags; at most %d are read", len(items), maxTags)
		return nil
	}
	var all []string
	for _, item := range items {
		tag := item.String()
		if !item.Present() {
			item.Fail(`is empty: a hashtag must be in quotation marks, such as "#EndHumanTrafficking", because # begins a comment`)
			continue
		}
		if err := text.ValidHashtag(tag); err != nil {
			item.Fail("%v", err)
			continue
		}
		all = append(all, "#"+strings.TrimPrefix(tag, "#"))
	}
	return all
}

// mergeTags returns both lists after each other, each hashtag once whatever its capitals.
func mergeTags(a, b []string) []string {
	merged := make([]string, 0, len(a)+len(b))
	for _, tag := range slices.Concat(a, b) {
		if !slices.ContainsFunc(merged, func(have string) bool { return strings.EqualFold(have, tag) }) {
			merged = append(merged, tag)
		}
	}
	return merged
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)
	wordForm = regexp.MustCompile(`^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_-]{0,63})$`)
)

func readID(v source.Value) string {
	s := v.String()
	if v.Present() && !idForm.MatchString(s) {
		v.Fail("%q is no id: write small letters, digits and hyphens, such as july-30", s)
		return ""
	}
	return s
}

func readWords(v source.Value, what, form string) []string {
	all := v.Strings(what)
	for _, item := range v.List(what) {
		if s := item.String(); s != "" && !wordForm.MatchString(s) {
			item.Fail("%q is not one of %s: write %s", s, what, form)
		}
	}
	return all
}
