package intake_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/media/intake"
)

// everything is what cameras and programs write beside a picture, each value with a word that must not be found again.
var everything = []string{
	"-GPSLatitude=36.8121", "-GPSLatitudeRef=S", "-GPSLongitude=174.7633", "-GPSLongitudeRef=E", "-XMP:GPSLatitude=36.8121",
	"-EXIF:Artist=SECRET artist", "-EXIF:Model=SECRET camera", "-EXIF:ImageDescription=SECRET words", "-EXIF:DateTimeOriginal=2026:07:30 10:00:00",
	"-EXIF:SerialNumber=SECRET number", "-XMP-dc:Creator=SECRET person", "-XMP-dc:Description=SECRET story", "-XMP-xmpMM:OriginalDocumentID=SECRET",
}

// structure are the groups in which exiftool says what it sees of a file that has nothing but pixels.
var structure = map[string]bool{"SourceFile": true, "ExifTool": true, "File": true, "Composite": true, "JFIF": true, "PNG": true, "GIF": true, "RIFF": true}

// drawn are the names in those groups that every such file has. Any other would be something that came along.
var drawn = strings.Fields(`ExifToolVersion FileName Directory FileSize FileModifyDate FileAccessDate FileInodeChangeDate FilePermissions FileType
	FileTypeExtension MIMEType ImageWidth ImageHeight EncodingProcess BitsPerSample ColorComponents YCbCrSubSampling JFIFVersion ResolutionUnit
	XResolution YResolution ImageSize Megapixels BitDepth ColorType Compression Filter Interlace Palette Transparency GIFVersion HasColorMap
	ColorResolutionDepth BitsPerPixel BackgroundColor AnimationIterations FrameCount Duration VP8Version HorizontalScale VerticalScale WebP_Flags
	AlphaPreprocessing AlphaFiltering AlphaCompression AlphaIsUsed SourceFile TransparentColor`)

// beside returns what exiftool finds in a picture that is not the picture.
func beside(t *testing.T, b []byte) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "exiftool", "-json", "-G", "-a", "-u", "-")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("exiftool, which scripts/setup --test installs: %v\n%s", err, out)
	}
	var files []map[string]any
	if err := json.Unmarshal(out, &files); err != nil || len(files) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	var found []string
	for key, value := range files[0] {
		group, name, _ := strings.Cut(key, ":")
		if name == "" {
			name = group
		}
		if !structure[group] || !slices.Contains(drawn, name) {
			found = append(found, fmt.Sprintf("%s = %v", key, value))
		}
	}
	return found
}

func TestNothingBesideThePictureIsLetIn(t *testing.T) {
	t.Parallel()
	press := append([]string{"-IPTC:By-line=SECRET press", "-IPTC:Caption-Abstract=SECRET caption", "-Comment=SECRET comment"}, everything...)
	for name, tt := range map[string]struct {
		src   []byte
		file  string
		args  []string
		kind  string
		notes []intake.Note
	}{
		"a JPEG": {
			asJPEG(t, quarter(48, 32)), "a.jpg", press, "image/jpeg",
			[]intake.Note{intake.NoteComment, intake.NoteExif, intake.NotePlace, intake.NoteIPTC, intake.NoteXMP},
		},
		"a JPEG that lies on its side": {
			asJPEG(t, quarter(48, 32)), "a.jpg", append([]string{"-n", "-Orientation=6"}, press...), "image/jpeg",
			[]intake.Note{intake.NoteComment, intake.NoteExif, intake.NotePlace, intake.NoteIPTC, intake.NoteTurned, intake.NoteXMP},
		},
		"a PNG": {
			asPNG(t, quarter(48, 32)), "a.png", append([]string{"-PNG:Comment=SECRET comment"}, everything...), "image/png",
			[]intake.Note{intake.NoteExif, intake.NotePlace, intake.NoteText, intake.NoteXMP},
		},
		"a GIF": {
			moving(t, 8, 8, 3), "a.gif",
			[]string{"-Comment=SECRET comment", "-XMP-dc:Creator=SECRET person", "-XMP:GPSLatitude=36.8121"},
			"image/gif",
			[]intake.Note{intake.NoteComment, intake.NoteXMP},
		},
		"a WebP":              {stored(t, "lossy"), "a.webp", everything, "image/webp", []intake.Note{intake.NoteExif, intake.NotePlace, intake.NoteXMP}},
		"a see-through WebP":  {stored(t, "lossy-alpha"), "a.webp", everything, "image/webp", []intake.Note{intake.NoteExif, intake.NotePlace, intake.NoteXMP}},
		"a WebP without loss": {stored(t, "lossless"), "a.webp", everything, "image/webp", []intake.Note{intake.NoteExif, intake.NotePlace, intake.NoteXMP}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := withExiftool(t, tt.src, tt.file, tt.args...)
			if len(beside(t, src)) == 0 || !bytes.Contains(src, []byte("SECRET")) {
				t.Fatal("there is nothing to be taken away")
			}
			got := take(t, src)
			if found := beside(t, got.Bytes); len(found) > 0 {
				t.Errorf("exiftool finds %v", found)
			}
			if bytes.Contains(got.Bytes, []byte("SECRET")) {
				t.Error("a secret came in")
			}
			if diff := cmp.Diff(tt.notes, got.Notes); diff != "" || got.Type != tt.kind {
				t.Errorf("%s, notes (-want +got):\n%s", got.Type, diff)
			}
			again := take(t, src)
			if !bytes.Equal(got.Bytes, again.Bytes) || got.SHA256 != again.SHA256 || len(got.SHA256) != 64 {
				t.Error("a second time it is another picture")
			}
			twice := take(t, got.Bytes)
			if len(twice.Notes) > 0 || twice.SHA256 != got.SHA256 {
				t.Errorf("what came in is changed when it comes in again: %v", twice.Notes)
			}
		})
	}
}

func TestThePixelsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	deep := image.NewNRGBA64(image.Rect(0, 0, 5, 3))
	for i := range deep.Pix {
		deep.Pix[i] = byte(i * 7)
	}
	few := image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.NRGBA{R: 200, A: 255}, color.NRGBA{}, color.NRGBA{G: 1, A: 90}})
	for i := range few.Pix {
		few.Pix[i] = byte(i % 3)
	}
	grey := image.NewGray(image.Rect(0, 0, 31, 17))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i)
	}
	for name, src := range map[string][]byte{
		"a JPEG":                 asJPEG(t, quarter(47, 33)),
		"a grey JPEG":            asJPEG(t, grey),
		"a JPEG behind fillings": slices.Concat([]byte("\xff\xd8\xff\xff"), asJPEG(t, quarter(20, 10))[3:]),
		"a PNG of 16 bits":       asPNG(t, deep),
		"a PNG of few colours":   asPNG(t, few),
		"a grey PNG":             asPNG(t, grey),
		"a GIF":                  moving(t, 9, 7, 1),
		"a WebP":                 stored(t, "lossy"),
		"a see-through WebP":     stored(t, "lossy-alpha"),
		"a WebP without loss":    stored(t, "lossless"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := take(t, src)
			want, is := decoded(t, src), decoded(t, got.Bytes)
			if want.Bounds() != is.Bounds() || got.Width != is.Bounds().Dx() || got.Height != is.Bounds().Dy() || got.Animated {
				t.Fatalf("%v became %v, said to be %d by %d", want.Bounds(), is.Bounds(), got.Width, got.Height)
			}
			for y := range got.Height {
				for x := range got.Width {
					if a, b := color.NRGBA64Model.Convert(want.At(x, y)), color.NRGBA64Model.Convert(is.At(x, y)); a != b {
						t.Fatalf("at %d, %d: %v became %v", x, y, a, b)
					}
				}
			}
		})
	}
}

func TestAMovingPictureMovesOn(t *testing.T) {
	t.Parallel()
	src := moving(t, 12, 8, 4)
	got := take(t, src)
	want, err := gif.DecodeAll(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	is, err := gif.DecodeAll(bytes.NewReader(got.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Animated || is.LoopCount != 3 || !slices.Equal(is.Delay, want.Delay) || !slices.Equal(is.Disposal, want.Disposal) || len(is.Image) != 4 {
		t.Errorf("animated %t, %d frames, times %v, ends %v, %d times again", got.Animated, len(is.Image), is.Delay, is.Disposal, is.LoopCount)
	}
	for i := range is.Image {
		if !bytes.Equal(is.Image[i].Pix, want.Image[i].Pix) {
			t.Errorf("frame %d is another", i)
		}
	}
}

// red returns in which quarter a picture is red.
func red(img image.Image) (where string) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	for _, at := range []struct {
		name string
		x, y int
	}{{"top left", w / 4, h / 4}, {"top right", w * 3 / 4, h / 4}, {"bottom left", w / 4, h * 3 / 4}, {"bottom right", w * 3 / 4, h * 3 / 4}} {
		if r, _, b, _ := img.At(at.x, at.y).RGBA(); r > 0x8000 && b < 0x8000 {
			where += at.name
		}
	}
	return where
}

func TestAPictureIsTurnedUpright(t *testing.T) {
	t.Parallel()
	want := []string{1: "top left", 2: "top right", 3: "bottom right", 4: "bottom left", 5: "top left", 6: "top right", 7: "bottom right", 8: "bottom left"}
	for turn := 1; turn <= 8; turn++ {
		exif := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), byte(turn), 0, 0, 0, 0, 0, 0)
		for name, src := range map[string][]byte{
			"jpeg":     behind(asJPEG(t, quarter(64, 32)), segment(0xe1, "Exif\x00\x00"+string(exif))),
			"odd jpeg": behind(asJPEG(t, quarter(61, 33)), segment(0xe1, "Exif\x00\x00"+string(exif))),
			"png":      behind(asPNG(t, quarter(64, 32)), chunk("eXIf", exif)),
			"webp":     withExiftool(t, stored(t, "lossy"), "a.webp", "-n", fmt.Sprintf("-IFD0:Orientation=%d", turn)),
		} {
			got := take(t, src)
			img := decoded(t, got.Bytes)
			if where := red(img); where != want[turn] || (got.Width > got.Height) != (turn < 5) || got.Width != img.Bounds().Dx() || got.Height != img.Bounds().Dy() {
				t.Errorf("%s, turn %d: red is %q of %d by %d, want %q", name, turn, where, got.Width, got.Height, want[turn])
			}
			if slices.Contains(got.Notes, intake.NoteTurned) != (turn != 1) {
				t.Errorf("%s, turn %d: notes %v", name, turn, got.Notes)
			}
		}
	}
}

func TestWhatTelephonesHangBehindAPictureIsCutOff(t *testing.T) {
	t.Parallel()
	behindEnd := []byte("\x00\x00\x00\x18ftypmp42SECRET film")
	gifFile, webpFile := moving(t, 4, 4, 2), stored(t, "lossy-alpha")
	for name, src := range map[string][]byte{"jpeg": asJPEG(t, quarter(20, 10)), "png": asPNG(t, quarter(20, 10)), "gif": gifFile, "webp": webpFile} {
		got := take(t, slices.Concat(src, behindEnd))
		if bytes.Contains(got.Bytes, []byte("SECRET")) || !slices.Equal(got.Notes, []intake.Note{intake.NoteTrailing}) || got.SHA256 != take(t, src).SHA256 {
			t.Errorf("%s: notes %v", name, got.Notes)
		}
	}
}

func TestSmallCopiesAndPrivateNotesAreNamed(t *testing.T) {
	t.Parallel()
	// A directory with a pointer to one that has a maker's note, and one behind it for the small copy.
	exif := []byte("II*\x00\x08\x00\x00\x00" + "\x01\x00" + "\x69\x87\x04\x00\x01\x00\x00\x00\x20\x00\x00\x00" + "\x40\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00" +
		"\x01\x00" + "\x7c\x92\x07\x00\x04\x00\x00\x00\x01\x02\x03\x04" + "\x00\x00\x00\x00")
	src := behind(asJPEG(t, quarter(20, 10)), segment(0xe1, "Exif\x00\x00"+string(exif)), segment(0xe0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01abc"), segment(0xe5, "own"))
	want := []intake.Note{intake.NoteExif, intake.NoteMaker, intake.NoteOther, intake.NoteThumbnail}
	if got := take(t, src); !slices.Equal(got.Notes, want) {
		t.Errorf("notes %v, want %v", got.Notes, want)
	}
	still := behind(asPNG(t, quarter(4, 4)), chunk("acTL", make([]byte, 8)), chunk("tEXt", []byte("Raw profile type exif\x00x")))
	if got := take(t, still); !slices.Equal(got.Notes, []intake.Note{intake.NoteExif, intake.NoteMotion, intake.NoteText}) || got.Animated {
		t.Errorf("notes %v", got.Notes)
	}
}

// bomb is a GIF that is small and becomes large: many frames of many pixels, each of which is not drawn at all.
func bomb(width, height uint16, frames int) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, width)
	b = binary.LittleEndian.AppendUint16(b, height)
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255)
	for range frames {
		b = append(b, 0x2c, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint16(b, width)
		b = binary.LittleEndian.AppendUint16(b, height)
		b = append(b, 0, 2, 1, 0x2c, 0)
	}
	return append(b, 0x3b)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	whole := map[string][]byte{
		"jpeg": asJPEG(t, quarter(200, 100)), "png": asPNG(t, quarter(200, 100)), "gif": moving(t, 30, 30, 3), "webp": stored(t, "lossy"),
	}
	zip := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	type bad struct {
		src  []byte
		says string
	}
	cases := map[string]bad{
		"nothing":                              {nil, "not a picture"},
		"a document":                           {[]byte("%PDF-1.7 and so on"), "not a picture"},
		"a page":                               {[]byte("<!doctype html><script>alert(1)</script>"), "not a picture"},
		"a picture of a kind nobody publishes": {[]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00"), "not a picture"},
		"a drawing with script":                {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "SVG"},
		"AVIF":                                 {[]byte("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00"), "AVIF"},
		"HEIC":                                 {[]byte("\x00\x00\x00\x20ftypheic\x00\x00\x00\x00"), "HEIC"},
		"a film in MP4":                        {[]byte("\x00\x00\x00\x20ftypisom\x00\x00\x00\x00"), "a film"},
		"a film in WebM":                       {[]byte("\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f"), "a film"},
		"50,000 by 50,000 pixels":              {claims(t, 50_000, 50_000), "50000 by 50000"},
		"more pixels than numbers count":       {claims(t, 1<<31, 1<<31), "more than Daymark reads"},
		"no pixels":                            {claims(t, 0, 5), "damaged"},
		"a header that lies":                   {claims(t, 300, 300), "damaged"},
		"an animated bomb":                     {bomb(5_000, 5_000, 300), "300 frames of 5000 by 5000"},
		"too many frames":                      {bomb(2, 2, 351), "351 frames"},
		"a canvas that is too large":           {bomb(60_000, 60_000, 1), "60000 by 60000"},
		"a moving WebP":                        {[]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x01\x00\x00"), "moving picture in WebP"},
		"a WebP without a picture":             {[]byte("RIFF\x04\x00\x00\x00WEBP"), "damaged"},
		"a picture that is a page":             {behind(whole["jpeg"], segment(0xfe, "<SCRIPT>alert(1)</SCRIPT>")), "something else at once (script)"},
		"a picture that is a program":          {behind(whole["png"], chunk("tEXt", []byte("Comment\x00<?php system($_GET[0]);"))), "something else at once (php)"},
		"a picture that is a document":         {behind(whole["jpeg"], segment(0xfe, "%PDF-1.4")), "something else at once (PDF)"},
		"a JPEG drawn in too many passes":      {passes(whole["jpeg"], 100), "damaged"},
		"a file of another kind under a mark":  {[]byte("\xff\xd8\xffhello"), "damaged"},
		"a mark and nothing":                   {[]byte("\xff\xd8\xff"), "damaged"},
		"blocks that do not end":               {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x21\xfe\xff"), "damaged"},
		"a GIF without a frame":                {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x3b"), "damaged"},
	}
	for kind, src := range whole {
		cases["half of a "+kind] = bad{src[:len(src)/2], "damaged"}
		cases["a "+kind+" without its end"] = bad{src[:len(src)-3], "damaged"}
		cases["a "+kind+" that is an archive"] = bad{slices.Concat(src, []byte("PK\x03\x04 SECRET"), zip), "something else at once (ZIP)"}
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := intake.Take(bytes.NewReader(tt.src), intake.Limits{})
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), tt.says) || got.Bytes != nil {
				t.Errorf("%d bytes came in, %v", len(got.Bytes), err)
			}
		})
	}
}

// passes repeats the scan of a JPEG.
func passes(src []byte, times int) []byte {
	at := bytes.Index(src, []byte("\xff\xda"))
	return slices.Concat(src[:at], bytes.Repeat(src[at:len(src)-2], times), src[len(src)-2:])
}

func TestTheLimitsHold(t *testing.T) {
	t.Parallel()
	src := asPNG(t, quarter(200, 100))
	for name, limits := range map[string]intake.Limits{"bytes": {Bytes: int64(len(src) - 1)}, "pixels": {Pixels: 19_999}} {
		if _, err := intake.Take(bytes.NewReader(src), limits); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := intake.Take(bytes.NewReader(src), intake.Limits{Bytes: int64(len(src)), Pixels: 20_000}); err != nil {
		t.Error(err)
	}
	endless := io.MultiReader(bytes.NewReader(src), neverEnding{})
	if _, err := intake.Take(endless, intake.Limits{Bytes: 1 << 20}); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "1 megabytes") {
		t.Errorf("a file without end: %v", err)
	}
	broken := errors.New("the line is cut")
	if _, err := intake.Take(iotest.ErrReader(broken), intake.Limits{}); !errors.Is(err, broken) || fault.Say(err) != "" {
		t.Errorf("a line that is cut: %v", err)
	}
}

// neverEnding sends zeros for ever.
type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// FuzzPicture holds that whatever comes in is either refused in a sentence or is a picture that comes in again unchanged.
func FuzzPicture(f *testing.F) {
	f.Add(asPNG(f, quarter(8, 6)))
	f.Add(behind(asJPEG(f, quarter(8, 6)), segment(0xe1, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")))
	f.Add(moving(f, 5, 4, 3))
	for _, name := range []string{"lossy", "lossy-alpha", "lossless"} {
		f.Add(stored(f, name))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		limits := intake.Limits{Pixels: 1 << 18}
		got, err := intake.Take(bytes.NewReader(src), limits)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Say(err) == "" {
				t.Fatalf("refused without a sentence: %v", err)
			}
			return
		}
		again, err := intake.Take(bytes.NewReader(got.Bytes), limits)
		if err != nil {
			t.Fatalf("what came in is refused: %v", err)
		}
		if !bytes.Equal(again.Bytes, got.Bytes) && got.Type != "image/png" && got.Type != "image/gif" {
			t.Errorf("a %s is changed when it comes in again: %v", got.Type, again.Notes)
		}
		if len(again.Notes) > 0 {
			t.Errorf("something came along: %v", again.Notes)
		}
	})
}
