package entity_test

import (
	"testing"
	"time"

	"daymark/internal/platform/x/entity"
)

func TestSent(t *testing.T) {
	t.Parallel()
	links := []entity.Link{
		{URL: "https://t.co/a", Expanded: "https://example.org/?x=1&y=2"},
		{URL: "https://t.co/b", Expanded: "http://example.org"},
		{URL: "https://t.co/p", Expanded: "https://x.com/c/status/1/photo/1", MediaKey: "3_1"},
		{URL: "https://t.co/p", Expanded: "https://x.com/c/status/1/photo/1", MediaKey: "3_2"},
	}
	got := entity.Sent("A &amp; B &lt;c&gt; https://t.co/a, https://t.co/b https://t.co/p", links)
	if want := "A & B <c> https://example.org/?x=1&y=2, http://example.org"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := entity.Sent("https://t.co/p", links[2:3]); got != "" {
		t.Errorf("a picture alone: %q", got)
	}
	if got := entity.Sent("x https://t.co/v", []entity.Link{{URL: "https://t.co/v", Expanded: "https://twitter.com/c/status/1/video/1"}}); got != "x" {
		t.Errorf("version 1.1: %q", got)
	}
	if got := entity.Sent("&amp;lt;", nil); got != "&lt;" {
		t.Errorf("undone twice: %q", got)
	}
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"See example.org", "See http://example.org"},
		{"See https://example.org/", "See https://example.org"},
		{"caf\u00e9", "cafe\u0301"},
		{"a\r\nb ", "a\nb"},
	} {
		if !entity.Alike(pair[0], pair[1]) {
			t.Errorf("%q and %q are alike", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"One.", "One"}, {"See example.org/a", "See example.org/b"}, {"", "x"}} {
		if entity.Alike(pair[0], pair[1]) {
			t.Errorf("%q and %q are not alike", pair[0], pair[1])
		}
	}
}

func TestMade(t *testing.T) {
	t.Parallel()
	// The example of https://docs.x.com/fundamentals/x-ids.
	if got := entity.Made(1541815603606036480).Format(time.RFC3339); got != "2022-06-28T16:07:40Z" {
		t.Errorf("%s", got)
	}
}

func FuzzSent(f *testing.F) {
	f.Add("A &amp; https://t.co/a", "https://t.co/a", "https://example.org", "")
	f.Fuzz(func(_ *testing.T, text, url, expanded, key string) {
		entity.Sent(text, []entity.Link{{URL: url, Expanded: expanded, MediaKey: key}, {URL: url, Expanded: expanded}})
		entity.Alike(text, expanded)
	})
}
