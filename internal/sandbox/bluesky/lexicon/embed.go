package lexicon

import (
	"fmt"
	"strings"
)

// Of the lexicons of embeds.
const (
	maxImage = 2_000_000
	maxThumb = 1_000_000
)

func (c *checker) embed(o object) error {
	v, there := o.fields["embed"]
	if !there {
		return nil
	}
	t, err := kind("Record/embed", v)
	if err != nil {
		return err
	}
	switch t {
	case "app.bsky.embed.images":
		return c.images(v)
	case "app.bsky.embed.external":
		return c.external(v)
	}
	return fmt.Errorf("the sandbox does not know the type %q of an embed", t)
}

func (c *checker) images(v any) error {
	e, err := asObject("Record/embed", v, "!$type", "!images")
	if err != nil {
		return err
	}
	list, err := e.list("images", 4)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("%s/images must not be empty", e.at)
	}
	for i, v := range list {
		at := fmt.Sprintf("Record/embed/images/%d", i)
		img, err := asObject(at, v, "!image", "!alt", "aspectRatio", "$type")
		if err != nil {
			return err
		}
		alt, err := img.text("alt", 0, 0)
		if err != nil {
			return err
		}
		if strings.TrimSpace(alt) == "" {
			return fmt.Errorf("%s/alt is empty (Bluesky would keep it; the sandbox does not)", at)
		}
		u, err := blob(at+"/image", img.fields["image"], maxImage)
		if err != nil {
			return err
		}
		if v, there := img.fields["aspectRatio"]; there {
			ratio, err := asObject(at+"/aspectRatio", v, "!width", "!height", "$type")
			if err != nil {
				return err
			}
			if u.Width, err = ratio.number("width", 1); err != nil {
				return err
			}
			if u.Height, err = ratio.number("height", 1); err != nil {
				return err
			}
		}
		c.uploads = append(c.uploads, u)
	}
	return nil
}

func (c *checker) external(v any) error {
	e, err := asObject("Record/embed", v, "!$type", "!external")
	if err != nil {
		return err
	}
	x, err := asObject("Record/embed/external", e.fields["external"], "!uri", "!title", "!description", "thumb")
	if err != nil {
		return err
	}
	if _, err := x.form("uri", validWebURI); err != nil {
		return err
	}
	for _, name := range []string{"title", "description"} {
		if _, err := x.text(name, 0, 0); err != nil {
			return err
		}
	}
	if v, there := x.fields["thumb"]; there {
		u, err := blob("Record/embed/external/thumb", v, maxThumb)
		if err != nil {
			return err
		}
		c.uploads = append(c.uploads, u)
	}
	return nil
}

// blob reads what a record says of a blob (https://atproto.com/specs/data-model#blob-type).
func blob(at string, v any, most int) (Upload, error) {
	b, err := asObject(at, v, "!$type", "!ref", "!mimeType", "!size")
	if err != nil {
		return Upload{}, err
	}
	if b.fields["$type"] != "blob" {
		return Upload{}, fmt.Errorf("%s should be a blob ref", at)
	}
	ref, err := asObject(at+"/ref", b.fields["ref"], "!$link")
	if err != nil {
		return Upload{}, err
	}
	u := Upload{Most: most}
	if u.CID, err = ref.form("$link", ValidCID); err != nil {
		return Upload{}, err
	}
	if u.MIME, err = b.form("mimeType", func(s string) bool { return strings.HasPrefix(s, "image/") }); err != nil {
		return Upload{}, err
	}
	u.Size, err = b.number("size", 1)
	return u, err
}
