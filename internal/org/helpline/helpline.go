// Package helpline keeps the helplines that posts may offer to a person in danger, and who checked them when.
//
// A number is shown only while a person's check of it holds: [Record.Holds]. [Choose] picks the helpline of a post; where there is
// none, the post says the sentence of [Emergency], which is true everywhere. A reporting line takes tips for the police and is
// never offered as support; an invented helpline is for the sandbox alone. The package calls nobody: checks are made by people
// and written down with [AddCheck]. What posts do when a number changes is decided above it; [Carriers] tells which ones show it.
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
