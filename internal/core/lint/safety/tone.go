package safety

import (
	"fmt"
	"regexp"
	"strings"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// A campaign is bleak with more than 60 % of its posts on harm and fewer than 20 % on help, hope or action. The shares are ours;
// that campaigns need hope is from https://ncfy.acf.hhs.gov/news/2015/01/human-trafficking-public-outreach-campaigns.
const (
	bleakHarm = 0.6
	bleakHope = 0.2
	fewPosts  = 5 // shares of fewer posts say nothing
)

// hopeful are kinds of message that speak of help, hope or action.
var hopeful = regexp.MustCompile(`(?i)help|hope|thank|action|resource|pledge|event|story|volunt|toolkit|partner|learn`)

// BleakCampaign finds a campaign that is mostly about harm. Posts that say the same message in several languages or places count
// once.
func BleakCampaign(list []subject.Subject) []subject.Hit {
	seen := map[string]bool{}
	all, harm, hope := 0, 0, 0
	for _, s := range list {
		if s.Message != "" && seen[s.Message] {
			continue
		}
		seen[s.Message] = true
		all++
		switch {
		case s.CTA || hopeful.MatchString(s.Kind):
			hope++
		case s.Sensitive:
			harm++
		}
	}
	if all < fewPosts || float64(harm) <= bleakHarm*float64(all) || float64(hope) >= bleakHope*float64(all) {
		return nil
	}
	return []subject.Hit{subject.Whole(fmt.Sprintf("Of %d posts, %d are on harm and %d on help, hope or action.", all, harm, hope), "")}
}

// doing are words that ask the reader to do something.
var doing = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`(?i)(?:^|[.!?:;,"-] ?|\n|\band |\bplease |\bto )(?:call|text|save|share|learn|read|join|sign|give|donate|wear|ask|tell|talk|watch|visit|find|check|look|report|download|print|post|light|follow|listen|know|help|support|write|book|come|register|order|say|see|use|take|stand|walk|speak|remember|think|add|send|invite)\b`),
	"fr": regexp.MustCompile(`(?i)\p{L}{2,}ez(?:$|[^\p{L}])|(?:appelle|partage|rejoins|lis|signe|porte|demande|parle)(?:$|[^\p{L}])`),
	"es": regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:llam[ae]|guard[ae]|compart[ea]|aprend[ea]|le[ea]|únete|firm[ae]|don[ae]|llev[ae]|usa|use|pregunt[ae]|habl[ae]|mir[ae]|visit[ae]|busc[ae]|denunci[ae]|descarg[ae]|pon|haz|di|conoce|ayud[ae]|escucha|sigue)(?:n|d)?(?:$|[^\p{L}])`),
	"ar": regexp.MustCompile(`(?:^|[^\p{L}])(?:اتصل|اتصلوا|شارك|شاركوا|شاركونا|تعلم|تعلّم|تعرف|تعرفوا|اقرأ|اقرؤوا|انضم|انضموا|وقّع|وقع|تبرع|تبرعوا|ارتد|ارتدوا|اسأل|تحدث|تحدثوا|احفظ|احفظوا|ابحث|ساعد|ساعدوا|أبلغ|زوروا|استمع)(?:$|[^\p{L}])`),
}

// NoAction finds a post that asks nobody to do anything: no call to action, link, helpline or question, and no verb that asks.
// Only a post of which its kind is known is judged, and a thank-you needs no action.
func NoAction(v *prose.View) []subject.Hit {
	if v.Kind == "" || v.CTA || strings.Contains(strings.ToLower(v.Kind), "thank") || len(v.Helplines) > 0 {
		return nil
	}
	for _, p := range v.Parts {
		if len(p.Links) > 0 || len(p.Inserted) > 0 || len(text.Tokens(p.Text)) > 0 || strings.ContainsAny(p.Words.Plain, "?؟") {
			return nil
		}
		if re := doing[v.Base]; re == nil || re.MatchString(p.Words.Plain) {
			return nil
		}
	}
	return []subject.Hit{subject.Whole("", "")}
}
