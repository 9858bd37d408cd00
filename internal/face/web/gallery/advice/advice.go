// Package advice says what could be better about what is said of a picture, before the rules of content judge it in a post.
//
// It looks for what people do most: the name of a file in place of a description, "image of", and more than anybody listens to.
package advice

import (
	"regexp"
	"unicode/utf8"

	"daymark/internal/face/web/page"
)

// longAlt is from how many characters on a description is long to listen to, as in the rules of content (A11Y-003).
const longAlt = 250

var (
	// fileName is a text that is nothing but the name of a file.
	fileName = regexp.MustCompile(`(?i)^\S*[\w-]+\.(?:jpe?g|png|gif|webp|heic|tiff?|bmp)$|^(?:IMG|DSC|DCIM|PXL|Screenshot)[-_ ]?\d[\w-]*$`)
	// calledPicture is a beginning that says what screen readers say already.
	calledPicture = map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)^\s*(?:(?:an?|the|this) )?(?:image|photo(?:graph)?|picture|graphic|screenshot) (?:of|showing|shows)\b`),
		"fr": regexp.MustCompile(`(?i)^\s*(?:une |un |l['’]|le |la )?(?:image|photo(?:graphie)?|illustration) (?:de |du |des |d['’]|montrant)`),
		"es": regexp.MustCompile(`(?i)^\s*(?:una? |la |el )?(?:imagen|foto(?:grafía)?|ilustración) (?:de|del|que muestra)\b`),
		"ar": regexp.MustCompile(`^\s*(?:صورة|رسم) (?:ل\S|تظهر|تُظهر|عن|من)`),
	}
)

// Of returns what could be better about a description in a language, a sentence each.
func Of(words page.Words, language, text string) []string {
	var list []string
	if fileName.MatchString(text) {
		list = append(list, words.T("pictures.advice.file"))
	}
	if begins := calledPicture[language]; begins != nil && begins.MatchString(text) {
		list = append(list, words.T("pictures.advice.image"))
	}
	if n := utf8.RuneCountInString(text); n > longAlt {
		list = append(list, words.T("pictures.advice.long", n))
	}
	return list
}
