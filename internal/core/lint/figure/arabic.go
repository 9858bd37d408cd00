package figure

import "regexp"

// Arabic hangs "and", "in", "for" and the article before a word; its vowel signs are gone when the text is folded.
var arabic = &language{
	scale:       regexp.MustCompile(`^ ?(مئة ألف|ألفا|ألف|الف|آلاف|مليونا|مليون|ملايين|مليارات|مليارا|مليار|تريليون|m|k|bn)(?:$|[^\p{L}\p{N}])`),
	ratio:       regexp.MustCompile(`^(?: \p{L}+){0,2} (?:من (?:بين )?(?:كل |أصل )?|في كل )`),
	looseRatio:  regexp.MustCompile(`^ من $`),
	notRatio:    regexp.MustCompile(`^ (?:أيام|أسابيع|أشهر|ساعات|يوما|لغات|خطوات|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|تموز|آب|تشرين|كانون|شباط|آذار|نيسان|أيار|حزيران|أيلول)`),
	times:       regexp.MustCompile(`^ (?:أضعاف|مرات أكثر|أمثال|مرة أكثر)`),
	notShare:    regexp.MustCompile(`^ ?% (?:خصم|تخفيض)`),
	numbered:    regexp.MustCompile(`(?:^|[^\p{L}])(?:المادة|مادة|القرار|قرار|الاتفاقية|اتفاقية|القانون|قانون|رقم|الرقم|بالرقم|بالرقم|على|صفحة|الفصل|اتصل|اتصلوا|هاتف|الخطوة)[: ]+\(?$`),
	dated:       regexp.MustCompile(`(?:^|[^\p{L}])(?:عام|العام|سنة|في|منذ|حتى|قبل|بعد|لعام|لسنة|بعام|بين|من|إلى|و|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|تموز|آب|تشرين الأول|تشرين الثاني)[ -]?$`),
	people:      regexp.MustCompile(`^ (?:ضحية|ضحايا|شخص|شخصا|أشخاص|طفل|طفلا|أطفال|امرأة|نساء|رجل|عامل|عاملا|حالة|بلاغ|بلاغا|مكالمة|أسرة)`),
	measured:    regexp.MustCompile(`^ ?(?:خطوة|متر|مترا|كيلومتر|كم|كلمة|شكر|متابع)`),
	idiom:       regexp.MustCompile(`^ (?:شكر|تحية|مرة|سبب)`),
	idiomBefore: regexp.MustCompile(`^$a`),
	about:       regexp.MustCompile(`(?:^|[^\p{L}])(?:و)?(?:نحو|حوالي|قرابة|ما يقارب|زهاء|تقريبا|أكثر من|أقل من|ما لا يقل عن|ما يقرب من) ?$`),
	phrases: []phrase{
		{gates: []string{"ثلث"}, find: regexp.MustCompile(`(?:^|[^\p{L}])([وبفل]?(?:ال)?ثلث)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:ساعة|الليل|يوم)`), shape: Share, value: 100.0 / 3},
		{gates: []string{"ثلثا", "ثلثي"}, find: regexp.MustCompile(`(?:^|[^\p{L}])([وبفل]?ثلث(?:ا|ي))(?:$|[^\p{L}])`), shape: Share, value: 200.0 / 3},
		{gates: []string{"ربع"}, find: regexp.MustCompile(`(?:^|[^\p{L}])([وبفل]?ربع)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:ساعة|قرن|يوم|سنوي)`), shape: Share, value: 25},
		{gates: []string{"نصف"}, find: regexp.MustCompile(`(?:^|[^\p{L}])([وبفل]?نصف)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:ساعة|يوم|ليلة|شهر|عام|سنة|الليل|النهار|دقيقة|السعر|الطريق|سنوي)`), shape: Share, value: 50},
		{gates: []string{"آلاف", "ملايين", "مليارات", "مئات الآلاف"}, find: regexp.MustCompile(`(?:^|[^\p{L}])([وبفل]?(?:مئات |عشرات )?(?:ال)?(?:آلاف|ملايين|مليارات))(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:الكيلومترات|الخطوات|الشكر)`), shape: Vague},
	},
}
