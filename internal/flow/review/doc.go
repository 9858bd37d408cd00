// Package review is step 4 of 7: takes posts whose words are ready, leaves approved deliveries in the queue, next is dispatch.
//
// Submitting a post fills its tokens and freezes, for each language, a submission with one release for each place it goes
// to. Reviewers see those releases and nothing else, give a verdict, and when the verdicts satisfy the submission's frozen
// policy the deliveries are scheduled in the same transaction. An edit, a withdrawal or a request for changes undoes that;
// the database does it, so no path around this package exists. The package sends nothing and asks no network.
package review
