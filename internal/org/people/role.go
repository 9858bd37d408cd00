package people

import "slices"

// Role is what a person is to the team.
type Role string

// The roles. Every person has exactly one. RoleOutside is somebody who reviews by a personal link and has no account; RoleSystem
// is Daymark itself: it plans posts and can approve nothing.
const (
	RoleAdmin        Role = "admin"
	RoleEditor       Role = "editor"
	RoleReviewer     Role = "reviewer"
	RoleSafeguarding Role = "safeguarding" // whose yes sensitive posts need
	RoleTranslator   Role = "translator"
	RoleChapter      Role = "chapter" // leads a chapter: what has one of its labels is theirs, without labels nothing
	RoleModerator    Role = "moderator"
	RoleManager      Role = "manager"
	RoleOutside      Role = "outside"
	RoleSystem       Role = "system"
)

// Roles returns the roles that a person with an account can be given, in the order the pages offer them.
func Roles() []Role {
	return []Role{RoleEditor, RoleReviewer, RoleSafeguarding, RoleTranslator, RoleChapter, RoleModerator, RoleManager, RoleAdmin}
}

// Permission is one thing that a person may or may not do, as kind and verb.
type Permission string

// The permissions. Whoever may approve is checked by the database once more (trigger verdict_role), and nobody's approval
// counts for a post they wrote.
const (
	PostRead      Permission = "post:read"      // see the plan, posts, releases and what was published
	PostEdit      Permission = "post:edit"      // change words, pictures and times
	PostWrite     Permission = "post:write"     // begin posts, set themes, take what a campaign file offers
	PostSubmit    Permission = "post:submit"    // put a post before reviewers
	PostApprove   Permission = "post:approve"   // approve, ask for changes, withdraw
	PostDecide    Permission = "post:decide"    // say whether a post whose fate is unknown went out
	CampaignLoad  Permission = "campaign:load"  // take a campaign file into the database
	PlanMake      Permission = "plan:make"      // make an edition of a campaign
	ChannelManage Permission = "channel:manage" // connect and archive accounts
	PeopleManage  Permission = "people:manage"  // add people, set passwords, disable
	ReachRead     Permission = "reach:read"     // see the numbers
	ProfileManage Permission = "profile:manage" // change the organisation's profile
	AuditRead     Permission = "audit:read"     // read the log
	LicenceTake   Permission = "licence:take"   // let this database send
	PauseManage   Permission = "pause:manage"   // stop everything, and let it go on
	FactEdit      Permission = "fact:edit"      // change a fact, or say that it was checked again
	HelplineEdit  Permission = "helpline:edit"  // add a helpline, change its number, take it out of use
	HelplineCheck Permission = "helpline:check" // say that one called, or looked, and what one saw
	FindingWaive  Permission = "finding:waive"  // let a finding of the rules stand, with a reason
	RuleAnswer    Permission = "rule:answer"    // answer the questions of the rules
	TakeDown      Permission = "post:takedown"  // remove what is out from the networks, without a second person
	PostHold      Permission = "post:hold"      // stop a post that is before reviewers, without asking for other words
	PolicyManage  Permission = "policy:manage"  // say how many must approve, and who among them
	OutsideName   Permission = "outside:name"   // name outside reviewers and make their links
	ReachEnter    Permission = "reach:enter"    // enter figures that no network tells
	ReachShare    Permission = "reach:share"    // make links by which others read a report, and take them back
	ConsentKeep   Permission = "consent:keep"   // see and keep who consented to be shown; not even admins
)

// Permissions returns the catalogue, in the order of the constants.
func Permissions() []Permission {
	return []Permission{
		PostRead, PostEdit, PostWrite, PostSubmit, PostApprove, PostDecide, CampaignLoad, PlanMake, ChannelManage, PeopleManage,
		ReachRead, ProfileManage, AuditRead, LicenceTake, PauseManage, FactEdit, HelplineEdit, HelplineCheck, FindingWaive,
		RuleAnswer, TakeDown, PostHold, PolicyManage, OutsideName, ReachEnter, ReachShare, ConsentKeep,
	}
}

// grants says which role may do what; admins may do everything but read who consented. An editor may stop the sending because whoever sees the
// mistake first should be able to. The planner makes posts and submits them, and that is all.
var grants = map[Role]map[Permission]bool{
	RoleAdmin: set(slices.DeleteFunc(Permissions(), func(p Permission) bool { return p == ConsentKeep })...),
	RoleEditor: set(PostRead, PostEdit, PostWrite, PostSubmit, PostDecide, CampaignLoad, PlanMake, ReachRead, PauseManage,
		FactEdit, HelplineEdit, HelplineCheck, FindingWaive, RuleAnswer, TakeDown, PostHold, ReachEnter),
	RoleReviewer: set(PostRead, PostApprove, ReachRead, HelplineCheck, RuleAnswer, PostHold),
	RoleSafeguarding: set(PostRead, PostApprove, PostDecide, ReachRead, AuditRead, PauseManage, HelplineEdit, HelplineCheck, RuleAnswer,
		TakeDown, PostHold, OutsideName, ConsentKeep),
	RoleTranslator: set(PostRead, PostEdit, PostSubmit, RuleAnswer, PostHold),
	RoleChapter:    set(PostRead, PostEdit, PostWrite, PostSubmit, PostDecide, ReachRead, PauseManage, HelplineCheck, RuleAnswer, TakeDown, PostHold, ReachEnter),
	RoleModerator:  set(PostRead, ReachRead, PauseManage, HelplineCheck, PostHold),
	RoleManager:    set(PostRead, ReachRead, AuditRead, PauseManage, PostHold, ReachEnter, ReachShare),
	RoleOutside:    {},
	RoleSystem:     set(PostRead, PostEdit, PostWrite, PostSubmit, CampaignLoad, PlanMake, ReachRead),
}

func set(list ...Permission) map[Permission]bool {
	m := make(map[Permission]bool, len(list))
	for _, p := range list {
		m[p] = true
	}
	return m
}

// May reports whether the person may do something. Somebody who is disabled may do nothing.
func (p Person) May(what Permission) bool { return !p.Disabled && grants[p.Role][what] }
