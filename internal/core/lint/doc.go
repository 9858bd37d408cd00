// Package lint judges the words of a post: whether they harm, whether their figures are true and sourced, whether everybody can
// read them, whether a network takes them.
//
// A [Rule] is data (campaigns/lint.yaml, read by internal/flow/campaign/rules): patterns with exceptions, or the name of a
// check written in Go, or a question that a person answers. A [Set] of rules judges a [Subject] and returns [Finding]s and
// [Question]s. The package changes no text and knows no database; who may waive a finding is decided above it.
package lint
