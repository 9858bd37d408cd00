package letterhead_test

import (
	"strings"
	"testing"

	"daymark/internal/org/notify/letterhead"
)

func TestASheetSaysTheSameAsTextAndAsAPage(t *testing.T) {
	t.Parallel()
	text, page, err := letterhead.Write(letterhead.Sheet{
		Heading: "Two matters", Words: []string{"Hello Ana."}, Button: letterhead.Link{Say: "All notices", URL: "https://example.org/notices"},
		Items: []letterhead.Item{{Mark: "Urgent", Say: "A post was missed.", When: "1 July", Link: letterhead.Link{Say: "Open it", URL: "https://example.org/posts/1"}}},
		Foot:  []string{"You asked for it."}, Settings: letterhead.Link{Say: "Choose", URL: "https://example.org/you/mail"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Two matters", "Hello Ana.", "All notices", "https://example.org/notices", "Urgent", "A post was missed.", "1 July", "https://example.org/posts/1", "You asked for it.", "https://example.org/you/mail"} {
		if !strings.Contains(text, want) || !strings.Contains(page, want) {
			t.Errorf("%q is in the text: %t, on the page: %t", want, strings.Contains(text, want), strings.Contains(page, want))
		}
	}
	if !strings.Contains(page, `<html lang="en" dir="ltr">`) || strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Errorf("the page is\n%s", page)
	}
}

func TestALetterInArabicRunsFromTheRight(t *testing.T) {
	t.Parallel()
	_, page, err := letterhead.Write(letterhead.Sheet{Language: "ar-EG", Heading: "مرحبا", Foot: []string{"x"}})
	if err != nil || !strings.Contains(page, `<html lang="ar-EG" dir="rtl">`) || !strings.Contains(page, "مرحبا") {
		t.Errorf("%v\n%s", err, page)
	}
}

func TestWhatPeopleWroteStaysWords(t *testing.T) {
	t.Parallel()
	evil := "<script>alert(1)</script>\"'>\r\n\r\nA line of its own"
	text, page, err := letterhead.Write(letterhead.Sheet{
		Heading: evil, Words: []string{evil}, Foot: []string{evil},
		Items: []letterhead.Item{{Mark: evil, Say: evil, When: evil, Link: letterhead.Link{Say: evil, URL: "https://example.org/\r\nhttps://evil.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page, "<script") || strings.Contains(text, "\nA line of its own") || strings.Contains(text+page, "evil.example") {
		t.Errorf("the text:\n%s\nthe page:\n%s", text, page)
	}
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", "https://a\"onclick=x"} {
		_, page, err := letterhead.Write(letterhead.Sheet{Heading: "x", Button: letterhead.Link{Say: "x", URL: address}, Settings: letterhead.Link{Say: "x", URL: address}})
		if err != nil || strings.Contains(page, "href") {
			t.Errorf("%s: %v\n%s", address, err, page)
		}
	}
}
