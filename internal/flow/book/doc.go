// Package book is the book of posts: the one room that writes campaigns, editions, posts, revisions and releases, and the
// changes of deliveries that people cause.
//
// The steps of flow call it with a transaction and hand over to each other through what it has written. The idiom is always
// the same: lock the post, look, write with an audit entry, commit. What must never happen (an unapproved text in the queue,
// a release that is not what a reviewer saw) is refused by the database; book turns such a refusal into a sentence. It does
// not decide who may do what, does not plan, and does not talk to networks.
package book
