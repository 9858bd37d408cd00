package entity

import (
	"net/url"
	"strconv"
)

// Version is the version of Mastodon the sandbox says it speaks, marked as not being one.
const Version = "4.5.0+sandbox"

// Rules are the limits the server tells clients and holds them to.
// The defaults are Mastodon's own (https://docs.joinmastodon.org/entities/Instance/).
type Rules struct {
	Characters  int      // of a status, the content note included
	PerURL      int      // what a link counts
	Attachments int      // pictures on a status
	Description int      // characters of a picture's description
	ImageBytes  int      // of a picture's file
	ImagePixels int      // width times height
	MIME        []string // kinds of picture
}

// DefaultRules returns Mastodon's limits; pictures only, since the sandbox cannot look into video.
func DefaultRules() Rules {
	return Rules{
		Characters: 500, PerURL: 23, Attachments: 4, Description: 1500, ImageBytes: 16777216, ImagePixels: 33177600,
		MIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"},
	}
}

// configuration is the part that both versions of the instance answer share.
func (r Rules) configuration() map[string]any {
	return map[string]any{
		"accounts": map[string]any{"max_featured_tags": 10, "max_pinned_statuses": 5},
		"statuses": map[string]any{
			"max_characters": r.Characters, "max_media_attachments": r.Attachments, "characters_reserved_per_url": r.PerURL,
		},
		"media_attachments": map[string]any{
			"supported_mime_types": r.MIME, "description_limit": r.Description, "image_size_limit": r.ImageBytes,
			"image_matrix_limit": r.ImagePixels, "video_size_limit": 0, "video_frame_rate_limit": 0, "video_matrix_limit": 0,
		},
		"polls": map[string]any{"max_options": 0, "max_characters_per_option": 0, "min_expiration": 300, "max_expiration": 2629746},
	}
}

// Instance returns the answer of GET /api/v2/instance.
func (v View) Instance(r Rules, title string) any {
	configuration := r.configuration()
	configuration["urls"] = map[string]any{"streaming": nil, "status": nil, "about": v.Base + "/", "privacy_policy": nil, "terms_of_service": nil}
	configuration["translation"] = map[string]any{"enabled": false}
	configuration["vapid"] = map[string]any{"public_key": ""}
	configuration["limited_federation"] = true
	return map[string]any{
		"domain": v.domain(), "title": title, "version": Version, "source_url": "https://github.com/mastodon/mastodon",
		"description": notice, "usage": map[string]any{"users": map[string]any{"active_month": len(v.Accounts)}},
		"thumbnail": map[string]any{"url": v.Base + "/avatars/sandbox.svg", "blurhash": nil, "versions": map[string]any{}},
		"icon":      []any{}, "languages": []string{"en"}, "configuration": configuration,
		"registrations": map[string]any{"enabled": false, "approval_required": false, "reason_required": false, "message": nil, "min_age": nil, "url": nil},
		"api_versions":  map[string]any{"mastodon": 7},
		"contact":       map[string]any{"email": "nobody@sandbox.invalid", "account": nil}, "rules": []any{}, "wrapstodon": nil,
	}
}

// notice says what the server is where other servers describe themselves.
const notice = "A sandbox: nothing posted here leaves this machine."

// InstanceV1 returns the answer of GET /api/v1/instance.
func (v View) InstanceV1(r Rules, title string) any {
	return map[string]any{
		"uri": v.domain(), "title": title, "short_description": notice, "description": notice, "email": "nobody@sandbox.invalid",
		"version": Version, "urls": map[string]string{},
		"stats":     map[string]any{"user_count": len(v.Accounts), "status_count": len(v.Ledger.Statuses("")), "domain_count": 0},
		"thumbnail": v.Base + "/avatars/sandbox.svg", "languages": []string{"en"}, "registrations": false, "approval_required": false,
		"invites_enabled": false, "configuration": r.configuration(), "contact_account": nil, "rules": []any{},
	}
}

// NodeInfo returns the answer of the document that /.well-known/nodeinfo names (http://nodeinfo.diaspora.software/).
func (v View) NodeInfo() any {
	return map[string]any{
		"version": "2.0", "software": map[string]any{"name": "mastodon", "version": Version}, "protocols": []string{"activitypub"},
		"services": map[string]any{"inbound": []any{}, "outbound": []any{}}, "openRegistrations": false,
		"usage":    map[string]any{"users": map[string]any{"total": len(v.Accounts)}, "localPosts": len(v.Ledger.Statuses(""))},
		"metadata": map[string]any{"sandbox": true},
	}
}

// domain returns the server's name as it would be after an account's second @.
func (v View) domain() string {
	u, err := url.Parse(v.Base)
	if err != nil {
		return v.Base
	}
	return u.Host
}

func sizeText(width, height int) string { return strconv.Itoa(width) + "x" + strconv.Itoa(height) }
