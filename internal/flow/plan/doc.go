// Package plan is step 2 of 7: takes a loaded campaign, a year and the connected channels, leaves posts with held deliveries
// in the book, next is draft.
//
// [Lay] is the pure half: which message goes where, in which language, at which instant. [Make] writes the result as an
// edition, adds what is missing and never touches the words of a post that is there. The package reads no files and
// approves nothing.
package plan
