package decide

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
)

func TestALinkNamesThePostWhereItHasTheNetworksForm(t *testing.T) {
	t.Parallel()
	mastodon := Waiting{Network: platform.Mastodon, Address: "https://social.test", Handle: "@hope@social.test"}
	x := Waiting{Network: platform.X, Address: "https://api.x.com", Handle: "@hope"}
	bluesky := Waiting{Network: platform.Bluesky, Address: "https://pds.test", Handle: "@hope.test", Remote: "did:plc:abc"}
	sandbox := Waiting{Network: platform.X, Address: "http://127.0.0.1:4003", Handle: "@hope", Sandbox: true}
	for _, c := range []struct {
		at         Waiting
		link, want string // the id, or a part of the refusal
	}{
		{mastodon, "https://social.test/@hope/11498", "11498"},
		{mastodon, " https://SOCIAL.test/@Hope/11498?x=1#y ", "11498"},
		{mastodon, "https://social.test/@hope/statuses/01J2ABC", "01J2ABC"},
		{mastodon, "https://social.test/users/hope/statuses/11498", "11498"},
		{mastodon, "https://social.test/notice/AbC", "https://social.test/notice/AbC"},
		{mastodon, "https://social.test/@other/11498", "a post of other"},
		{mastodon, "https://social.test/@hope@elsewhere.test/1", "a post of hope@elsewhere.test"},
		{mastodon, "https://evil.test/@hope/1", "leads to evil.test"},
		{mastodon, "https://social.test.evil.test/@hope/1", "leads to social.test.evil.test"},
		{mastodon, "https://social.test@evil.test/@hope/1", "no link"},
		{mastodon, "http://social.test/@hope/1", "https://"},
		{mastodon, "javascript:alert(1)", "no link"},
		{mastodon, "javascript://social.test/%0aalert(1)", "https://"},
		{mastodon, "", "Copy the link"},
		{mastodon, "social.test/@hope/1", "no link"},
		{mastodon, "https://social.test/" + strings.Repeat("x", 2000), "no link"},
		{mastodon, "https://social.test/a\x00b", "no link"},
		{x, "https://x.com/hope/status/1811", "1811"},
		{x, "https://twitter.com/Hope/status/1811?s=20", "1811"},
		{x, "https://x.com/i/status/1811", "1811"},
		{x, "https://x.com/hope/status/18a", "https://x.com/hope/status/18a"},
		{x, "https://x.com/other/status/1811", "a post of other"},
		{x, "https://api.x.com/hope/status/1", "leads to api.x.com"},
		{bluesky, "https://bsky.app/profile/hope.test/post/3kxyz", "3kxyz"},
		{bluesky, "https://bsky.app/profile/did:plc:abc/post/3kxyz", "3kxyz"},
		{bluesky, "https://bsky.app/profile/did:plc:other/post/3kxyz", "a post of did:plc:other"},
		{sandbox, "http://127.0.0.1:4003/hope/status/7", "7"},
		{sandbox, "http://127.0.0.1:4004/hope/status/7", "leads to 127.0.0.1:4004"},
	} {
		got, err := read(c.at, c.link)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || len(fault.Problems(err)) != 1 || !strings.Contains(fault.Problems(err)[0].Message, c.want) {
				t.Errorf("%q: %v, want %q", c.link, err, c.want)
			}
			continue
		}
		if got.id != c.want || strings.Contains(got.url, "?x") {
			t.Errorf("%q: %+v, want %q", c.link, got, c.want)
		}
	}
	if got, _ := read(bluesky, "https://bsky.app/profile/hope.test/post/3kxyz"); got.uri != "at://did:plc:abc/app.bsky.feed.post/3kxyz" {
		t.Errorf("the record is %s", got.uri)
	}
}
