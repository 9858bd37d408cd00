// Package notify is the outbox: what Daymark has to write to people, kept in the database until a sender took it.
//
// A letter is queued in the transaction of what it tells of, so that there is a letter if and only if that was done, and is sent by
// a job afterwards: at least once, with the same Message-ID each time. Its words are sealed while it waits and gone when it ended,
// because they may hold a link that lets somebody in. The package knows no mail server, which the room smtp does, and does not
// decide who is told of what, which the room matter does.
package notify
