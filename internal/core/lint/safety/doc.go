// Package safety holds the checks that keep people safe: those in danger who read a post, those a post speaks of, and those
// who follow its links.
//
// A check reads a [prose.View] and returns hits; which rule names it, and how grave it is, stands in the rules.
package safety
