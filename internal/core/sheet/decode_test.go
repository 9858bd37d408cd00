package sheet_test

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"

	"github.com/google/go-cmp/cmp"
)

func TestFilesOfSpreadsheetsAreReadInTheLettersTheyAreWrittenIn(t *testing.T) {
	t.Parallel()
	const words = "nom;texte\r\nété;«Où?»\r\n"
	var little, big []byte
	for _, r := range words {
		little = append(little, byte(r), byte(r>>8))
		big = append(big, byte(r>>8), byte(r))
	}
	latin := make([]byte, 0, len(words))
	for _, r := range words {
		latin = append(latin, byte(r))
	}
	for name, tt := range map[string]struct {
		file []byte
		want sheet.Encoding
	}{
		"UTF-8":                                {[]byte(words), sheet.UTF8},
		"UTF-8 with a mark":                    {[]byte("\xef\xbb\xbf" + words), sheet.UTF8},
		"UTF-16, little end first":             {append([]byte("\xff\xfe"), little...), sheet.UTF16},
		"UTF-16, big end first":                {append([]byte("\xfe\xff"), big...), sheet.UTF16},
		"UTF-16 without a mark":                {little, sheet.UTF16},
		"UTF-16 without a mark, big end first": {big, sheet.UTF16},
		"Latin-1":                              {latin, sheet.Windows1252},
	} {
		got, as, err := sheet.Decode(tt.file, "")
		if err != nil || as != tt.want || strings.TrimPrefix(got, "\ufeff") != words {
			t.Errorf("%s: %q as %s, %v", name, got, as, err)
		}
	}
	if got, _, err := sheet.Decode([]byte("\x93\x80\x94"), ""); err != nil || got != "“€”" {
		t.Errorf("what Windows adds to Latin-1: %q, %v", got, err)
	}
	if got, _, err := sheet.Decode([]byte("\xe3\xd1\xcd\xc8\xc7"), sheet.Windows1256); err != nil || got != "مرحبا" {
		t.Errorf("Arabic: %q, %v", got, err)
	}
	for _, bad := range [][]byte{[]byte("a\x00b"), []byte("\x81\xff"), []byte("PK\x03\x04\x00\x00")} {
		if got, as, err := sheet.Decode(bad, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was read as %q in %s: %v", bad, got, as, err)
		}
	}
	if _, _, err := sheet.Decode([]byte("\xe9"), sheet.UTF8); !fault.Is(err, fault.Invalid) {
		t.Errorf("a byte that is no UTF-8: %v", err)
	}
}

func TestTheSignBetweenCellsIsRecognised(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][][]string{
		"a,b;c\n":                   {{"a", "b;c"}},
		"a;b,5;c\n1;2;3":            {{"a", "b,5", "c"}, {"1", "2", "3"}},
		"a\tb\n1\t2":                {{"a", "b"}, {"1", "2"}},
		"\"a;b;c;d\",e\n1,2":        {{"a;b;c;d", "e"}, {"1", "2"}},
		"sep=;\r\na,a,a;b\r\n":      {{"a,a,a", "b"}},
		"\ufeffa;b\n":               {{"a", "b"}},
		"one\ntwo":                  {{"one"}, {"two"}},
		"\"a\nb\";c\n'=1;\"x\"\"\"": {{"a\nb", "c"}, {"=1", `x"`}},
	} {
		sign, rest := sheet.Sign(text)
		got, err := sheet.ReadBy(rest, sign)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if _, err := sheet.ReadBy(`"a"b`, ';'); !strings.Contains(fault.Say(err), "a semicolon") {
		t.Errorf("a problem that names another sign: %v", err)
	}
}
