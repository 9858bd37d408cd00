package lexicon

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// The collections that the sandbox keeps.
const (
	Post   = "app.bsky.feed.post"
	Like   = "app.bsky.feed.like"
	Repost = "app.bsky.feed.repost"
)

// Collections returns them.
func Collections() []string { return []string{Post, Like, Repost} }

// Refusal is a no to a request: a status, a name and a sentence, as XRPC has them.
type Refusal struct {
	Status  int
	Name    string
	Message string
}

// Error returns the sentence.
func (r *Refusal) Error() string { return r.Message }

// No returns a refusal.
func No(status int, name, format string, a ...any) *Refusal {
	return &Refusal{status, name, fmt.Sprintf(format, a...)}
}

// Upload is what a record says of a blob.
type Upload struct {
	CID, MIME     string
	Size          int
	Width, Height int // of the aspect ratio beside it; 0 when there is none
	Most          int // bytes that its place takes
}

// Check checks a record of a collection. It returns the blobs that the record has and the URIs that it points to.
func Check(collection string, value any) (uploads []Upload, subjects []Strong, err error) {
	c := &checker{}
	if t, err := kind("Record", value); err != nil {
		return nil, nil, No(http.StatusBadRequest, "InvalidRequest", "Invalid %s record: %v", collection, err)
	} else if t != collection {
		return nil, nil, No(http.StatusBadRequest, "InvalidRequest", "Invalid $type: expected %s, got %s", collection, t)
	}
	switch collection {
	case Post:
		err = c.post(value)
	case Like, Repost:
		err = c.subject(value)
	default:
		err = fmt.Errorf("the sandbox keeps no records of this type, only %s", strings.Join(Collections(), ", "))
	}
	if err != nil {
		return nil, nil, No(http.StatusBadRequest, "InvalidRequest", "Invalid %s record: %v", collection, err)
	}
	return c.uploads, c.subjects, nil
}

// Strong is a record that another one points to.
type Strong struct{ URI, CID string }

// checker walks through one record.
type checker struct {
	uploads  []Upload
	subjects []Strong
}

func (c *checker) subject(v any) error {
	o, err := asObject("Record", v, "!$type", "!subject", "!createdAt")
	if err != nil {
		return err
	}
	if _, err := o.form("createdAt", validDatetime); err != nil {
		return err
	}
	return c.strong("Record/subject", o.fields["subject"])
}

func (c *checker) strong(at string, v any) error {
	o, err := asObject(at, v, "!uri", "!cid", "$type")
	if err != nil {
		return err
	}
	uri, err := o.form("uri", func(s string) bool { return strings.HasPrefix(s, "at://did:") })
	if err != nil {
		return err
	}
	id, err := o.form("cid", ValidCID)
	c.subjects = append(c.subjects, Strong{uri, id})
	return err
}

func (c *checker) post(v any) error {
	o, err := asObject("Record", v, "!$type", "!createdAt", "!text", "facets", "reply", "embed", "langs", "labels", "tags")
	if err != nil {
		return err
	}
	body, err := o.text("text", 3000, 300)
	if err != nil {
		return err
	}
	if _, err := o.form("createdAt", validDatetime); err != nil {
		return err
	}
	for _, check := range []func() error{
		func() error {
			return checkTexts(o, "langs", 3, func(s string) bool { return languageForm.MatchString(s) })
		},
		func() error {
			return checkTexts(o, "tags", 8, func(s string) bool { return len(s) <= 640 && Graphemes(s) <= 64 })
		},
		func() error { return checkFacets(o, body) },
		func() error { return checkLabels(o) },
		func() error { return c.reply(o) },
		func() error { return c.embed(o) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if body == "" && o.fields["embed"] == nil {
		return fmt.Errorf("%s/text is empty and nothing is embedded (Bluesky would keep it; the sandbox does not)", o.at)
	}
	return nil
}

func checkTexts(o object, name string, most int, valid func(string) bool) error {
	list, err := o.list(name, most)
	if err != nil {
		return err
	}
	for i, v := range list {
		if s, ok := v.(string); !ok || !valid(s) {
			return fmt.Errorf("%s/%s/%d is %v, which is not of its form", o.at, name, i, v)
		}
	}
	return nil
}

// checkFacets is stricter than Bluesky, which keeps facets that point anywhere and shows them wrongly or not at all.
func checkFacets(o object, body string) error {
	list, err := o.list("facets", 100)
	if err != nil {
		return err
	}
	border := func(i int) bool { return i == len(body) || utf8.RuneStart(body[i]) }
	last := 0
	for i, v := range list {
		at := fmt.Sprintf("Record/facets/%d", i)
		f, err := asObject(at, v, "!index", "!features", "$type")
		if err != nil {
			return err
		}
		index, err := asObject(at+"/index", f.fields["index"], "!byteStart", "!byteEnd", "$type")
		if err != nil {
			return err
		}
		start, err := index.number("byteStart", 0)
		if err != nil {
			return err
		}
		end, err := index.number("byteEnd", 0)
		if err != nil {
			return err
		}
		switch {
		case start >= end || end > len(body):
			return fmt.Errorf("%s: bytes %d to %d are not a part of the text (Bluesky would keep it; the sandbox does not)", at, start, end)
		case !border(start) || !border(end):
			return fmt.Errorf("%s: bytes %d to %d cut a character (Bluesky would keep it; the sandbox does not)", at, start, end)
		case start < last:
			return fmt.Errorf("%s: it overlaps the facet before it (Bluesky would keep it; the sandbox does not)", at)
		}
		last = end
		features, err := f.list("features", 1)
		if err != nil {
			return err
		}
		if len(features) == 0 {
			return fmt.Errorf("%s/features must not be empty", at)
		}
		if err := checkFeature(at+"/features/0", features[0], body[start:end]); err != nil {
			return err
		}
	}
	return nil
}

func checkFeature(at string, v any, marked string) error {
	t, err := kind(at, v)
	if err != nil {
		return err
	}
	switch t {
	case "app.bsky.richtext.facet#link":
		o, err := asObject(at, v, "!$type", "!uri")
		if err != nil {
			return err
		}
		_, err = o.form("uri", validWebURI)
		return err
	case "app.bsky.richtext.facet#tag":
		o, err := asObject(at, v, "!$type", "!tag")
		if err != nil {
			return err
		}
		tag, err := o.text("tag", 640, 64)
		if err == nil && marked != "#"+tag && marked != "＃"+tag {
			err = fmt.Errorf("%s: the tag %q does not stand at its place, where the text says %q", at, tag, marked)
		}
		return err
	case "app.bsky.richtext.facet#mention":
		o, err := asObject(at, v, "!$type", "!did")
		if err != nil {
			return err
		}
		_, err = o.form("did", ValidDID)
		if err == nil && !strings.HasPrefix(marked, "@") {
			err = fmt.Errorf("%s: a mention does not stand at its place, where the text says %q", at, marked)
		}
		return err
	}
	return fmt.Errorf("%s: the type %q is not known", at, t)
}

// labelValues are those that apps know of (com.atproto.label.defs#labelValue, and what an account may say of itself).
var labelValues = []string{"!hide", "!warn", "!no-unauthenticated", "porn", "sexual", "nudity", "graphic-media", "bot"}

func checkLabels(o object) error {
	v, there := o.fields["labels"]
	if !there {
		return nil
	}
	l, err := asObject("Record/labels", v, "!$type", "!values")
	if err != nil {
		return err
	}
	if l.fields["$type"] != "com.atproto.label.defs#selfLabels" {
		return fmt.Errorf("%s: the type %v is not known", l.at, l.fields["$type"])
	}
	values, err := l.list("values", 10)
	if err != nil {
		return err
	}
	for i, v := range values {
		one, err := asObject(fmt.Sprintf("Record/labels/values/%d", i), v, "!val", "$type")
		if err != nil {
			return err
		}
		if _, err := one.form("val", func(s string) bool { return slices.Contains(labelValues, s) }); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) reply(o object) error {
	v, there := o.fields["reply"]
	if !there {
		return nil
	}
	r, err := asObject("Record/reply", v, "!root", "!parent", "$type")
	if err != nil {
		return err
	}
	if err := c.strong("Record/reply/root", r.fields["root"]); err != nil {
		return err
	}
	return c.strong("Record/reply/parent", r.fields["parent"])
}
