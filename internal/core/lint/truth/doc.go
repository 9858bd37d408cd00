// Package truth holds the checks of what a post states: figures have a source and are those of the fact that is named, facts are
// fresh and used within their scope, weekdays fit their dates, and themes are of the right year.
//
// A check reads a [prose.View] and returns hits; which rule names it, and how grave it is, stands in the rules.
package truth
