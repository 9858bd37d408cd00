package method

import "encoding/json"

// PostValue is what people see of a post's record.
type PostValue struct {
	Text      string   `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs"`
	Facets    []struct {
		Index struct {
			Start int `json:"byteStart"`
			End   int `json:"byteEnd"`
		} `json:"index"`
		Features []struct {
			URI string `json:"uri"`
			Tag string `json:"tag"`
			DID string `json:"did"`
		} `json:"features"`
	} `json:"facets"`
	Labels struct {
		Values []struct {
			Val string `json:"val"`
		} `json:"values"`
	} `json:"labels"`
	Reply struct {
		Root   struct{ URI string } `json:"root"`
		Parent struct{ URI string } `json:"parent"`
	} `json:"reply"`
	Embed struct {
		Images []struct {
			Alt   string `json:"alt"`
			Image struct {
				Ref struct {
					Link string `json:"$link"`
				} `json:"ref"`
			} `json:"image"`
		} `json:"images"`
		External struct {
			URI         string `json:"uri"`
			Title       string `json:"title"`
			Description string `json:"description"`
			Thumb       struct {
				Ref struct {
					Link string `json:"$link"`
				} `json:"ref"`
			} `json:"thumb"`
		} `json:"external"`
	} `json:"embed"`
}

// ReadPost reads a record that was checked when it came.
func ReadPost(value json.RawMessage) PostValue {
	var v PostValue
	_ = json.Unmarshal(value, &v)
	return v
}
