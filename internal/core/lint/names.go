package lint

import (
	"maps"
	"slices"

	"daymark/internal/core/lint/access"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/safety"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/lint/truth"
)

// checks are the checks of one post, by the names that rules use.
var checks = map[string]func(*prose.View) []subject.Hit{
	"unsourced_figure": truth.UnsourcedFigure,
	"figure_differs":   truth.FigureDiffers,
	"stale_fact":       truth.StaleFact,
	"fact_scope":       truth.FactScope,
	"wider_estimate":   truth.WiderEstimate,
	"detected_only":    truth.DetectedOnly,
	"wrong_weekday":    truth.WrongWeekday,
	"old_theme":        truth.OldTheme,

	"leftover_token":     safety.LeftoverToken,
	"no_helpline":        safety.NoHelpline,
	"helpline_unchecked": safety.HelplineUnchecked,
	"helpline_country":   safety.HelplineCountry,
	"no_content_note":    safety.NoContentNote,
	"link_host":          safety.LinkHost,
	"age_and_place":      safety.AgeAndPlace,
	"no_action":          safety.NoAction,
	"logo_asks_money":    safety.LogoAsksMoney,

	"no_alt":              access.NoAlt,
	"long_alt":            access.LongAlt,
	"tag_case":            access.TagCase,
	"tags_in_sentence":    access.TagsInSentence,
	"emoji":               access.Emoji,
	"fancy_letters":       access.FancyLetters,
	"reading_level":       access.ReadingLevel,
	"unexplained_acronym": access.UnexplainedAcronym,
	"no_language":         access.NoLanguage,
	"phone_format":        access.PhoneFormat,
	"too_many_tags":       access.TooManyTags,
	"unusual_tags":        access.UnusualTags,
	"too_long":            access.TooLong,
	"link_in_caption":     access.LinkInCaption,
}

// campaignChecks are the checks of a campaign as a whole.
var campaignChecks = map[string]func([]subject.Subject) []subject.Hit{
	"bleak_campaign": safety.BleakCampaign,
	"crowd":          access.Crowd,
}

// Checks returns the names of the checks that a rule may name, in order.
func Checks() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range checks {
			if !yield(name) {
				return
			}
		}
		for name := range campaignChecks {
			if !yield(name) {
				return
			}
		}
	})
}

// CampaignChecks returns the names of those checks that judge a campaign as a whole, in order.
func CampaignChecks() []string { return slices.Sorted(maps.Keys(campaignChecks)) }

// Conditions returns the names of the conditions that an asked rule may name, in order.
func Conditions() []string { return slices.Sorted(maps.Keys(conditions)) }
