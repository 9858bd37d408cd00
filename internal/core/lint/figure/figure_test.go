package figure_test

import (
	"math"
	"testing"

	"daymark/internal/core/lint/figure"
	"daymark/internal/core/lint/prose"
)

type said struct {
	shape figure.Shape
	value float64
}

func share(v float64) []said { return []said{{figure.Share, v}} }
func count(v float64) []said { return []said{{figure.Count, v}} }
func money(v float64) []said { return []said{{figure.Money, v}} }
func times(v float64) []said { return []said{{figure.Times, v}} }
func vague() []said          { return []said{{figure.Vague, 0}} }

func TestFiguresAreFoundInDigitsAndWords(t *testing.T) {
	t.Parallel()
	third := 100.0 / 3
	for _, tt := range []struct {
		language, text string
		want           []said
	}{
		{"en", "38% of detected victims are children.", share(38)},
		{"en", "38\u202f% of victims", share(38)},
		{"en", "38 per cent, or 38 percent", []said{{figure.Share, 38}, {figure.Share, 38}}},
		{"en", "Thirty-eight per cent of victims", share(38)},
		{"en", "sixty percent", share(60)},
		{"en", "up 2.5 percentage points", share(2.5)},
		{"en", "One in three victims is a child", share(third)},
		{"en", "1 in 4 people never ask", share(25)},
		{"en", "4 in 10", share(40)},
		{"en", "four out of ten", share(40)},
		{"en", "one child in three", share(third)},
		{"en", "one-in-three", share(third)},
		{"en", "4 of every 10 victims", share(40)},
		{"en", "one in\nthree", share(third)},
		{"en", "one 💙 in three", share(third)},
		{"en", "27.6 million people", count(27.6e6)},
		{"en", "27.6\u00a0million people", count(27.6e6)},
		{"en", "40m people are in slavery", count(40e6)},
		{"en", "two million children", count(2e6)},
		{"en", "ten thousand people", count(10e3)},
		{"en", "a $150bn trade", money(150e9)},
		{"en", "US$ 236 billion in profits", money(236e9)},
		{"en", "$150 billion industry", money(150e9)},
		{"en", "150 billion dollars", money(150e9)},
		{"en", "9 billion dollars a year", money(9e9)},
		{"en", "three times as many women", times(3)},
		{"en", "3 times more likely", times(3)},
		{"en", "twice as likely", times(2)},
		{"en", "10,793 victims were registered", count(10793)},
		{"en", "10 793 victims", count(10793)},
		{"en", "6,021 people", count(6021)},
		{"en", "2000 victims were found", count(2000)},
		{"en", "5400 cases", count(5400)},
		{"en", "a third of victims", share(third)},
		{"en", "almost one-third of trafficked persons", share(third)},
		{"en", "Two thirds are women", share(200.0 / 3)},
		{"en", "half of all victims", share(50)},
		{"en", "nearly half are children", share(50)},
		{"en", "a quarter of survivors", share(25)},
		{"en", "Three-quarters of them", share(75)},
		{"en", "thousands of victims", vague()},
		{"en", "hundreds of thousands of people", vague()},
		{"en", "100% of detected victims", share(100)},
		{"fr", "38 % des victimes", share(38)},
		{"fr", "38,5 % des victimes", share(38.5)},
		{"fr", "quatre-vingt-dix pour cent", share(90)},
		{"fr", "quarante-deux pour cent des victimes", share(42)},
		{"fr", "quatre victimes sur dix", share(40)},
		{"fr", "quatre sur dix", share(40)},
		{"fr", "une personne sur trois", share(third)},
		{"fr", "27,6 millions de personnes", count(27.6e6)},
		{"fr", "10 793 victimes", count(10793)},
		{"fr", "un tiers des victimes", share(third)},
		{"fr", "la moitié des victimes", share(50)},
		{"fr", "trois fois plus de risques", times(3)},
		{"fr", "236 milliards de dollars", money(236e9)},
		{"fr", "des milliers d’enfants", vague()},
		{"es", "El 38 % de las víctimas", share(38)},
		{"es", "el treinta y ocho por ciento", share(38)},
		{"es", "cuatro de cada diez", share(40)},
		{"es", "Una de cada tres víctimas", share(third)},
		{"es", "10.793 víctimas", count(10793)},
		{"es", "27,6 millones de personas", count(27.6e6)},
		{"es", "Tres millones de personas buscan ayuda.", count(3e6)},
		{"es", "un tercio de las víctimas", share(third)},
		{"es", "la mitad de las mujeres", share(50)},
		{"es", "tres veces más", times(3)},
		{"ar", "38% من الضحايا", share(38)},
		{"ar", "٣٨٪ من الضحايا", share(38)},
		{"ar", "٪٣٨ من الضحايا", share(38)},
		{"ar", "38 في المئة من الضحايا", share(38)},
		{"ar", "38 بالمائة من الضحايا", share(38)},
		{"ar", "ثمانية وثلاثون في المئة", share(38)},
		{"ar", "أربعة من كل عشرة ضحايا", share(40)},
		{"ar", "4 من كل 10", share(40)},
		{"ar", "27.6 مليون شخص", count(27.6e6)},
		{"ar", "٢٧٫٦ مليون شخص", count(27.6e6)},
		{"ar", "ثلث الضحايا أطفال", share(third)},
		{"ar", "نصف الضحايا نساء", share(50)},
		{"ar", "آلاف الضحايا", vague()},
		{"de", "38% der Opfer", share(38)},
	} {
		check(t, tt.language, tt.text, tt.want)
	}
}

func TestWhatIsNoStatisticIsLeft(t *testing.T) {
	t.Parallel()
	for language, texts := range map[string][]string{
		"en": {
			"", "World Day is on 30 July 2027.", "July 30, 2027", "30/07/2027", "2027-07-30", "In 2024 women led the walk.", "since 2013", "the class of 2027", "2024-25", "from 2019 to 2022",
			"Join us at 9:30 am, or 10.30 pm.", "9 in the morning", "at 1800 GMT", "Open 24/7.", "24 hours a day", "Call 1-888-373-7888.", "Call 08000 121 700 now.", "Families can call 116 000.", "+44 20 7946 0958", "(212) 555-0123", "Text 233733",
			"Give £5 a month.", "give $20 today", "Tickets cost $1,500.", "5 euros", "1,000 pounds", "the 1st of May", "our 10th year", "the 1,000th visitor", "article 3 of the Protocol", "Section 1000", "Resolution 68/192", "Directive 2011/36/EU", "Convention 182", "C189 and F02",
			"Three signs to know", "Two weeks to go", "one step", "5 ways to help", "aged 15", "a 14-year-old", "16 days", "COVID-19", "thanks a million", "A million thanks to you", "one in a million", "a thousand words", "a 5k run", "a 10k walk on Sunday", "2m apart", "10,000 steps a day",
			"half an hour", "a quarter of an hour", "half past nine", "the second half", "a third person", "thousands of miles", "20% off today", "We are 100% behind you.", "part 3 of 5", "Step 1 of 4", "(1 of 3)", "one in two weeks", "one of 3 languages", "12 Mill Road", "page 1500", "in 4 languages", "No. 1325", "two or three friends", "Number 1 in 2027", "Post 1234",
		},
		"fr": {
			"Le 30 juillet 2027 à 9 h 30", "à 18h", "depuis 2013", "en 2024 nous avons", "Appelez le 116 000.", "01 42 34 56 78", "Donnez 5 €.", "un don de 20 euros", "article 3 du Protocole", "24 heures sur 24", "7 jours sur 7", "trois signes", "Mille mercis", "un quart d'heure", "la moitié de la journée", "le 1er mai", "pour les moins de 18 ans", "un tiers de confiance", "deux semaines",
		},
		"es": {
			"El 30 de julio de 2027 a las 9:30", "desde 2013", "Llama al 116 000", "900 20 20 20", "Dona 5 euros", "artículo 3 del Protocolo", "24 horas", "tres señales", "mil gracias", "un cuarto de hora", "la mitad de la semana", "uno de los tres", "Faltan 2 semanas", "16 días",
		},
		"ar": {
			"في 30 يوليو 2027", "٣٠ يوليو ٢٠٢٧", "منذ عام 2013", "اتصل بالرقم 116 000", "المادة 3 من البروتوكول", "ثلاث علامات", "نصف ساعة", "ربع ساعة", "تبرع بـ 20 دولار", "الساعة 9:30", "16 يوما", "خمس طرق",
		},
	} {
		for _, text := range texts {
			check(t, language, text, nil)
		}
	}
}

func check(t *testing.T, language, text string, want []said) {
	t.Helper()
	f := prose.Fold(text, nil)
	got := figure.Find(f, language)
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = got[i].Shape == want[i].shape && math.Abs(got[i].Value-want[i].value) < 1e-6*(1+want[i].value)
	}
	if !ok {
		t.Errorf("%s %q: got %+v, want %v", language, text, got, want)
	}
}

func TestRoundedFiguresSaySo(t *testing.T) {
	t.Parallel()
	for text, language := range map[string]string{
		"about 40% of victims": "en", "nearly one in three": "en", "an estimated 27.6 million": "en", "environ 40 % des victimes": "fr", "cerca de 27 millones": "es", "نحو 40% من الضحايا": "ar",
	} {
		got := figure.Find(prose.Fold(text, nil), language)
		if len(got) != 1 || !got[0].About {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if got := figure.Find(prose.Fold("38% of victims", nil), "en"); len(got) != 1 || got[0].About {
		t.Errorf("%+v", got)
	}
}

func TestNumbersOfAValueAreAllRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]float64{
		"39/23/22/16": {39, 23, 22, 16}, "+25%": {25}, "x3": {3}, ">200,000": {200000}, "27.6 million": {27.6e6}, "138 million / 54 million": {138e6, 54e6}, "US$ 236 billion": {236e9}, "": nil,
	} {
		got := figure.Numbers(text, "en")
		if len(got) != len(want) {
			t.Errorf("%q: %v", text, got)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-6*want[i] {
				t.Errorf("%q: %v", text, got)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"38% of 1,000 in 3", "٣٨٪ من", "one in", "1,,2..3", "a million", "$", "quatre-vingt-", "% 5", "half of all 27.6 million"} {
		f.Add(s, "en")
		f.Add(s, "ar")
		f.Add(s, "fr")
	}
	f.Fuzz(func(t *testing.T, s, language string) {
		text := prose.Fold(s, nil)
		at := 0
		for _, fig := range figure.Find(text, language) {
			if fig.Start < at || fig.End <= fig.Start || fig.End > len(text.Plain) {
				t.Fatalf("%q: %+v", s, fig)
			}
			at = fig.End
		}
	})
}
