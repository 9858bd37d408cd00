package phrase

// Alternatives returns the alternatives of a regular expression that stand side by side in it, in brackets no one: of "a|b(?:c|d)"
// these are "a" and "b(?:c|d)". Each of them needs fewer literals than all of them together, and so is run over fewer texts.
func Alternatives(find string) []string {
	var list []string
	depth, from, class := 0, 0, false
	for i := 0; i < len(find); i++ {
		switch c := find[i]; {
		case c == '\\' && i+1 < len(find) && find[i+1] == 'Q':
			return []string{find} // quoted text may have any sign
		case c == '\\':
			i++
		case class:
			if c == '[' && i+1 < len(find) && find[i+1] == ':' { // [:alpha:]
				return []string{find}
			}
			class = c != ']'
		case c == '[':
			class = true
			if i+1 < len(find) && find[i+1] == '^' {
				i++
			}
			if i+1 < len(find) && find[i+1] == ']' { // a bracket at the beginning is a sign of the class
				i++
			}
		case c == '(':
			if depth == 0 && i+2 < len(find) && find[i+1] == '?' && flags(find[i+2:]) {
				return []string{find} // (?i) holds for all that follows
			}
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			list = append(list, find[from:i])
			from = i + 1
		}
	}
	return append(list, find[from:])
}

// flags reports whether what follows "(?" sets flags for the rest of the pattern, such as "i)".
func flags(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ')':
			return true
		case c != '-' && (c < 'a' || c > 'z') && c != 'U':
			return false
		}
	}
	return false
}
