package subject

// Hit is what a check found: where, and in which words. What its rule says stands where Message or Suggestion is empty.
type Hit struct {
	Part       int    // from 0; -1 for the post as a whole
	Field      string // one of the fields below
	Picture    int    // for descriptions: which of the part's pictures, from 0
	Start, End int    // bytes of the field's text; both 0 for all of it
	Message    string
	Suggestion string
	Mild       bool // a warning where the rule's findings are errors: there is time to mend it
}

// The fields of a post that a hit may be about.
const (
	Text        = "text"
	Alt         = "alt"
	Hashtags    = "hashtags" // the list, as its tags stand side by side with one space between them
	ContentNote = "content_note"
	Facts       = "facts"
	Post        = "post"
)

// Most is how many findings of one rule there are in one text at most: enough to see that something is wrong all over it. A
// check that takes long may stop there.
const Most = 100

// Whole returns a hit about the post as a whole.
func Whole(message, suggestion string) Hit {
	return Hit{Part: -1, Field: Post, Message: message, Suggestion: suggestion}
}
