package judge

import "daymark/internal/core/lint"

// limits is what networks take and what reads well there, as far as a rule asks. Whether a text fits is said by the network's
// connector, which knows the limits of the very server.
//
// Most characters of a description: https://docs.x.com/x-api/media/metadata-create,
// https://docs.joinmastodon.org/entities/Instance/ (description_limit), https://developers.facebook.com/docs/threads/posts.
// How many hashtags read well is a habit of each network and not a rule of theirs; Instagram takes five since December 2025.
var limits = map[string]lint.Limits{
	"x":         {AltCharacters: 1000, GoodHashtags: [2]int{1, 2}},
	"bluesky":   {AltCharacters: 2000, GoodHashtags: [2]int{1, 3}},
	"mastodon":  {AltCharacters: 1500, GoodHashtags: [2]int{1, 4}},
	"threads":   {AltCharacters: 1000, GoodHashtags: [2]int{0, 1}, MaxHashtags: 1},
	"instagram": {AltCharacters: 1000, GoodHashtags: [2]int{3, 5}, MaxHashtags: 5, DeadLinks: true},
	"facebook":  {AltCharacters: 1000, GoodHashtags: [2]int{1, 3}},
	"linkedin":  {AltCharacters: 1000, GoodHashtags: [2]int{3, 5}},
}
