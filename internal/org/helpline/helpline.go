// Package helpline says what a post offers to a person in danger.
//
// A helpline's number is shown only while a person's check of it is recent. Daymark keeps no checked helplines yet, so the
// {{helpline}} token is always filled with the emergency sentence, which is true everywhere; an unchecked number never is.
package helpline

import "strings"

// emergency is the sentence that stands in for a helpline when no number has been checked, in each language we ship.
var emergency = map[string]string{
	"en": "If someone is in danger now, call the local emergency number.",
	"fr": "En cas de danger immédiat, appelez le numéro d'urgence local.",
	"es": "Si alguien está en peligro ahora, llama al número de emergencias local.",
	"ar": "إذا كان أحد في خطر الآن، اتصلوا برقم الطوارئ المحلي.",
}

// Emergency returns the emergency sentence in a language, and false when there is none: then the text has to wait, because
// half a sentence in a foreign language helps nobody.
func Emergency(language string) (string, bool) {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	sentence, ok := emergency[base]
	return sentence, ok
}
