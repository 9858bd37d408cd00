package judge

import (
	"encoding/hex"
	"fmt"
	"strings"

	"daymark/internal/core/lint"
	"daymark/internal/core/post"
)

// said is everything that a source says in one language, on whatever network.
type said struct {
	Language    string              `json:"language"`
	Parts       []saidPart          `json:"parts"`
	Variants    []post.Variant      `json:"variants"`
	ContentNote string              `json:"content_note"`
	Hashtags    []string            `json:"hashtags"`
	NetworkTags map[string][]string `json:"network_hashtags"`
	Mentions    map[string][]string `json:"mentions"`
	Facts       []string            `json:"facts"`
	Link        string              `json:"link"`
}

type saidPart struct {
	Text     string              `json:"text"`
	Pictures []post.FinalPicture `json:"pictures"`
}

// fingerprint is the SHA-256 of the canonical form of everything that a source says in a language.
func fingerprint(s post.Source, language string) ([32]byte, error) {
	all := said{
		Language: language, ContentNote: s.ContentNote[language], Hashtags: s.Hashtags, NetworkTags: s.NetworkTags,
		Mentions: s.Mentions, Facts: s.Facts, Link: s.Link,
	}
	for _, part := range s.Parts {
		p := saidPart{Text: part.Texts[language]}
		for _, picture := range part.Pictures {
			if !picture.Speaks(language) {
				continue
			}
			p.Pictures = append(p.Pictures, post.FinalPicture{SHA256: picture.SHA256, Alt: picture.Alt[language]})
		}
		all.Parts = append(all.Parts, p)
	}
	for _, v := range s.Variants {
		if v.Language == language {
			all.Variants = append(all.Variants, v)
		}
	}
	_, sum, err := post.Canonical(all)
	return sum, err
}

// keyOf names a finding about words: it changes when the words do, or what is said about them.
func keyOf(words [32]byte, f lint.Finding) ([32]byte, error) {
	_, sum, err := post.Canonical(struct {
		Words   string `json:"words"`
		Rule    string `json:"rule"`
		Part    int    `json:"part"`
		Field   string `json:"field"`
		Picture string `json:"picture"`
		Quote   string `json:"quote"`
		Message string `json:"message"`
	}{hex.EncodeToString(words[:]), f.Rule, f.Part, f.Field, f.Picture, f.Quote, f.Message})
	return sum, err
}

// pictureKey reads the hash of a picture.
func pictureKey(sum string) ([32]byte, error) {
	var key [32]byte
	raw, err := hex.DecodeString(strings.TrimSpace(sum))
	if err != nil || len(raw) != len(key) {
		return key, fmt.Errorf("%q is no hash of a picture", sum)
	}
	copy(key[:], raw)
	return key, nil
}
