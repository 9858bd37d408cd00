package prose

import "strings"

// numerals are the words for small numbers. Words for thousands and more are no numerals: they stand behind one.
var numerals = map[string]map[string]float64{
	"en": table("one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20 thirty=30 forty=40 fourty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred=100 a=1 an=1 every=1"),
	"fr": table("un=1 une=1 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 quatorze=14 quinze=15 seize=16 vingt=20 vingts=20 trente=30 quarante=40 cinquante=50 soixante=60 septante=70 huitante=80 nonante=90 cent=100 cents=100"),
	"es": table("un=1 uno=1 una=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 trece=13 catorce=14 quince=15 dieciséis=16 diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 veintiuno=21 veintiún=21 veintidós=22 veintitrés=23 veinticuatro=24 veinticinco=25 veintiséis=26 veintisiete=27 veintiocho=28 veintinueve=29 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 setenta=70 ochenta=80 noventa=90 cien=100 ciento=100"),
	"ar": table("واحد=1 واحدة=1 اثنان=2 اثنين=2 اثنتان=2 اثنتين=2 ثلاثة=3 ثلاث=3 أربعة=4 أربع=4 خمسة=5 خمس=5 ستة=6 ست=6 سبعة=7 سبع=7 ثمانية=8 ثماني=8 ثمان=8 تسعة=9 تسع=9 عشرة=10 عشر=10 عشرون=20 عشرين=20 ثلاثون=30 ثلاثين=30 أربعون=40 أربعين=40 خمسون=50 خمسين=50 ستون=60 ستين=60 سبعون=70 سبعين=70 ثمانون=80 ثمانين=80 تسعون=90 تسعين=90 مئة=100 مائة=100"),
}

func table(s string) map[string]float64 {
	m := map[string]float64{}
	for _, pair := range strings.Fields(s) {
		word, digits, _ := strings.Cut(pair, "=")
		n := 0.0
		for _, d := range digits {
			n = n*10 + float64(d-'0')
		}
		m[word] = n
	}
	return m
}

var joiners = map[string]string{"en": "and", "fr": "et", "es": "y"}

// Numeral reads the number in words at the beginning of a folded text in small letters: its value and how many bytes it takes,
// zero when there is none. It knows English, French, Spanish and Arabic up to 999.
func Numeral(s, base string) (value float64, size int) {
	list := numerals[base]
	if list == nil {
		return 0, 0
	}
	at, last := 0, 0.0
	for {
		word := s[at:]
		if end := strings.IndexFunc(word, func(r rune) bool { return !isLetter(r) }); end >= 0 {
			word = word[:end]
		}
		v, known := list[word]
		if !known && base == "ar" && size > 0 && strings.HasPrefix(word, "و") {
			v, known = list[strings.TrimPrefix(word, "و")]
		}
		if size > 0 && (word == "a" || word == "an" || word == "every") {
			known = false
		}
		switch {
		case known && v == 100 && size > 0 && last < 20:
			value *= 100
		case known && v == 20 && last == 4 && base == "fr":
			value += 76
		case known && (size == 0 || v < last || base == "ar"):
			value += v
		case !known && size > 0 && word != "" && word == joiners[base]:
			at += len(word)
			if at < len(s) && (s[at] == ' ' || s[at] == '-') {
				at++
				continue
			}
			return value, size
		default:
			return value, size
		}
		last = v
		at += len(word)
		size = at
		if at >= len(s) || (s[at] != ' ' && s[at] != '-') {
			return value, size
		}
		at++
	}
}
