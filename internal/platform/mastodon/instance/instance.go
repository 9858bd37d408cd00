// Package instance reads what a server that speaks Mastodon's API says about itself: its limits, its software, and so
// whether it honours an idempotency key.
package instance

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/text"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/session"
)

const (
	// keyLife is how long Mastodon answers a repeated key with the status it made; it says one hour
	// (https://docs.joinmastodon.org/methods/statuses/#create), and we stay below.
	keyLife = 50 * time.Minute
	// Settling is how long after an attempt a listing proves nothing: a server may finish a request whose client has gone.
	Settling = 3 * time.Minute
	// batchVersion is the API version of Mastodon 4.3, the first with GET /api/v1/statuses?id[]=
	// (https://docs.joinmastodon.org/methods/statuses/#index).
	batchVersion = 2
)

// honouring are the servers known to answer a repeated key with the first status: Mastodon and forks that keep its code.
var honouring = []string{"mastodon", "glitchsoc", "glitch", "hometown", "chuckya"}

// Server is what a server says about itself.
type Server struct {
	Capabilities platform.Capabilities
	Batch        bool // several statuses can be read in one call
}

// entity is the part we read of /api/v2/instance and of its elder v1 (https://docs.joinmastodon.org/entities/Instance/).
type entity struct {
	Version          string         `json:"version"`
	SourceURL        string         `json:"source_url"`
	APIVersions      map[string]int `json:"api_versions"`
	MaxTootChars     int            `json:"max_toot_chars"`    // v1 of Pleroma and forks
	DescriptionLimit int            `json:"description_limit"` // v1 of Pleroma
	UploadLimit      int64          `json:"upload_limit"`      // v1 of Pleroma, in bytes
	MaxAttachments   int            `json:"max_media_attachments"`
	Configuration    struct {
		Statuses struct {
			MaxCharacters int `json:"max_characters"`
			MaxMedia      int `json:"max_media_attachments"`
			URLCharacters int `json:"characters_reserved_per_url"`
		} `json:"statuses"`
		Media struct {
			DescriptionLimit int      `json:"description_limit"`
			ImageSizeLimit   int64    `json:"image_size_limit"`
			ImageMatrixLimit int64    `json:"image_matrix_limit"`
			MIMETypes        []string `json:"supported_mime_types"`
		} `json:"media_attachments"`
	} `json:"configuration"`
}

// Read asks the account's server about itself.
func Read(ctx context.Context, s *session.Session) (Server, error) {
	var in entity
	answer := &session.Call{}
	err := s.Get(ctx, answer, "/api/v2/instance", nil, &in)
	if answer.Gone() {
		err = s.Get(ctx, answer, "/api/v1/instance", nil, &in)
	}
	if answer.Gone() {
		return Server{}, &platform.Permanent{Code: "not_mastodon", Say: session.SayNotMastodon, Err: err}
	}
	if err != nil {
		return Server{}, err
	}
	if in.Version == "" {
		return Server{}, &platform.Transient{Say: session.SayNotMastodon}
	}
	return describe(in, softwareName(ctx, s), s.Now()), nil
}

// describe puts an instance's answer into capabilities; what it leaves out is Mastodon's own default, except for sizes,
// where a guess could refuse what the server takes.
func describe(in entity, software string, now time.Time) Server {
	if software == "" {
		software = softwareOf(in)
	}
	st, media := in.Configuration.Statuses, in.Configuration.Media
	caps := platform.Capabilities{
		MaxCharacters:    firstOf(st.MaxCharacters, in.MaxTootChars, text.DefaultMastodon.MaxCharacters),
		URLCharacters:    firstOf(st.URLCharacters, text.DefaultMastodon.CharactersPerURL),
		MaxPictures:      firstOf(st.MaxMedia, in.MaxAttachments, 4),
		AltCharacters:    firstOf(media.DescriptionLimit, in.DescriptionLimit, 1500),
		MaxPictureBytes:  firstOf(media.ImageSizeLimit, in.UploadLimit),
		MaxPicturePixels: media.ImageMatrixLimit,
		NeedsPicture:     software == "pixelfed",
		Software:         software,
		Version:          in.Version,
		HonoursKey:       slices.Contains(honouring, software),
		Findable:         true,
		Settling:         Settling,
		FetchedAt:        now,
	}
	if caps.HonoursKey {
		caps.KeyLife = keyLife
	}
	for _, t := range media.MIMETypes {
		if strings.HasPrefix(t, "image/") {
			caps.PictureTypes = append(caps.PictureTypes, t)
		}
	}
	return Server{Capabilities: caps, Batch: caps.HonoursKey && in.APIVersions["mastodon"] >= batchVersion}
}

// softwareName asks for the server's software by NodeInfo (https://nodeinfo.diaspora.software/protocol). It returns the
// empty string when the server does not say: the instance's version then has to do.
func softwareName(ctx context.Context, s *session.Session) string {
	var index struct {
		Links []struct {
			Rel  string `json:"rel"`
			Href string `json:"href"`
		} `json:"links"`
	}
	if s.Get(ctx, &session.Call{}, "/.well-known/nodeinfo", nil, &index) != nil {
		return ""
	}
	for _, link := range index.Links {
		u, err := url.Parse(link.Href)
		if err != nil || !strings.Contains(link.Rel, "nodeinfo.diaspora.software/ns/schema/") {
			continue
		}
		var doc struct {
			Software struct {
				Name string `json:"name"`
			} `json:"software"`
		}
		// Only the path is taken: the token must not follow a link to another host.
		if s.Get(ctx, &session.Call{}, u.Path, nil, &doc) == nil && doc.Software.Name != "" {
			return strings.ToLower(doc.Software.Name)
		}
	}
	return ""
}

// softwareOf guesses the software from the instance's answer: relatives write "2.7.2 (compatible; Akkoma 3.13.2)", only
// Mastodon counts its API in api_versions.mastodon, and before that its version is a plain number.
func softwareOf(in entity) string {
	if _, rest, ok := strings.Cut(in.Version, "(compatible; "); ok {
		if name := strings.Fields(rest); len(name) > 0 {
			return strings.ToLower(strings.TrimRight(name[0], ")"))
		}
	}
	if in.APIVersions["mastodon"] > 0 || strings.HasPrefix(in.SourceURL, "https://github.com/mastodon/mastodon") {
		return "mastodon"
	}
	if strings.Contains(strings.ToLower(in.SourceURL), "gotosocial") {
		return "gotosocial"
	}
	return "unknown"
}

// firstOf returns the first value above zero.
func firstOf[N int | int64](values ...N) N {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 0
}
