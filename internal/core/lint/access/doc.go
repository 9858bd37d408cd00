// Package access holds the checks for everybody who reads a post, screen readers and networks included: descriptions of pictures,
// hashtags, emoji, letters, hard sentences, and what a network takes.
//
// A check reads a [prose.View] and returns hits; which rule names it, and how grave it is, stands in the rules.
package access
