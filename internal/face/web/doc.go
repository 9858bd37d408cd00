// Package web is Daymark in the browser: the routes with who may take them, sessions, and how a fault becomes a page.
//
// A handler decodes, calls one function of a flow or of a screen, and renders. The screens (folders planned, judged and sent)
// read and arrange, the package page holds the typed page structs and their templates, ui holds the sources of script and
// style, which "make ui" builds into built. Every page works without script; htmx only renews parts of it. The package
// decides nothing about posts and speaks to no network.
package web
