// Package linked is the pages of review by link: the page that somebody without an account reads and decides on ([Site]), and the
// pages where admins and safeguarding leads name outside reviewers and make links ([Desk]).
//
// The site stands beside the pages for people with an account: it knows nobody's session, a GET to it changes no row, and what lets
// somebody decide is a short-lived cookie that is good for one link. What a link may do is said by internal/flow/review/link.
package linked
