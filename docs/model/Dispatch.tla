------------------------------ MODULE Dispatch ------------------------------
(* How Daymark sends one delivery, with everything that can go wrong between   *)
(* the database, a dispatcher and the network. Deliveries do not depend on     *)
(* each other here, so one is enough. README.md beside this file says how it   *)
(* maps to the code, what it leaves out, and how it was checked.               *)
(*                                                                             *)
(* A "db" is a database: "home", and once somebody made one, its "copy".       *)
(* The sending licence is held by one of them.                                 *)
EXTENDS Naturals, FiniteSets

CONSTANTS
  Workers,      \* dispatchers
  Tries,        \* how many attempts a database makes at most, such as 1..3
  HonoursKeys,  \* the network publishes a key once
  Blind,        \* the network cannot be asked
  LateForEver,  \* the network may carry a request out after the settling time
  Settles,      \* "not there" counts only after the settling time
  TwoDatabases, \* somebody copies the database
  ChangesFirst, \* people change posts on a copy before its licence is taken
  Unlooked      \* people approve on a restored copy without looking at the account

VARIABLES db, copied, holder, worker, request, copies, unproved, copycat

vars == <<db, copied, holder, worker, request, copies, unproved, copycat>>

DBs == IF copied THEN {"home", "copy"} ELSE {"home"}
Both == {"home", "copy"}
None == 0
Last == Cardinality(Tries)

States   == {"scheduled", "sending", "unknown", "published", "decision", "held"}
Outcomes == {"none", "open", "out", "refused", "doubt", "absent", "found"}
Places   == {"idle", "claimed", "marked", "calling", "has yes", "has no", "has nothing"}

Book == [state: States, approved: BOOLEAN, owner: Workers \cup {None}, attempt: [Tries -> Outcomes], looks: 0..1]

TypeOK ==
  /\ db \in [Both -> Book]
  /\ copied \in BOOLEAN
  /\ holder \in Both
  /\ worker \in [Workers -> [at: Places, db: Both, try: Tries \cup {0}]]
  /\ request \in [Both -> [Tries -> [pending: BOOLEAN, committed: BOOLEAN, key: Nat]]]
  /\ copies \in Nat
  /\ unproved \in BOOLEAN /\ copycat \in BOOLEAN

Init ==
  /\ db = [d \in Both |-> [state |-> "scheduled", approved |-> TRUE, owner |-> None,
                           attempt |-> [n \in Tries |-> "none"], looks |-> 0]]
  /\ copied = FALSE /\ holder = "home"
  /\ worker = [w \in Workers |-> [at |-> "idle", db |-> "home", try |-> 0]]
  /\ request = [d \in Both |-> [n \in Tries |-> [pending |-> FALSE, committed |-> FALSE, key |-> 0]]]
  /\ copies = 0 /\ unproved = FALSE /\ copycat = FALSE

Made(d) == Cardinality({n \in Tries : db[d].attempt[n] # "none"})
Idle == [at |-> "idle", db |-> "home", try |-> 0]

(* Every attempt of the past was refused, or is proved absent: the trigger     *)
(* in_window on the table attempts.                                            *)
Clear(d) == \A n \in Tries : db[d].attempt[n] \in {"none", "refused", "absent"}

(* Nothing is on its way to the network: what the settling time is there for.  *)
Quiet ==
  /\ \A d \in Both, n \in Tries : ~request[d][n].pending
  /\ \A w \in Workers : worker[w].at \notin {"marked", "calling"}

(* A new key after a refusal, and after two answers that were lost.            *)
Key(d) ==
  LET Count(o) == Cardinality({n \in Tries : db[d].attempt[n] = o})
  IN  Count("refused") + (Count("absent") \div 2)

Awaited(d, n) == \E w \in Workers : worker[w].at = "calling" /\ worker[w].db = d /\ worker[w].try = n

Again(b) == [b EXCEPT !.owner = None, !.looks = 0, !.state = IF b.approved THEN "scheduled" ELSE "held"]

IsFound(b, n) ==
  [b EXCEPT !.state = "published", !.owner = None, !.looks = 0,
            !.attempt = IF n > 0 /\ b.attempt[n] = "doubt" THEN [b.attempt EXCEPT ![n] = "found"] ELSE b.attempt]

-----------------------------------------------------------------------------
(* The dispatcher.                                                             *)

(* FOR UPDATE SKIP LOCKED, with lease and fence. Two replicas share one        *)
(* database; where there are two databases, each has a dispatcher.             *)
Claim == \E w \in Workers, d \in DBs :
  /\ worker[w].at = "idle" /\ db[d].state = "scheduled" /\ db[d].owner = None
  /\ TwoDatabases => (d = "home") = (w = 1)
  /\ db' = [db EXCEPT ![d].owner = w]
  /\ worker' = [worker EXCEPT ![w] = [at |-> "claimed", db |-> d, try |-> 0]]
  /\ UNCHANGED <<copied, holder, request, copies, unproved, copycat>>

MayMark(w) ==
  LET d == worker[w].db
  IN  /\ worker[w].at = "claimed" /\ db[d].state = "scheduled" /\ db[d].owner = w
      /\ db[d].approved /\ Clear(d) /\ Made(d) < Last /\ holder = d

(* The attempt is written down and committed, before the network is called.    *)
Mark == \E w \in Workers :
  /\ MayMark(w)
  /\ LET d == worker[w].db
         n == Made(d) + 1
     IN  /\ db' = [db EXCEPT ![d].state = "sending", ![d].attempt[n] = "open"]
         /\ worker' = [worker EXCEPT ![w].at = "marked", ![w].try = n]
         /\ unproved' = (unproved \/ ~Quiet \/ copies > 0)
         /\ copycat' = (copycat \/ holder # d)
  /\ UNCHANGED <<copied, holder, request, copies>>

(* It was edited, withdrawn, claimed by another, or tried often enough.        *)
GiveUp == \E w \in Workers :
  /\ worker[w].at = "claimed" /\ ~MayMark(w)
  /\ worker' = [worker EXCEPT ![w] = Idle]
  /\ LET d == worker[w].db
     IN  db' = IF db[d].state = "scheduled" /\ db[d].owner = w
               THEN [db EXCEPT ![d].owner = None, ![d].state = IF Made(d) = Last THEN "decision" ELSE "scheduled"]
               ELSE db
  /\ UNCHANGED <<copied, holder, request, copies, unproved, copycat>>

Call == \E w \in Workers :
  /\ worker[w].at = "marked"
  /\ LET d == worker[w].db
         n == worker[w].try
     IN  request' = [request EXCEPT ![d][n] = [pending |-> TRUE, committed |-> FALSE, key |-> IF HonoursKeys THEN Key(d) ELSE 0]]
  /\ worker' = [worker EXCEPT ![w].at = "calling"]
  /\ UNCHANGED <<db, copied, holder, copies, unproved, copycat>>

Hears(answer, committed) == \E w \in Workers :
  LET d == worker[w].db
      n == worker[w].try
  IN  /\ worker[w].at = "calling" /\ request[d][n].committed = committed
      /\ worker' = [worker EXCEPT ![w].at = answer]
      /\ request' = [request EXCEPT ![d][n].pending = FALSE]
      /\ UNCHANGED <<db, copied, holder, copies, unproved, copycat>>

Answer == Hears("has yes", TRUE)
Refuse == Hears("has no", FALSE)

(* A time-out, a broken connection, nonsense in place of an answer.            *)
LoseAnswer == \E w \in Workers :
  /\ worker[w].at = "calling"
  /\ worker' = [worker EXCEPT ![w].at = "has nothing"]
  /\ UNCHANGED <<db, copied, holder, request, copies, unproved, copycat>>

(* When another took this worker for dead and ended its attempt, only the      *)
(* network's word that the post is out still counts.                           *)
Settle == \E w \in Workers :
  LET d == worker[w].db
      n == worker[w].try
      b == db[d]
      awaited == b.attempt[n] = "open"
  IN  /\ worker[w].at \in {"has yes", "has no", "has nothing"}
      /\ worker' = [worker EXCEPT ![w] = Idle]
      /\ db' = [db EXCEPT ![d] =
           CASE worker[w].at = "has yes" /\ awaited ->
                  [b EXCEPT !.attempt[n] = "out", !.state = "published", !.owner = None]
             [] worker[w].at = "has yes" /\ ~awaited ->
                  LET known == [b EXCEPT !.attempt[n] = IF @ = "doubt" THEN "found" ELSE @]
                  IN  IF b.state \in {"unknown", "decision", "scheduled"}
                      THEN [known EXCEPT !.state = "published", !.owner = None, !.looks = 0] ELSE known
             [] worker[w].at = "has no" /\ awaited -> Again([b EXCEPT !.attempt[n] = "refused"])
             [] worker[w].at = "has nothing" /\ awaited ->
                  [b EXCEPT !.attempt[n] = "doubt", !.state = "unknown", !.owner = None, !.looks = 0]
             [] OTHER -> b]
      /\ UNCHANGED <<copied, holder, request, copies, unproved, copycat>>

(* kill -9, at any moment.                                                     *)
Die == \E w \in Workers :
  /\ worker[w].at # "idle"
  /\ worker' = [worker EXCEPT ![w] = Idle]
  /\ UNCHANGED <<db, copied, holder, request, copies, unproved, copycat>>

-----------------------------------------------------------------------------
(* The sweep.                                                                  *)

LoseLease == \E d \in DBs :
  /\ db[d].state = "scheduled" /\ db[d].owner # None
  /\ db' = [db EXCEPT ![d].owner = None]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

(* What was being sent becomes unknown, never scheduled. A lease outlasts the  *)
(* way from Mark to Call, so that a worker that lives has called by then.      *)
Recover == \E d \in DBs :
  LET n == Made(d)
  IN  /\ db[d].state = "sending"
      /\ ~\E w \in Workers : worker[w].at = "marked" /\ worker[w].db = d /\ worker[w].try = n
      /\ db' = [db EXCEPT ![d].state = "unknown", ![d].owner = None, ![d].looks = 0, ![d].attempt[n] = "doubt"]
      /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

-----------------------------------------------------------------------------
(* The network.                                                                *)

Commit == \E d \in DBs, n \in Tries :
  LET r == request[d][n]
      known == \E e \in Both, m \in Tries : <<e, m>> # <<d, n>> /\ request[e][m].committed /\ request[e][m].key = r.key
  IN  /\ r.pending /\ ~r.committed
      /\ request' = [request EXCEPT ![d][n].committed = TRUE]
      /\ copies' = IF HonoursKeys /\ known THEN copies ELSE copies + 1
      /\ UNCHANGED <<db, copied, holder, worker, unproved, copycat>>

(* The settling time is over: a request nobody waits for comes to nothing now. *)
Settling == \E d \in DBs, n \in Tries :
  /\ ~LateForEver
  /\ request[d][n].pending /\ db[d].attempt[n] # "open" /\ ~Awaited(d, n)
  /\ request' = [request EXCEPT ![d][n].pending = FALSE]
  /\ UNCHANGED <<db, copied, holder, worker, copies, unproved, copycat>>

-----------------------------------------------------------------------------
(* Asking the network about what is unknown.                                   *)

Asks(d) == db[d].state = "unknown" /\ holder = d

CannotTell == \E d \in DBs :
  /\ Asks(d) /\ Blind
  /\ db' = [db EXCEPT ![d].state = "decision"]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

Find == \E d \in DBs :
  /\ Asks(d) /\ ~Blind /\ copies > 0
  /\ db' = [db EXCEPT ![d] = IsFound(db[d], Made(d))]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

(* "Not there" counts when it was read twice, after the settling time.         *)
FindNothing == \E d \in DBs :
  /\ Asks(d) /\ ~Blind /\ copies = 0 /\ (Settles => Quiet)
  /\ db' = [db EXCEPT ![d] =
       IF db[d].looks = 0 THEN [db[d] EXCEPT !.looks = 1]
       ELSE Again([db[d] EXCEPT !.attempt[Made(d)] = "absent"])]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

-----------------------------------------------------------------------------
(* People.                                                                     *)

SayLive == \E d \in DBs :
  /\ db[d].state = "decision" /\ holder = d /\ copies > 0
  /\ db' = [db EXCEPT ![d] = IsFound(db[d], Made(d))]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

(* Whoever says so has looked when nothing could come any more.                *)
SayNotLive == \E d \in DBs :
  LET n == Made(d)
  IN  /\ db[d].state = "decision" /\ holder = d /\ copies = 0 /\ (Settles => Quiet)
      /\ db' = [db EXCEPT ![d] =
           Again(IF n > 0 /\ db[d].attempt[n] = "doubt" THEN [db[d] EXCEPT !.attempt[n] = "absent"] ELSE db[d])]
      /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

MayChange(d) == holder = d \/ ChangesFirst

Withdraw == \E d \in DBs :
  /\ MayChange(d) /\ db[d].approved
  /\ db' = [db EXCEPT ![d] =
       IF db[d].state = "scheduled" THEN [db[d] EXCEPT !.approved = FALSE, !.state = "held", !.owner = None]
       ELSE [db[d] EXCEPT !.approved = FALSE]]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

Approve == \E d \in DBs :
  /\ MayChange(d) /\ ~db[d].approved /\ db[d].state = "held" /\ Clear(d)
  /\ (d = "copy" /\ ~Unlooked) => (copies = 0 /\ Quiet)
  /\ db' = [db EXCEPT ![d].approved = TRUE, ![d].state = "scheduled"]
  /\ UNCHANGED <<copied, holder, worker, request, copies, unproved, copycat>>

-----------------------------------------------------------------------------
(* Copies of the database.                                                     *)

Copy ==
  /\ TwoDatabases /\ ~copied
  /\ copied' = TRUE
  /\ db' = [db EXCEPT !["copy"] = [db["home"] EXCEPT !.owner = None]]
  /\ UNCHANGED <<holder, worker, request, copies, unproved, copycat>>

(* An admin takes the licence over. What was scheduled may be out: it is asked *)
(* about, as if an attempt had been lost.                                      *)
TakeOver ==
  LET b == db["copy"]
      n == Made("copy") + 1
  IN  /\ copied /\ holder = "home"
      /\ holder' = "copy"
      /\ db' = IF b.state # "scheduled" THEN db
               ELSE [db EXCEPT !["copy"] =
                      IF n > Last THEN [b EXCEPT !.state = "decision", !.owner = None, !.looks = 0]
                      ELSE [b EXCEPT !.state = "unknown", !.owner = None, !.looks = 0, !.attempt[n] = "doubt"]]
      /\ UNCHANGED <<copied, worker, request, copies, unproved, copycat>>

-----------------------------------------------------------------------------
Next ==
  \/ Claim \/ Mark \/ GiveUp \/ Call \/ Answer \/ Refuse \/ LoseAnswer \/ Settle \/ Die
  \/ LoseLease \/ Recover
  \/ Commit \/ Settling
  \/ CannotTell \/ Find \/ FindNothing
  \/ SayLive \/ SayNotLive \/ Withdraw \/ Approve
  \/ Copy \/ TakeOver

Spec == Init /\ [][Next]_vars

(* Invariants.                                                                 *)
AtMostOnce     == copies <= 1
OnlyLicensed   == ~copycat
ProvedFirst    == ~unproved
PublishedIsOut == \A d \in DBs : db[d].state = "published" => copies > 0
=============================================================================
