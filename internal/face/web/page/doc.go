// Package page is what the browser shows: one typed struct a page, its template, and the words of the interface.
//
// A page struct holds everything its template needs, already decided and already formatted; a template never computes, never
// reads the database and never sees a map. Texts that people wrote carry their language and direction as [Text]. The
// package knows no handlers, no sessions and no SQL.
package page
