// Package charity has the commands about the charity itself: profile, helpline, user, pause, resume, licence, audit.
package charity
