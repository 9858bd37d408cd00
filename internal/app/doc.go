// Package app builds Daymark from its rooms, runs it and stops it in order.
//
// [Open] opens the database (a private one in the data folder, or the one of DATABASE_URL), brings its schema up to date and
// reads the key and the sending licence; every command that needs a database begins so. [App.Serve] runs the daemon on top:
// pages, dispatcher and collector. [Demo] is the daemon with sandbox networks and people to try it with. It is the one
// package, with cli, that reads the operating system's clock; it holds no rule of its own.
package app
