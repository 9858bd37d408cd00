// Package read makes checked values of core/campaign and core/observance from the text of campaign files and calendars.
//
// It is the half of internal/flow/campaign that knows every field of the format and what is wrong with it;
// docs/campaign-files.md is the same for people, and campaigns/campaign.schema.json for editors. It reads no folders and
// no pictures.
package read

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/flow/campaign/source"

	"golang.org/x/text/language"
)

// Version is the format of campaign files that this program reads.
const Version = 1

// Bounds of a campaign file, far above what a person would write.
const (
	maxPosts    = 10_000
	maxTasks    = 200
	maxThread   = 24
	maxTags     = 30 // Instagram took so many for years; nobody reads more
	maxMentions = 10
	maxLangs    = 50
	maxMedia    = 4      // Mastodon's max_media_attachments
	maxText     = 25_000 // characters; the longest post any network takes (X, long posts)
	maxAlt      = 1500   // Mastodon's description_limit
	maxApprove  = 20
	minWindow   = 5 * time.Minute
	maxWindow   = 7 * 24 * time.Hour
)

// File is a campaign file as it was read.
type File struct {
	Campaign   campaign.Campaign
	Observance source.Value            // where the observance is named
	Files      map[string]source.Value // where each picture is named first
	Series     map[string]source.Value // the series of the message with the id
	Facts      map[string][]Cited      // wherever each fact is named

	media    []campaign.Media // what posts have that name no picture of their own
	tags     map[string][]string
	mentions map[string][]string
	review   *campaign.Review
	ids      map[string]bool
	stated   []string // facts that the message being read states by tokens
}

// Cited is a place where a fact is named.
type Cited struct {
	source.Value
	Language string // in whose text a token states it; empty in a list of facts
}

// Campaign reads the text of a campaign file. The name is how problems call the file. A campaign that comes with problems
// is incomplete and must not be used.
func Campaign(name string, src []byte) (*File, []source.Problem) {
	file, root := source.Parse(name, src)
	r := &File{Files: map[string]source.Value{}, Series: map[string]source.Value{}, Facts: map[string][]Cited{}, ids: map[string]bool{}}
	if root.Present() && HasVersion(root) {
		r.read(root)
	}
	return r, file.Problems()
}

// HasVersion refuses a file of another format before its fields are judged by the wrong rules.
func HasVersion(root source.Value) bool {
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

func (r *File) read(root source.Value) {
	f := root.Map("!daymark", "!id", "!observance", "!title", "goal", "!languages", "hashtags", "network_hashtags", "mentions",
		"media", "resources", "review", "tasks", "links", "!posts")
	c := &r.Campaign
	c.ID = readID(f["id"])
	c.Observance = readID(f["observance"])
	r.Observance = f["observance"]
	c.Goal = f["goal"].String()
	c.Languages = readLanguages(f["languages"])
	c.Title = r.inEveryLanguage(f["title"], "a title", 200)
	c.Hashtags = readHashtags(f["hashtags"])
	c.Resources = readResources(f["resources"])
	c.Tasks = readTasks(f["tasks"])
	c.Links = readLinks(f["links"])
	r.tags, r.mentions = readNetworks(f["network_hashtags"], readHashtags), readNetworks(f["mentions"], readMentions)
	r.review = readReview(f["review"])
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
		c.Posts = append(c.Posts, r.readPost(p))
	}
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

// readResources reads the page for each audience.
func readResources(v source.Value) map[string]string {
	var pages map[string]string
	for _, field := range v.Entries("a web address for each of general, professionals, at_risk") {
		if !slices.Contains(campaign.Audiences, field.Name) {
			field.Key.Fail("%q is no audience%s", field.Name, source.Suggest(field.Name, campaign.Audiences))
			continue
		}
		if page := readURL(field.Value); page != "" {
			if pages == nil {
				pages = map[string]string{}
			}
			pages[field.Name] = page
		} else if !field.Value.Present() {
			field.Key.Fail("the web address is missing after the colon")
		}
	}
	return pages
}

// readLinks reads how links are counted. Saying no to everything is the same as saying nothing.
func readLinks(v source.Value) *campaign.Links {
	if !v.Present() {
		return nil
	}
	f := v.Map("utm", "short")
	links := campaign.Links{UTM: f["utm"].Bool(), Short: f["short"].Bool()}
	if links == (campaign.Links{}) {
		return nil
	}
	return &links
}

// readTasks reads what people do for the campaign.
func readTasks(v source.Value) []campaign.Task {
	items := v.List("tasks")
	if len(items) > maxTasks {
		v.Fail("%d tasks; at most %d are read", len(items), maxTasks)
		return nil
	}
	var all []campaign.Task
	seen := map[string]bool{}
	for _, item := range items {
		f := item.Map("!id", "!offset", "!who", "!what")
		t := campaign.Task{ID: readID(f["id"]), Offset: readOffset(f["offset"]), Who: f["who"].String(), What: f["what"].String()}
		if t.ID != "" && seen[t.ID] {
			f["id"].Fail("another task has the id %q already", t.ID)
		}
		seen[t.ID] = true
		for _, name := range []string{"who", "what"} {
			if f[name].Present() && f[name].String() == "" {
				f[name].Fail("is empty: write who does it, and what is to be done")
			}
		}
		all = append(all, t)
	}
	return all
}

// readReview reads what a message needs from reviewers.
func readReview(v source.Value) *campaign.Review {
	if !v.Present() {
		return nil
	}
	f := v.Map("approvals", "roles")
	need := &campaign.Review{Approvals: f["approvals"].Int(1, maxApprove), Roles: readWords(f["roles"], "roles", "letters, digits and hyphens, such as safeguarding")}
	if !f["approvals"].Present() && len(need.Roles) == 0 {
		v.Fail("says nothing: write approvals: 2, or roles: [safeguarding], or both")
	}
	return need
}
