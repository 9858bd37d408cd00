// Package post holds the nouns of a post's life and the rules between them: the source that people write, the final content
// that reviewers see and networks get, the states of a delivery and which change of state is legal.
//
// Everything here is pure: no database, no clock, no network. The table of legal changes is mirrored by a trigger in the
// database (migrations/00003_dispatch.sql) and one test holds the two together. Bodies of revisions and releases are
// canonical JSON, so that the same content always has the same hash.
package post
