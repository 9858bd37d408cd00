// Package report puts what an edition reached into words, to be handed to trustees and funders: as a sheet of sections in one of the
// languages of the pages, and from that as a document (PDF) or a picture of the main figures (PNG).
//
// internal/flow/reach/handout reads what it says; internal/media/paper and poster set it. The package names no person, and does not know
// who may see what.
package report
