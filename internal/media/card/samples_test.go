package card

import "daymark/internal/core/civil"

// say is one sentence in the languages of Daymark's pages.
type say struct{ en, fr, es, ar string }

func (s say) in(tag string) string {
	return map[string]string{"en": s.en, "fr": s.fr, "es": s.es, "ar": s.ar}[tag]
}

var (
	dayName = say{"World Day against Trafficking in Persons", "Journée mondiale de la lutte contre la traite", "Día Mundial contra la Trata", "اليوم العالمي لمكافحة الاتجار بالأشخاص"}
	fact    = say{"38% of detected victims are children.", "38 % des victimes détectées sont des enfants.", "El 38 % de las víctimas detectadas son menores de edad.", "38% من الضحايا المكتشفين أطفال."}
	cite    = say{"UNODC, Global Report 2024", "ONUDC, rapport mondial 2024", "UNODC, informe mundial 2024", "مكتب الأمم المتحدة المعني بالمخدرات والجريمة، التقرير العالمي 2024"}
	what    = say{"What is human trafficking?", "La traite, c’est quoi ?", "¿Qué es la trata?", "ما الاتجار بالأشخاص؟"}
	law     = say{"UN Trafficking in Persons Protocol, article 3", "Protocole de l’ONU sur la traite, article 3", "Protocolo de la ONU contra la trata, artículo 3", "بروتوكول الأمم المتحدة لمنع الاتجار بالأشخاص، المادة 3"}
	parts   = [3][2]say{
		{{"What is done", "L’acte", "Qué se hace", "الفعل"}, {"Someone is recruited or moved,", "Recruter ou déplacer une personne,", "Captar o trasladar a una persona,", "تجنيد شخص أو نقله،"}},
		{{"How", "Le moyen", "Cómo", "الوسيلة"}, {"by force, lies or abuse of need,", "par la force, la tromperie ou l’abus de sa situation,", "con fuerza, engaño o abuso de su necesidad,", "بالقوة أو الخداع أو استغلال حاجته،"}},
		{{"What for", "Le but", "Para qué", "الغرض"}, {"to be exploited. For children, no force has to be shown.", "pour l’exploiter. Pour un enfant, inutile de prouver la contrainte.", "para explotarla. Si es menor, no hace falta probar la fuerza.", "بغرض استغلاله. وفي حالة الطفل لا يلزم إثبات القوة."}},
	}
	quote    = say{"Somebody asked me how I was, and waited for the answer. That is where it began to end.", "Quelqu’un m’a demandé comment j’allais, et a attendu la réponse. C’est là que tout a commencé à finir.", "Alguien me preguntó cómo estaba y esperó la respuesta. Ahí empezó a terminar.", "سألني أحدهم كيف حالي وانتظر الجواب. عندها بدأ الأمر ينتهي."}
	who      = say{"Amina, who chose this name", "Amina, qui a choisi ce nom", "Amina, que eligió este nombre", "أمينة، وهو اسم اختارته"}
	helpline = say{"Modern Slavery & Exploitation Helpline", "Ligne d’aide contre l’esclavage moderne", "Línea de ayuda contra la esclavitud moderna", "خط المساعدة لضحايا الرق الحديث"}
	hours    = say{"365 days a year, free", "365 jours par an, gratuit", "Los 365 días del año, gratis", "365 يومًا في السنة، مجانًا"}
	danger   = say{"In danger now? Call the police.", "En danger immédiat ? Appelez la police.", "¿Peligro ahora? Llama a la policía.", "هل أنتم في خطر الآن؟ اتصلوا بالشرطة."}
	todo     = say{"Three things to do on 30 July", "Trois gestes pour le 30 juillet", "Tres cosas para el 30 de julio", "ثلاثة أشياء ليوم 30 تموز/يوليو"}
	steps3   = [3]say{
		{"Show a blue heart.", "Montrez un cœur bleu.", "Muestra un corazón azul.", "أظهروا قلبًا أزرق."},
		{"Share one fact with its source.", "Partagez un fait avec sa source.", "Comparte un dato con su fuente.", "شاركوا معلومة مع مصدرها."},
		{"Say where to find help.", "Dites où trouver de l’aide.", "Di dónde encontrar ayuda.", "اذكروا أين يمكن طلب المساعدة."},
	}
	thanks = say{"To everyone who listened, shared and stood beside people who were trafficked.", "À toutes celles et ceux qui ont écouté, partagé et soutenu les victimes de la traite.", "A quienes escucharon, compartieron y acompañaron a las víctimas de la trata.", "لكل من أصغى وشارك ووقف إلى جانب ضحايا الاتجار بالأشخاص."}
	signs  = say{"Signs that somebody may need help", "Des signes que quelqu’un a besoin d’aide", "Señales de que alguien necesita ayuda", "علامات على أن شخصًا قد يحتاج إلى المساعدة"}
)

// sample is one card of each template, as a charity would make it.
func sample(template, tag, format string) Card {
	c := Card{Template: template, Language: tag, Format: format, Org: "Harbour Light"}
	switch template {
	case "date":
		c.Day, c.Title = civil.Date{Year: 2027, Month: 7, Day: 30}, dayName.in(tag)
	case "fact":
		c.Value, c.Text, c.Source, c.Number, c.Of = "38%", fact.in(tag), cite.in(tag), 2, 12
	case "definition":
		c.Title, c.Source = what.in(tag), law.in(tag)
		for _, p := range parts {
			c.Items = append(c.Items, Item{p[0].in(tag), p[1].in(tag)})
		}
	case "quote":
		c.Text, c.By, c.Consented = quote.in(tag), who.in(tag), true
	case "helpline":
		c.Name, c.Phone, c.Hours, c.Text = helpline.in(tag), "08000 121 700", hours.in(tag), danger.in(tag)
	case "countdown":
		c.Days, c.Title, c.Day = 14, dayName.in(tag), civil.Date{Year: 2027, Month: 7, Day: 30}
	case "steps":
		c.Title = todo.in(tag)
		for _, s := range steps3 {
			c.Items = append(c.Items, Item{Text: s.in(tag)})
		}
	case "thank-you":
		c.Text = thanks.in(tag)
	case "series":
		c.Number, c.Of, c.Title = 3, 12, signs.in(tag)
	}
	return c
}

var (
	fourLanguages = []string{"en", "fr", "es", "ar"}
	allTemplates  = []string{"date", "fact", "definition", "quote", "helpline", "countdown", "steps", "thank-you", "series"}
	allFormats    = []string{"1:1", "4:5", "16:9", "9:16", "header"}
)
