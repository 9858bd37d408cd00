// Package pagetest holds what tests of pages share: it renders a page with nothing in it and with texts that try to break out.
//
// It is test support and stands in no product code.
package pagetest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"daymark/internal/face/web/page"
)

// Nasty is what somebody might type to break a page.
const Nasty = `"><script>alert(1)</script>`

// Set parses the templates in English.
func Set(t testing.TB) *page.Set {
	t.Helper()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	s, err := page.NewSet(words, page.Assets{Script: "/static/app-1.js", Style: "/static/app-1.css", Icons: "/static/icons-1.svg"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// HTML renders a page.
func HTML(t testing.TB, p page.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Set(t).Render(&b, p); err != nil {
		t.Fatalf("%T: %v", p, err)
	}
	return b.String()
}

// Fill sets every field of a struct: texts to [Nasty], numbers to 2, lists to two elements. It leaves the name of the template.
func Fill(p page.Page) {
	template := page.Framed(p).Template
	fill(reflect.ValueOf(p).Elem())
	page.Framed(p).Template = template
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i))
		}
	case reflect.String:
		v.SetString(Nasty)
	case reflect.Int, reflect.Int64:
		v.SetInt(2)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// Renders checks that pages render with nothing and with everything, that no text comes through unescaped, and that none hides a
// field of its frame.
func Renders(t *testing.T, pages ...page.Page) {
	t.Helper()
	for _, p := range pages {
		t.Run(fmt.Sprintf("%T", p), func(t *testing.T) {
			for _, full := range []bool{false, true} {
				if full {
					Fill(p)
				}
				html := HTML(t, p)
				for _, unwanted := range []string{"<script>", "ZgotmplZ", " style=", " onclick=", "%!", "[frame.", "map["} {
					if strings.Contains(html, unwanted) {
						t.Errorf("full %v: the page has %q", full, unwanted)
					}
				}
				for _, wanted := range []string{`<html lang="en" dir="ltr">`, "<title>", `<main id="main"`, `class="skip"`, "</html>"} {
					if !strings.Contains(html, wanted) {
						t.Errorf("full %v: the page lacks %q", full, wanted)
					}
				}
			}
			frame, own := reflect.TypeFor[page.Frame](), reflect.TypeOf(p).Elem()
			for i := range own.NumField() {
				if name := own.Field(i).Name; name != "Frame" {
					if _, hidden := frame.FieldByName(name); hidden {
						t.Errorf("%s hides the frame's", name)
					}
				}
			}
		})
	}
}
