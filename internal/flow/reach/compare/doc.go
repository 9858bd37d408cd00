// Package compare holds what posts did against each other: messages, kinds, weekdays and hours of an edition; an edition against the
// one of another year, day by day of the campaign; and editions of a year side by side.
//
// It reads and never writes. Figures that no network tells stay nil; every comparison says of how many posts it is made. Whoever works
// on some accounts only gets the figures of those: callers give the accounts, nil for all. docs/reach.md and docs/metrics.md say what
// the figures mean.
package compare
