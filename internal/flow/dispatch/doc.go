// Package dispatch is step 5 of 7: takes approved deliveries from the queue at their instant, leaves them published (or failed,
// missed, or held for a person) with one copy each at the network, next is engagement.
//
// The order of things is what makes a post go out once: a row is claimed under a lease and a fence; media are prepared,
// which is harmless; the attempt is written down and committed; only then is the network called; then the outcome is
// written. A worker that dies in between leaves a row that says how far it came. What was claimed goes back to the queue;
// what was being sent becomes unknown, and the network is asked until it is found, or is proved absent, or a person decides.
// Nothing is ever sent again because a clock ran out.
//
// Instants of posts are product time; leases and the settling time are the database's real time. The package does not
// approve, does not plan, and knows no network by name.
package dispatch
