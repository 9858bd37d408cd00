package lint

import "daymark/internal/core/lint/subject"

// Subject is what is judged: one post in one language, as it is written or as it would go out to one place.
type Subject = subject.Subject

// Part is one part of a thread; most posts have one.
type Part = subject.Part

// Inserted is a stretch of a part's text that a token filled.
type Inserted = subject.Inserted

// Picture is a picture with its description in the subject's language.
type Picture = subject.Picture

// Helpline is what rules need to know of a helpline that a text carries.
type Helpline = subject.Helpline

// Limits is what a network allows. Zero is no limit that we know.
type Limits = subject.Limits
