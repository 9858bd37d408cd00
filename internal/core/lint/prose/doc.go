// Package prose reads the text of a post as a careful reader does: typographic signs and their plain forms are the same, a line
// break or an emoji does not part a phrase, and what is no prose (links, tokens, names of accounts, hashtags) is set aside.
//
// It finds words, sentences and reading levels; it judges nothing. What it finds stands at byte offsets of the text as it was
// written.
package prose
