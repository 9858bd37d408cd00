// Package plan is step 2 of 7: takes a loaded campaign, a year and the connected channels, leaves posts with held deliveries
// in the book, next is draft.
//
// [Lay] is the pure half: which message goes where, in which language, at which instant. [Make] writes the result as an
// edition, and lets an edition that is there follow when its file, its date or its channels change: posts that nobody edited
// take the new words, the others are offered them, and what is out stays. Its folder conflict says what is odd about a plan,
// its folder zonedata moves what new zone data moved. The package reads no files and approves nothing.
package plan
