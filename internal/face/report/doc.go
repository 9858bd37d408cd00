// Package report puts what an edition reached into words, to be handed to trustees and funders: as a sheet of sections in one of the
// languages of the pages, and from that as a document (PDF) or a picture of the main figures (PNG).
//
// internal/flow/reach/handout reads what it says, internal/media/paper sets it. The package reads nothing itself and names no person.
package report
