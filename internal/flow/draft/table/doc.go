// Package table is the part of step 3 of 7 that takes posts from a table, and writes posts as one: CSV, as spreadsheets save it.
//
// A row is one text of a post: a part, in one language, for all networks or for one. Rows with the same name of a post are one post. A
// file is read in three steps, so that a person can look before anything is kept: [Open] reads the cells, [Guess] says which column is
// what, [Read] makes posts of the rows with every problem by its row and column. [Write] keeps posts as if a person had written them in
// the editor, by the same code. [Export] writes what [Read] takes: a post comes back as it was, as far as a table holds it; facts,
// mentions and what a campaign file asks of its reviewers have no column.
package table

import (
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
	"daymark/internal/flow/draft/table/cell"
)

// What a file may be. More is no table that a person looks through.
const (
	MaxBytes   = 2 << 20
	MaxRows    = 2_000
	maxColumns = 60
)

// Column is what a column of a table holds.
type Column string

// The columns, in the order in which they are written.
const (
	Post      Column = "post"
	Part      Column = "part"
	Language  Column = "language"
	Network   Column = "network"
	Text      Column = "text"
	Date      Column = "date"
	Time      Column = "time"
	Zone      Column = "zone"
	Accounts  Column = "accounts"
	Note      Column = "content note"
	Sensitive Column = "sensitive"
	Hashtags  Column = "hashtags"
	Link      Column = "link"
	Picture   Column = "picture"
	Alt       Column = "alt text"
	Window    Column = "window"
)

// Columns lists the columns in the order in which they are written.
func Columns() []Column {
	return []Column{Post, Part, Language, Network, Text, Date, Time, Zone, Accounts, Note, Sensitive, Hashtags, Link, Picture, Alt, Window}
}

// names are what people call columns in English, French, Spanish and Arabic, as [cell.Known] writes them.
var names = map[Column][]string{
	Post:      {"post", "name", "message", "title", "nom", "titre", "publication", "nombre", "titulo", "publicacion", "mensaje", "الاسم", "المنشور", "العنوان"},
	Part:      {"part", "partie", "parte", "الجزء"},
	Language:  {"language", "lang", "locale", "langue", "idioma", "lengua", "اللغة", "لغة"},
	Network:   {"network", "platform", "reseau", "plateforme", "red", "plataforma", "الشبكة", "المنصة"},
	Text:      {"text", "copy", "caption", "body", "content", "texte", "contenu", "texto", "contenido", "النص", "نص"},
	Date:      {"date", "day", "jour", "fecha", "dia", "التاريخ", "اليوم", "تاريخ"},
	Time:      {"time", "clock", "hour", "heure", "hora", "الوقت", "الساعة", "وقت"},
	Zone:      {"zone", "time zone", "timezone", "fuseau", "fuseau horaire", "zona", "zona horaria", "huso horario", "المنطقة الزمنية"},
	Accounts:  {"accounts", "account", "channel", "channels", "handle", "compte", "comptes", "cuenta", "cuentas", "الحساب", "الحسابات"},
	Note:      {"content note", "content warning", "cw", "spoiler", "avertissement", "avertissement de contenu", "aviso", "aviso de contenido", "تنبيه المحتوى", "تنبيه"},
	Sensitive: {"sensitive", "sensible", "حساس"},
	Hashtags:  {"hashtags", "hashtag", "tags", "mots diese", "etiquetas", "الوسوم", "وسوم"},
	Link:      {"link", "url", "lien", "enlace", "الرابط", "رابط"},
	Picture:   {"picture", "image", "media", "photo", "imagen", "foto", "الصورة", "صورة"},
	Alt:       {"alt text", "alt", "image description", "texte alternatif", "description de l'image", "texto alternativo", "descripcion de la imagen", "النص البديل"},
	Window:    {"window", "minutes", "fenetre", "ventana", "المهلة"},
}

// File is the cells of a table.
type File struct {
	Encoding sheet.Encoding
	Sign     rune
	Header   []string
	Rows     [][]string // each as long as the header
}

// Open reads the cells of a file. An encoding that is not given is recognised.
func Open(file []byte, as sheet.Encoding) (File, error) {
	if len(file) > MaxBytes {
		return File{}, fault.New(fault.Invalid, "The file is larger than %d MB. Split it.", MaxBytes>>20)
	}
	text, as, err := sheet.Decode(file, as)
	if err != nil {
		return File{}, err
	}
	f := File{Encoding: as}
	if f.Sign, text = sheet.Sign(text); strings.Count(text, "\n") > 50*MaxRows {
		return f, tooMany()
	}
	records, err := sheet.ReadBy(text, f.Sign)
	if err != nil {
		return f, err
	}
	for len(records) > 0 && blank(records[len(records)-1]) {
		records = records[:len(records)-1]
	}
	switch {
	case len(records) < 2:
		return f, fault.New(fault.Invalid, "There are no rows in this file. It needs a line with the names of its columns, and a row for each text.")
	case len(records) > MaxRows+1:
		return f, tooMany()
	case len(records[0]) > maxColumns:
		return f, fault.New(fault.Invalid, "The file has more than %d columns.", maxColumns)
	}
	f.Header = records[0]
	for i, record := range records[1:] {
		if len(record) > len(f.Header) && !blank(record[len(f.Header):]) {
			return f, fault.New(fault.Invalid, "Row %d has more cells than there are names of columns. A text with a comma needs quotation marks around it.", i+2)
		}
		row := make([]string, len(f.Header))
		copy(row, record)
		f.Rows = append(f.Rows, row)
	}
	return f, nil
}

func tooMany() error {
	return fault.New(fault.Invalid, "The file has more than %d rows. Split it.", MaxRows)
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// Mapping says what each column of a file is; empty for one that is not taken.
type Mapping []Column

// Guess reads the names of columns in four languages. A name that is known goes to the first column that has it.
func Guess(header []string) Mapping {
	m := make(Mapping, len(header))
	for i, name := range header {
		for _, c := range Columns() {
			if slices.Contains(names[c], cell.Known(name)) && !slices.Contains(m, c) {
				m[i] = c
			}
		}
	}
	return m
}

// Check returns what is wrong with a mapping of a file, or nil.
func (m Mapping) Check(f File) error {
	if len(m) != len(f.Header) {
		return fault.New(fault.Conflict, "The columns are those of another file. Upload it again.")
	}
	for _, c := range []Column{Text, Date} {
		if !slices.Contains(m, c) {
			return fault.New(fault.Invalid, "Say which column is the %s.", string(c))
		}
	}
	for i, c := range m {
		if c != "" && slices.Contains(m[:i], c) {
			return fault.New(fault.Invalid, "Two columns are said to be the %s.", string(c))
		}
		if c != "" && !slices.Contains(Columns(), c) {
			return fault.New(fault.Invalid, "There is no column %q.", string(c))
		}
	}
	return nil
}
