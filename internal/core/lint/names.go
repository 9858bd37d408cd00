package lint

import (
	"maps"
	"slices"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/safety"
	"daymark/internal/core/lint/subject"
)

// checks are the checks of one post, by the names that rules use.
var checks = map[string]func(*prose.View) []subject.Hit{
	"no_helpline":        safety.NoHelpline,
	"helpline_unchecked": safety.HelplineUnchecked,
	"helpline_country":   safety.HelplineCountry,
	"no_content_note":    safety.NoContentNote,
	"leftover_token":     safety.LeftoverToken,
	"link_host":          safety.LinkHost,
	"age_and_place":      safety.AgeAndPlace,
}

// campaignChecks are the checks of a campaign as a whole.
var campaignChecks = map[string]func([]subject.Subject) []subject.Hit{}

var checkNames = names("unsourced_figure", "figure_differs", "stale_fact", "fact_scope", "wider_estimate", "detected_only",
	"leftover_token", "wrong_weekday", "old_theme", "no_helpline", "helpline_unchecked", "helpline_country", "no_content_note",
	"link_host", "age_and_place", "no_alt", "long_alt", "tag_case", "tags_in_sentence", "emoji", "fancy_letters", "reading_level",
	"unexplained_acronym", "no_language", "phone_format", "too_many_tags", "unusual_tags", "too_long", "link_in_caption",
	"bleak_campaign", "crowd", "no_action")

// Checks returns the names of the checks that a rule may name, in order.
func Checks() []string { return slices.Sorted(maps.Keys(checkNames)) }

// Conditions returns the names of the conditions that an asked rule may name, in order.
func Conditions() []string { return slices.Sorted(maps.Keys(conditions)) }

func names(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range list {
		m[n] = true
	}
	return m
}
