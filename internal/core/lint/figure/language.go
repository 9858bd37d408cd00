package figure

import "regexp"

// language is what a language says around a number. All is read in small letters and plain signs.
type language struct {
	scale       *regexp.Regexp // behind: million; the first group is the word
	ratio       *regexp.Regexp // behind: in, out of; a number follows
	looseRatio  *regexp.Regexp // of those, the words that count only before 10, 100 and 1000
	notRatio    *regexp.Regexp // behind a ratio that is none: one in two weeks
	times       *regexp.Regexp // behind: times as many
	notShare    *regexp.Regexp // behind a percentage that is none: 20% off
	numbered    *regexp.Regexp // before: article, resolution, call
	dated       *regexp.Regexp // before a year
	people      *regexp.Regexp // behind a number that counts
	measured    *regexp.Regexp // behind a number that is a length, a walk or a thank-you
	idiom       *regexp.Regexp // behind a scale: a million thanks
	idiomBefore *regexp.Regexp // before a scale: thanks a million
	about       *regexp.Regexp // before a number that is rounded
	phrases     []phrase
}

type phrase struct {
	gates []string       // one of which the text has
	find  *regexp.Regexp // the first group is the figure
	not   *regexp.Regexp // behind it when it is none
	shape Shape
	value float64
}

// What is the same in every language.
var (
	percent = regexp.MustCompile(`^(?: |-)?(?:%|percent(?:age points?)?\b|per ?-?cent\b|pct\b|pour ?cent\b|p\. ?100|por ?ciento\b|(?:ب|في )?ال?(?:مئة|مائة|مية)|بالمئة|بالمائة)`)
	of      = regexp.MustCompile(`^ (?:(?:of|de|des|del|are|were|is|sont|son|من) |d')`)
	money   = regexp.MustCompile(`(?:[$£€¥]|us ?\$|\b(?:usd|eur|gbp|chf|aud|cad)) ?$`)
	coins   = regexp.MustCompile(`^[ -]?(?:[$£€]|(?:us[- ])?dollars?\b|euros?\b|pounds?\b|usd\b|eur\b|gbp\b|pence\b|cents?\b|d'euros|de (?:dollars|dólares|euros|livres|libras)|dólares|libras|livres|دولار|يورو|جنيه|درهم|ريال)`)
	ordinal = regexp.MustCompile(`^(?:st|nd|rd|th|er|re|e|ème|eme|º|ª|°)(?:$|[^\p{L}])`)
	lengths = regexp.MustCompile(`^ ?(?:apart|away|from|tall|long|deep|wide|high|run|walk|race|swim|sprint|dash|relay|radius|hurdles|above|below|of you)\b|^²`)

	scales = map[string]float64{
		"hundred": 1e2, "thousand": 1e3, "thousands": 1e3, "k": 1e3, "mille": 1e3, "mil": 1e3, "ألف": 1e3, "الف": 1e3, "آلاف": 1e3, "ألفا": 1e3,
		"hundred thousand": 1e5, "cent mille": 1e5, "cien mil": 1e5, "مئة ألف": 1e5,
		"million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "mio": 1e6, "mln": 1e6, "millón": 1e6, "millones": 1e6, "مليون": 1e6, "ملايين": 1e6, "مليونا": 1e6,
		"billion": 1e9, "billions": 1e9, "bn": 1e9, "b": 1e9, "bln": 1e9, "milliard": 1e9, "milliards": 1e9, "md": 1e9, "mds": 1e9, "mil millones": 1e9, "مليار": 1e9, "مليارات": 1e9, "مليارا": 1e9,
		"trillion": 1e12, "tn": 1e12, "billón": 1e12, "billones": 1e12, "تريليون": 1e12,
	}

	// notNumbers are telephone numbers, dates, times, numbers of documents and "24/7". 116 and three digits are the European
	// numbers of social value (https://digital-strategy.ec.europa.eu/en/policies/116-helplines).
	notNumbers = []*regexp.Regexp{
		regexp.MustCompile(`(?:\+|\b00)[0-9][0-9 ()./-]{6,}[0-9]|\b0[0-9]{2,4}[ -][0-9][0-9 -]{3,}[0-9]|\b0[0-9](?:[ .-][0-9]{2}){4}\b|\b0[0-9]{6,}\b|\b1[ -]8[0-9]{2}[ -][0-9]{3}[ -][0-9]{4}\b|\(?\b[0-9]{3}\)?[ -][0-9]{3}[ -][0-9]{4}\b|\b116[ ]?[0-9]{3}\b|\b[0-9]{3} [0-9]{2} [0-9]{2} [0-9]{2}\b|\b[0-9]{2}(?: [0-9]{2}){3,}\b`),
		regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|\b[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}\b|\b(?:19|20)[0-9]{2} ?[-/] ?(?:19|20)?[0-9]{2}\b|\b[0-9]{1,4}/[0-9]{1,4}(?:/[0-9]+)*\b`),
		regexp.MustCompile(`\b[0-9]{1,2}(?::[0-9]{2}){1,2}\b|\b[0-9]{1,2} ?h(?: ?[0-9]{2})?\b|\b[0-9]{1,4} ?(?:am|pm|a\.m\.|p\.m\.|gmt|utc|cet|bst)(?:$|[^\p{L}])|\b[0-9]{1,2}\.[0-9]{2} ?(?:am|pm|uhr|h)\b`),
	}
)

var languages = map[string]*language{"en": english, "fr": french, "es": spanish, "ar": arabic}

var english = &language{
	scale:       regexp.MustCompile(`^[ -]?(hundred thousand|thousands?|millions?|billions?|trillion|mio|mln|mn|bln|bn|tn|m|b|k)\b`),
	ratio:       regexp.MustCompile(`^(?:(?: \p{L}+){0,2} (?:in|out of)(?: every| each)? |[ -](?:in)[ -]| of (?:every )?)`),
	looseRatio:  regexp.MustCompile(`^ of $`),
	notRatio:    regexp.MustCompile(`^[ -](?:weeks?|days?|hours?|months?|minutes?|languages?|countries|cities|parts?|steps?|ways?|posts?|places?|signs?|tips|things|stages|the|a\.?m|p\.?m)\b`),
	times:       regexp.MustCompile(`^[ -](?:times (?:as|more|higher|likelier|less|fewer|greater|lower|larger|the)|fold)\b`),
	notShare:    regexp.MustCompile(`^ ?(?:%|per ?cent|percent) (?:off|discount|sure|behind|committed|cotton|recycled|free|charged|battery|of (?:your|my|our|their) (?:heart|time|love|energy|effort|attention|gift|donation)|of (?:the |all )?(?:proceeds|profits|donations|funds|sales))\b`),
	numbered:    regexp.MustCompile(`(?:\b(?:articles?|section|sections|resolution|convention|directive|regulation|law|act|bill|no|number|nos|art|pages?|chapter|room|suite|box|protocol|part|step|day|post|sign|tip|question|reason|episode|call|text|dial|phone|ring|tel|whatsapp|(?:text|send|sms|write|fax)(?: [^ ]+){0,3} to|postcode|code|flight|bus|line|version|windows)\.?|§|n°)[: ]+(?:no\.? )?\(?$`),
	dated:       regexp.MustCompile(`\b(?:in|since|by|until|till|from|of|year|before|after|during|and|to|january|february|march|april|may|june|july|august|september|october|november|december|[0-9]{1,2},?|early|late|mid|back in|for|the|our|edition|day|between|around)[ -]$`),
	people:      regexp.MustCompile(`^(?: (?:detected|identified|potential|new|possible|more|other|trafficked|registered|missing|young|known))* (?:victims?|people|persons?|children|women|girls|boys|men|workers|survivors|cases?|reports?|calls?|referrals?|families|refugees|migrants|adults|kids|arrests?|convictions?|investigations?|prosecutions?)\b`),
	measured:    regexp.MustCompile(`^ ?(?:steps|metres|meters|km|kilometres|kilometers|miles|mile|feet|ft|yards|words|characters|pixels|px|calories|thanks|thank|words|ml|kg|followers|likes|run|walk|race|(?:\p{L}+ ){0,2}(?:street|road|avenue|lane|drive|boulevard))\b`),
	idiom:       regexp.MustCompile(`^ (?:thanks|thank|words|times|reasons|miles|dreams|stars|lights|smiles|ways)\b`),
	idiomBefore: regexp.MustCompile(`\b(?:thanks|one[ -]in|never in|not in|in)(?:[ -]a)?[ -]$`),
	about:       regexp.MustCompile(`\b(?:about|nearly|almost|around|roughly|approximately|some|over|more than|close to|just under|just over|under|less than|an estimated|at least|up to)(?: (?:us ?)?[$£€]? ?)?$`),
	phrases: []phrase{
		{gates: []string{"third"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:one[ -]third|a third of|(?:almost|nearly|about|over|around) a third))(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:a|an|the (?:way|time|night|day|price|cost)|cup|party)\b`), shape: Share, value: 100.0 / 3},
		{gates: []string{"thirds"}, find: regexp.MustCompile(`(?:^|[^\p{L}])(two[ -]thirds)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:of )?(?:a|the way|an|the price)\b`), shape: Share, value: 200.0 / 3},
		{gates: []string{"quarter"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:a|one)[ -]quarter of|(?:almost|nearly|about|over|around) a quarter)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:a|an|the (?:way|year|hour)|to|past|hour|mile)\b`), shape: Share, value: 25},
		{gates: []string{"three-quarters", "three quarters"}, find: regexp.MustCompile(`(?:^|[^\p{L}])(three[ -]quarters)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ of an?\b`), shape: Share, value: 75},
		{gates: []string{"fifth"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:a|one)[ -]fifth of)(?:$|[^\p{L}])`), shape: Share, value: 20},
		{gates: []string{"tenth"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:a|one)[ -]tenth of)(?:$|[^\p{L}])`), shape: Share, value: 10},
		{gates: []string{"half"}, find: regexp.MustCompile(`(?:^|[^\p{L}])(half(?: of)? (?:all|the (?:world|people|victims|children|women|girls|global|cases|detected|population|trafficked|survivors|workers)|those|them|detected|identified|victims|people|women|children|girls|boys|men|trafficked|workers|survivors|human(?:ity)?)|(?:nearly|almost|about|over|more than|less than|under|around) half)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^(?:-| (?:an?|past|hour|the (?:day|night|time|price|way|battle)|of an?|day|year|term|my|your|our|price|way)\b)`), shape: Share, value: 50},
		{gates: []string{"housands of", "illions of", "hundreds of", "tens of"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:tens of |hundreds of )?(?:thousands|millions|billions)(?: and (?:thousands|millions))? of)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:miles|kilomet(?:re|er)s|km|steps|words|years|thanks|lights|hearts|stars|candles|hours|ways)\b`), shape: Vague},
		{gates: []string{"twice", "double"}, find: regexp.MustCompile(`(?:^|[^\p{L}])(twice as (?:many|likely|much|high)|twice the number|double the number)(?:$|[^\p{L}])`), shape: Times, value: 2},
	},
}
