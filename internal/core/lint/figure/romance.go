package figure

import "regexp"

var french = &language{
	scale:       regexp.MustCompile(`^ ?(cent mille|mille|millions?|milliards?|mds|md|m|k)(?:$|[^\p{L}\p{N}])`),
	ratio:       regexp.MustCompile(`^(?: \p{L}+){0,2} sur (?:les )?`),
	looseRatio:  regexp.MustCompile(`^$`),
	notRatio:    regexp.MustCompile(`^ (?:semaines?|jours?|mois|heures?|étapes?)(?:$|[^\p{L}])`),
	times:       regexp.MustCompile(`^ fois (?:plus|moins|supérieure?s?|le|la)(?:$|[^\p{L}])`),
	notShare:    regexp.MustCompile(`^ ?(?:%|pour cent) (?:de réduction|de remise|engagé|coton|gratuit)`),
	numbered:    regexp.MustCompile(`(?:(?:^|[^\p{L}])(?:articles?|résolution|convention|directive|règlement|loi|décret|numéro|page|chapitre|étape|jour|appelez|appeler|composez|téléphone|tél|sms|au|le|partie|salle|bp)\.?|§|n°)[: ]+(?:n° ?)?\(?$`),
	dated:       regexp.MustCompile(`(?:^|[^\p{L}])(?:en|depuis|de|d'ici|avant|après|année|fin|début|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|et|à|l'an|entre|édition|pour)[ -]$`),
	people:      regexp.MustCompile(`^ (?:victimes?|personnes?|enfants?|femmes|filles|garçons|hommes|cas|signalements|appels|travailleurs|familles|migrants)(?:$|[^\p{L}])`),
	measured:    regexp.MustCompile(`^ ?(?:pas|mètres|m²|km|kilomètres|mots|caractères|mercis?|abonnés|,? ?(?:rue|avenue|boulevard|place|chemin))(?:$|[^\p{L}])`),
	idiom:       regexp.MustCompile(`^ (?:mercis?|fois|bravos?|raisons|excuses)(?:$|[^\p{L}])`),
	idiomBefore: regexp.MustCompile(`^$a`),
	about:       regexp.MustCompile(`(?:^|[^\p{L}])(?:environ|près de|près d'|presque|quelque|autour de|plus de|plus d'|moins de|au moins|jusqu'à|à peu près)(?: (?:us ?)?[$£€]? ?)?$`),
	phrases: []phrase{
		{gates: []string{"tiers"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:un|le)[ -]tiers (?:des?|d'|du)|(?:près d'un|environ un|plus d'un) tiers)`), not: regexp.MustCompile(`^ ?(?:confiance|lieu)`), shape: Share, value: 100.0 / 3},
		{gates: []string{"tiers"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:les )?deux[ -]tiers)(?:$|[^\p{L}])`), shape: Share, value: 200.0 / 3},
		{gates: []string{"quart"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:un|le)[ -]quart (?:des|de|du)|(?:près d'un|environ un|plus d'un) quart)(?:$|[^\p{L}'])`), not: regexp.MustCompile(`^ d'heure`), shape: Share, value: 25},
		{gates: []string{"quarts"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:les )?trois[ -]quarts (?:des|de|du))(?:$|[^\p{L}'])`), shape: Share, value: 75},
		{gates: []string{"moitié"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:la |près de la |plus de la )?moitié (?:des|de|d'|sont))`), not: regexp.MustCompile(`^ ?(?:la (?:journée|semaine|nuit|route)|l'année|prix|mois|temps)`), shape: Share, value: 50},
		{gates: []string{"milliers d", "millions d", "milliards d"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:centaines de |dizaines de )?(?:milliers|millions|milliards) (?:de|d'))`), not: regexp.MustCompile(`^ ?(?:kilomètres|mercis?|pas|mots)(?:$|[^\p{L}])`), shape: Vague},
	},
}

var spanish = &language{
	scale:       regexp.MustCompile(`^ ?(mil millones|cien mil|mil|millón|millones|billón|billones|m|k)(?:$|[^\p{L}\p{N}])`),
	ratio:       regexp.MustCompile(`^(?:(?: \p{L}+){0,2} (?:de|en|por) cada | de (?:entre )?)`),
	looseRatio:  regexp.MustCompile(`^ de (?:entre )?$`),
	notRatio:    regexp.MustCompile(`^ (?:semanas?|días?|meses|horas?|pasos?|de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre))(?:$|[^\p{L}])`),
	times:       regexp.MustCompile(`^ veces (?:más|menos|mayor|superior|la|el)(?:$|[^\p{L}])`),
	notShare:    regexp.MustCompile(`^ ?(?:%|por ciento) (?:de descuento|comprometid|algodón|gratis)`),
	numbered:    regexp.MustCompile(`(?:(?:^|[^\p{L}])(?:artículos?|resolución|convenio|directiva|reglamento|ley|decreto|número|núm|página|capítulo|paso|llama|llame|llamar|marca|marque|teléfono|tel|sms|al|parte|sala|(?:calle|avenida|avda|plaza|paseo|camino)(?: \p{L}+){1,3})\.?|§|n\.?º)[: ]+(?:n\.?º ?)?\(?$`),
	dated:       regexp.MustCompile(`(?:^|[^\p{L}])(?:en|desde|de|del|hasta|antes de|después de|año|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|y|a|entre|edición|para)[ -]$`),
	people:      regexp.MustCompile(`^ (?:víctimas?|personas?|niñ[oa]s|mujeres|hombres|menores|casos?|denuncias|llamadas|trabajador[ea]s|familias|migrantes)(?:$|[^\p{L}])`),
	measured:    regexp.MustCompile(`^ ?(?:pasos|metros|m²|km|kilómetros|palabras|caracteres|gracias|seguidores)(?:$|[^\p{L}])`),
	idiom:       regexp.MustCompile(`^ (?:gracias|veces|razones|disculpas|maneras)(?:$|[^\p{L}])`),
	idiomBefore: regexp.MustCompile(`^$a`),
	about:       regexp.MustCompile(`(?:^|[^\p{L}])(?:cerca de|casi|alrededor de|aproximadamente|unos|unas|más de|menos de|al menos|hasta|en torno a(?:l)?)(?: (?:el|un) | (?:us ?)?[$£€]? ?)?$`),
	phrases: []phrase{
		{gates: []string{"tercio", "tercera parte"}, find: regexp.MustCompile(`(?:^|[^\p{L}])(un tercio|(?:una|la) tercera parte)(?:$|[^\p{L}])`), shape: Share, value: 100.0 / 3},
		{gates: []string{"tercios"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:los )?dos tercios|(?:las )?dos terceras partes)(?:$|[^\p{L}])`), shape: Share, value: 200.0 / 3},
		{gates: []string{"cuarta parte", "un cuarto de"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:una|la) cuarta parte|un cuarto de)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:hora|kilo|litro|siglo|baño)`), shape: Share, value: 25},
		{gates: []string{"quinta parte"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:una|la) quinta parte)(?:$|[^\p{L}])`), shape: Share, value: 20},
		{gates: []string{"mitad de", "mitad son"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:la )?mitad (?:son|de (?:las|los|ell[ao]s|todas|todos|quienes|la población)))(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:casos de uso|días|semanas|meses)`), shape: Share, value: 50},
		{gates: []string{"miles de", "millones de"}, find: regexp.MustCompile(`(?:^|[^\p{L}])((?:cientos de |decenas de )?(?:miles|millones) de)(?:$|[^\p{L}])`), not: regexp.MustCompile(`^ (?:kilómetros|gracias|pasos|palabras|años|estrellas|luces)(?:$|[^\p{L}])`), shape: Vague},
	},
}
