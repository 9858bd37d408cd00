// Package campaign is step 1 of 7: it takes campaign files and their pictures, leaves checked values of core/campaign, and
// next is plan, which makes posts of them.
//
// [Load] and [LoadShipped] read a campaign folder whole; [ReadCampaign] and [ReadObservances] read the text of one file.
// Every mistake is named with file, line, column and field, all in one run. docs/campaign-files.md is the format for people.
// The package does not know how long a text may be on a network, and not which channels there are.
package campaign
