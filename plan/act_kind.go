package plan

import "strings"

// Kind says what an act is. What Decide answers is called an act, so that a step can
// mean one thing only: where a record's generation stands. What the kinds have in
// common stands in the table below.
type Kind string

// The kinds of acts.
const (
	// Stop: nothing more for this run to do; Outcome says why.
	Stop Kind = "stop"
	// Wait: another run works on it, or a moment has to come.
	Wait Kind = "wait"

	// Looks change nothing and need no lease.
	LookCaller  Kind = "look caller"  // GetCallerIdentity
	LookTable   Kind = "look table"   // DescribeTable, DescribeTimeToLive
	LookAlias   Kind = "look alias"   // DescribeKey of the alias
	LookMoved   Kind = "look moved"   // ListAliases of the key behind it
	LookListing Kind = "look listing" // one full ListAliases
	LookVersion Kind = "look version" // DescribeKey of v<n>, and its claim tag
	LookActive  Kind = "look active"  // DescribeKey of the active version, where the alias is seen on an older one
	LookSource  Kind = "look source"  // policy, tags and grants of the active version
	LookTarget  Kind = "look target"  // DescribeKey of the target
	LookPolicy  Kind = "look policy"  // the policy of a target that another run made, and what it is to be
	TryTarget   Kind = "try target"   // the probe
	// LookRotation asks how a key is rotated automatically.
	LookRotation Kind = "look rotation"
	AskGate      Kind = "ask gate"     // before_switch
	LookOld      Kind = "look old"     // DescribeKey of an old version
	LookUse      Kind = "look use"     // GetKeyLastUsage of an old version
	LookLedger   Kind = "look ledger"  // the highest revision in the ledger
	LookClaim    Kind = "look claim"   // what the ledger says of the claim in Name
	LookHistory  Kind = "look history" // all of the ledger
	LookRecord   Kind = "look record"  // the record once more, where there was none
	// LookOldAliases lists what names an old version.
	LookOldAliases Kind = "look old aliases"

	// Effects change KMS. SignMove only makes bytes.
	CreateKey    Kind = "create key"
	NameVersion  Kind = "name version"  // CreateAlias v<n>
	CreateAlias  Kind = "create alias"  // of the alias itself: ends adopt --create
	DisableFresh Kind = "disable fresh" // own new key that lost to another
	// EnableRotation switches automatic rotation of a new version on. Late, it does
	// no harm.
	EnableRotation Kind = "enable rotation"
	SignMove       Kind = "sign move"
	SendMove       Kind = "send move" // the signed and confirmed UpdateAlias
	SignMark       Kind = "sign mark"
	SendMark       Kind = "send mark" // the signed and marked DisableKey or ScheduleKeyDeletion
	// CancelDeletion and EnableKey reinstate; they are sent as they are, for
	// what they do late does no harm.
	CancelDeletion Kind = "cancel deletion"
	EnableKey      Kind = "enable key"

	// Writes of the record, each one conditional write.
	WriteAdopt      Kind = "adopt"       // (none) → steady
	WriteFirstClaim Kind = "first claim" // (none) → claimed, adopt --create
	WriteClaim      Kind = "claim"       // steady → claimed
	WriteTakeover   Kind = "take over"   // the lease only
	WriteRenew      Kind = "renew"       // the lease only
	WriteCreated    Kind = "created"     // claimed → created
	WriteConfirm    Kind = "confirm"     // → switching
	WriteFinish     Kind = "finish"      // switching → steady
	WriteAdoptDrift Kind = "adopt drift" // any → steady
	WriteNote       Kind = "note"        // any → same step
	WriteAbandon    Kind = "abandon"     // claimed, created, switching → claimed or steady
	WriteRebuild    Kind = "rebuild"     // any → steady, from what KMS has
	WriteHold       Kind = "hold"
	WriteRelease    Kind = "release"
	WriteReinstate  Kind = "reinstate"  // retired → draining
	WriteLookAgain  Kind = "look again" // this run sees to a reinstated version
	WriteLooked     Kind = "looked"     // it is enabled
	WriteChecked    Kind = "checked"    // this run asks whether a version may retire
	WriteKept       Kind = "kept"       // draining → retired, enabled
	WriteMark       Kind = "mark"       // a disabling or deletion is about to be sent
	WriteMarkNo     Kind = "mark no"    // it was refused, or never sent
	WriteUnmark     Kind = "unmark"     // its time is over, or somebody enabled the version: it is enabled
	WriteRetired    Kind = "retired"    // draining → retired, disabled
	WriteDeleting   Kind = "deleting"   // its deletion is scheduled
)

// traits are what a kind of act has in common with others.
type traits struct {
	// operation is AWS's, the first of them where it is several.
	operation string
	// doing names the act for an error; {v} is its version, {name} its alias, {key} its
	// KMS key and {what} the fenced call.
	doing string
	// event is the word of a write in its event; empty for what writes nothing.
	event EventKind
	// changes says that it changes KMS.
	changes bool
	// beside says that it is about an old version alone: what keeps it from being done
	// keeps nothing else.
	beside bool
	// lasting says that what it shows does not grow old within a run.
	lasting bool
	// beginsOld says that it begins the work on an old version.
	beginsOld bool
}

var kinds = map[Kind]traits{
	LookCaller:     {operation: "GetCallerIdentity", doing: "ask who we are", lasting: true},
	LookTable:      {operation: "DescribeTable", doing: "check the table", lasting: true},
	LookAlias:      {operation: "DescribeKey", doing: "look at the alias"},
	LookMoved:      {operation: "ListAliases", doing: "look at the alias"},
	LookListing:    {operation: "ListAliases", doing: "look at the alias"},
	LookVersion:    {operation: "DescribeKey", doing: "look up {name}"},
	LookActive:     {operation: "DescribeKey", doing: "describe {v}"},
	LookSource:     {operation: "GetKeyPolicy", doing: "read policy and tags of {v}"},
	LookTarget:     {operation: "DescribeKey", doing: "describe {v}"},
	LookPolicy:     {operation: "GetKeyPolicy", doing: "read the policy of {v}"},
	TryTarget:      {operation: "probe", doing: "probe {v}"},
	LookRotation:   {operation: "GetKeyRotationStatus", doing: "automatic rotation of {v}"},
	AskGate:        {doing: "ask before_switch", lasting: true},
	LookOld:        {operation: "DescribeKey", doing: "look at {v}", beside: true},
	LookUse:        {operation: "GetKeyLastUsage", doing: "look at {v}", beside: true},
	LookOldAliases: {operation: "ListAliases", doing: "look at {v}", beside: true},
	LookLedger:     {operation: "Query", doing: "read the ledger"},
	LookClaim:      {operation: "Query", doing: "read the ledger for what became of this change", lasting: true},
	LookHistory:    {operation: "Query", doing: "read the ledger"},
	LookRecord:     {operation: "GetItem", doing: "read the record"},

	CreateKey:      {operation: "CreateKey", doing: "create {v}", changes: true},
	NameVersion:    {operation: "CreateAlias", doing: "create {name}", changes: true},
	CreateAlias:    {operation: "CreateAlias", doing: "create {name}", changes: true},
	DisableFresh:   {operation: "DisableKey", doing: "disable {key}", changes: true},
	EnableRotation: {operation: "EnableKeyRotation", doing: "automatic rotation of {v}", changes: true},
	SignMove:       {doing: "move the alias to {v}", lasting: true},
	SendMove:       {operation: "UpdateAlias", doing: "move the alias to {v}", changes: true},
	SignMark:       {doing: "{what} {v}", beside: true, lasting: true},
	SendMark:       {operation: "DisableKey", doing: "{what} {v}", changes: true, beside: true},
	CancelDeletion: {operation: "CancelKeyDeletion", doing: "reinstate {v}", changes: true, beside: true},
	EnableKey:      {operation: "EnableKey", doing: "reinstate {v}", changes: true, beside: true},

	WriteAdopt:      {event: EventAdopt},
	WriteFirstClaim: {event: EventClaim},
	WriteClaim:      {event: EventClaim},
	WriteTakeover:   {event: EventTakeover},
	WriteRenew:      {event: EventRenew},
	WriteCreated:    {event: EventCreated},
	WriteConfirm:    {event: EventConfirm},
	WriteFinish:     {event: EventFinish},
	WriteAdoptDrift: {event: EventAdopt},
	WriteNote:       {event: EventNote},
	WriteAbandon:    {event: EventAbandon},
	WriteRebuild:    {event: EventRebuild},
	WriteHold:       {event: EventHold},
	WriteRelease:    {event: EventRelease},
	WriteReinstate:  {event: EventReinstate},
	WriteLookAgain:  {event: EventLookAgain},
	WriteLooked:     {event: EventLooked},
	WriteChecked:    {event: EventChecked, beginsOld: true},
	WriteKept:       {event: EventKept, beginsOld: true},
	WriteMark:       {event: EventMark},
	WriteMarkNo:     {event: EventMarkNo},
	WriteUnmark:     {event: EventUnmark},
	WriteRetired:    {event: EventRetired},
	WriteDeleting:   {event: EventDeleting},
}

// Writes reports whether an act writes the record.
func (k Kind) Writes() bool { return kinds[k].event != "" }

// Changes reports whether an act sends a call that changes KMS.
func (k Kind) Changes() bool { return kinds[k].changes }

// operation is the operation of AWS that an act calls.
func (a Act) operation() string {
	if a.Terms.What == FencedDelete {
		return "ScheduleKeyDeletion"
	}
	return kinds[a.Kind].operation
}

// doing names an act for an error: "create v8".
func (a Act) doing() string {
	return strings.NewReplacer("{v}", VersionName(a.Version), "{name}", a.Name, "{key}", a.KeyID,
		"{what}", string(a.Terms.What)).Replace(kinds[a.Kind].doing)
}
