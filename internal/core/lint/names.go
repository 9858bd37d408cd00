package lint

import (
	"maps"
	"slices"
)

// Checks returns the names of the checks that a rule may name, in order.
func Checks() []string { return slices.Sorted(maps.Keys(checkNames)) }

// Conditions returns the names of the conditions that an asked rule may name, in order.
func Conditions() []string { return slices.Sorted(maps.Keys(conditionNames)) }

var checkNames = names("unsourced_figure", "figure_differs", "stale_fact", "fact_scope", "wider_estimate", "detected_only",
	"leftover_token", "wrong_weekday", "old_theme", "no_helpline", "helpline_unchecked", "helpline_country", "no_content_note",
	"link_host", "age_and_place", "no_alt", "long_alt", "tag_case", "tags_in_sentence", "emoji", "fancy_letters", "reading_level",
	"unexplained_acronym", "no_language", "phone_format", "too_many_tags", "unusual_tags", "too_long", "link_in_caption",
	"bleak_campaign", "crowd", "no_action")

var conditionNames = names("has_picture", "is_sensitive", "has_quote", "asks_money")

func names(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range list {
		m[n] = true
	}
	return m
}
