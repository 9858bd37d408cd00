// Package locale knows the languages that posts are written in: what people call them and which way they run.
//
// It holds no interface texts; those belong to the rooms that show them.
package locale

import "strings"

// names are the English names of the languages Daymark ships texts in.
var names = map[string]string{"en": "English", "fr": "French", "es": "Spanish", "ar": "Arabic"}

// rightToLeft lists the languages written from right to left (https://www.w3.org/International/questions/qa-scripts).
var rightToLeft = map[string]bool{"ar": true, "dv": true, "fa": true, "he": true, "ps": true, "sd": true, "ug": true, "ur": true, "yi": true}

// Name returns the English name of a language, or its code when there is none.
func Name(code string) string {
	if name, ok := names[base(code)]; ok {
		return name
	}
	return code
}

// Dir returns the value of HTML's dir attribute for a language: "rtl" or "ltr".
func Dir(code string) string {
	if rightToLeft[base(code)] {
		return "rtl"
	}
	return "ltr"
}

// In returns the text of a language: its own, else that of the language without its region, as "pt" for "pt-BR". There is no
// falling back to another language.
func In(texts map[string]string, code string) (string, bool) {
	if s, ok := texts[code]; ok {
		return s, true
	}
	s, ok := texts[base(code)]
	return s, ok
}

// base returns the language of a BCP 47 code such as "pt-BR".
func base(code string) string {
	first, _, _ := strings.Cut(strings.ToLower(code), "-")
	return first
}
