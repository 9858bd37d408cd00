package campaign_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"testing"

	"daymark/internal/flow/campaign"
)

func TestAPictureOfACampaignLosesWhatLiesBesideItAndElseStaysAsItIs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	got, err := campaign.ReadPicture(plain)
	if err != nil || !bytes.Equal(got.Bytes, plain) {
		t.Fatalf("a picture with nothing beside it is another one: %v", err)
	}
	comment := slices.Concat(plain[:2], []byte{0xff, 0xfe, 0, 2 + 14}, []byte("SECRET comment"), plain[2:])
	clean, err := campaign.ReadPicture(comment)
	if err != nil || bytes.Contains(clean.Bytes, []byte("SECRET")) || clean.SHA256 == "" || clean.MIME != "image/jpeg" || clean.Width != 8 {
		t.Errorf("a comment stays: %+v, %v", clean.MIME, err)
	}
	for _, id := range []string{"july-30"} {
		l, err := campaign.LoadShipped(id)
		if err != nil || len(l.Pictures) == 0 {
			t.Errorf("%s: %d pictures, %v", id, len(l.Pictures), err)
		}
	}
}
