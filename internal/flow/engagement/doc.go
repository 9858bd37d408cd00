// Package engagement is step 6 of 7: takes what is published, leaves the counts that the networks tell about it, next is
// reach.
//
// A [Collector] keeps one row in polls for each published delivery, which says when its network is asked next: densely on
// the day, ever more rarely for a year ([Schedule]). What a network answers is kept as it came (room ledger): a row in snapshots
// for each change and the newest in latest_counts. A count that a network does not tell is NULL, never zero. Figures that a person
// enters ([Enter]) hold against later answers. What was gained by day is kept in the same transaction (room rollup). The package
// does not publish, does not add up an edition, and does not know how a network is spoken to.
package engagement
