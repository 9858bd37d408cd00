// Package readback reads what went out back, once, and compares it with what was approved: the same, or what the network changed, or
// gone.
//
// It takes what went out lately by itself, half a minute later; any number of replicas may do so at the same time. It
// changes no delivery and removes nothing: a difference is told to the team, and people decide. What networks do to every
// post (short links, mark-up, white space) is no difference.
package readback
