// Package failpoint marks the places where a crash would hurt most, so that a fault test can crash a process exactly there.
//
// In an ordinary build a mark does nothing and costs nothing. In a build with the tag failpoints, ALATAW_FAILPOINT=name:n kills the
// process by SIGKILL when it reaches the mark of that name for the n-th time.
package failpoint

// Variable is the environment variable that arms one failpoint of a process: its name, a colon, and at which time it kills.
const Variable = "ALATAW_FAILPOINT"

// The marks. Committing has the consumer's group for its ending: Committing+"screening" lies between the transaction of a batch of
// screening and the commit of its offsets.
const (
	Committing     = "committing."     // a batch is done, its offsets are not committed
	IntakeQueued   = "intake.queued"   // orders are in the queue, their client has no answer
	RelayPublished = "relay.published" // decisions are in the queue, the relay's position is not saved
	UnitChanging   = "unit."           // a unit's row is written, its facts are not; ends with the unit's new status
	UnitSealing    = UnitChanging + "sealed"
	UnitReleasing  = UnitChanging + "released"
)
