// Package reach is step 7 of 7: takes the newest counts of each delivery, leaves what an edition reached, as a [Report] for
// a page and as a table, JSON or CSV for people who take it further.
//
// It reads and never writes. A figure that no network tells stays nil and is shown as not reported; a total over networks of
// which some do not tell it names them. docs/metrics.md says what each figure means.
package reach
