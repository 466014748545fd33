package plan

import "strings"

// Kind is the kind of an act. The properties of each kind are in the table kinds.
type Kind string

// The kinds of acts.
const (
	// Stop: nothing more for this run to do; Outcome says why.
	Stop Kind = "stop"
	// Wait: another run works on the key, or a fence has to end.
	Wait Kind = "wait"

	// Looks change nothing and need no lease.
	// LookCaller is GetCallerIdentity.
	LookCaller Kind = "look caller"
	// LookTable is DescribeTable and DescribeTimeToLive.
	LookTable Kind = "look table"
	// LookAlias is DescribeKey of the alias.
	LookAlias Kind = "look alias"
	// LookMoved is ListAliases of the key behind the alias.
	LookMoved Kind = "look moved"
	// LookListing is one full ListAliases.
	LookListing Kind = "look listing"
	// LookVersion is DescribeKey of v<n>, with its claim tag.
	LookVersion Kind = "look version"
	// LookListed is LookVersion of all versions in turn, for a rebuild: there may be
	// thousands.
	LookListed Kind = "look listed"
	// LookActive is DescribeKey of the live version, if the alias is seen on an older one.
	LookActive Kind = "look active"
	// LookSource reads policy, tags and grants of the live version.
	LookSource Kind = "look source"
	// LookTarget is DescribeKey of the target.
	LookTarget Kind = "look target"
	// LookPolicy reads the policy of a target that another run made, and the desired one.
	LookPolicy Kind = "look policy"
	// TryTarget is the probe.
	TryTarget Kind = "try target"
	// LookRotation reads the automatic rotation of a key.
	LookRotation Kind = "look rotation"
	// AskGate runs before_switch.
	AskGate Kind = "ask gate"
	// LookOld is DescribeKey of an old version.
	LookOld Kind = "look old"
	// LookUse is GetKeyLastUsage and ListGrants of an old version.
	LookUse Kind = "look use"
	// LookLedger reads the last item of the ledger.
	LookLedger Kind = "look ledger"
	// LookClaim reads the events of the claim in Name from the ledger.
	LookClaim Kind = "look claim"
	// LookHistory reads the whole ledger.
	LookHistory Kind = "look history"
	// LookRecord reads the record once more if there was none, or if the ledger tells
	// otherwise.
	LookRecord Kind = "look record"
	// LookWrite reads in the ledger whether a write of this run was made.
	LookWrite Kind = "look write"
	// LookOldAliases lists the aliases of an old version.
	LookOldAliases Kind = "look old aliases"

	// CopyEvents creates an item of the ledger with events of the record.
	CopyEvents Kind = "copy events"

	// Effects change KMS; the two that sign only make bytes.
	CreateKey Kind = "create key"
	// NameVersion is CreateAlias v<n>.
	NameVersion Kind = "name version"
	// CreateAlias makes the alias itself, which ends adopt --create.
	CreateAlias Kind = "create alias"
	// DisableFresh disables a key of this run that cannot become a version.
	DisableFresh Kind = "disable fresh"
	// EnableRotation switches on automatic rotation of a new version. It does no harm if
	// it arrives late.
	EnableRotation Kind = "enable rotation"
	SignMove       Kind = "sign move"
	// SendMove sends the signed and confirmed UpdateAlias.
	SendMove Kind = "send move"
	SignMark Kind = "sign mark"
	// SendMark sends the signed and marked DisableKey or ScheduleKeyDeletion.
	SendMark Kind = "send mark"
	// CancelDeletion and EnableKey reinstate. They need no fence, because they do no
	// harm if they arrive late.
	CancelDeletion Kind = "cancel deletion"
	EnableKey      Kind = "enable key"

	// Writes of the record, each one conditional write; see the types of the same name.
	WriteAdopt      Kind = "adopt"
	WriteFirstClaim Kind = "first claim"
	WriteClaim      Kind = "claim"
	WriteTakeover   Kind = "take over"
	WriteRenew      Kind = "renew"
	WriteCreated    Kind = "created"
	WriteConfirm    Kind = "confirm"
	WriteFinish     Kind = "finish"
	WriteAdoptDrift Kind = "adopt drift"
	WriteNote       Kind = "note"
	WriteAbandon    Kind = "abandon"
	WriteRebuild    Kind = "rebuild"
	WriteHold       Kind = "hold"
	WriteRelease    Kind = "release"
	WriteReinstate  Kind = "reinstate"
	WriteLookAgain  Kind = "look again"
	WriteLooked     Kind = "looked"
	WriteChecked    Kind = "checked"
	WriteKept       Kind = "kept"
	WriteMark       Kind = "mark"
	WriteMarkNo     Kind = "mark no"
	WriteUnmark     Kind = "unmark"
	WriteRetired    Kind = "retired"
	WriteDeleting   Kind = "deleting"
)

// traits are the properties of a kind of act.
type traits struct {
	// operation is the operation of AWS, or the first one of several.
	operation string
	// doing names the act in an error; {v} is its version, {name} its alias, {key} its
	// KMS key and {what} the fenced call.
	doing string
	// event is the word of a write in its event; empty for other acts.
	event EventKind
	// changes reports whether the act changes KMS.
	changes bool
	// oldWork reports whether the act is only about an old version: its failure stops
	// nothing else.
	oldWork bool
	// lasting reports whether what the act shows stays valid during a run.
	lasting bool
	// beginsOld reports whether the act begins the work on an old version.
	beginsOld bool
}

var kinds = map[Kind]traits{
	LookCaller:     {operation: "GetCallerIdentity", doing: "ask who we are", lasting: true},
	LookTable:      {operation: "DescribeTable", doing: "check the table", lasting: true},
	LookAlias:      {operation: "DescribeKey", doing: "look at the alias"},
	LookMoved:      {operation: "ListAliases", doing: "look at the alias"},
	LookListing:    {operation: "ListAliases", doing: "look at the alias"},
	LookVersion:    {operation: "DescribeKey", doing: "look up {name}"},
	LookListed:     {operation: "DescribeKey", doing: "look up {name}", lasting: true},
	LookActive:     {operation: "DescribeKey", doing: "describe {v}"},
	LookSource:     {operation: "GetKeyPolicy", doing: "read policy and tags of {v}"},
	LookTarget:     {operation: "DescribeKey", doing: "describe {v}"},
	LookPolicy:     {operation: "GetKeyPolicy", doing: "read the policy of {v}"},
	TryTarget:      {operation: "probe", doing: "probe {v}"},
	LookRotation:   {operation: "GetKeyRotationStatus", doing: "automatic rotation of {v}"},
	AskGate:        {doing: "ask before_switch", lasting: true},
	LookOld:        {operation: "DescribeKey", doing: "look at {v}", oldWork: true},
	LookUse:        {operation: "GetKeyLastUsage", doing: "look at {v}", oldWork: true},
	LookOldAliases: {operation: "ListAliases", doing: "look at {v}", oldWork: true},
	LookLedger:     {operation: "Query", doing: "read the ledger", lasting: true},
	LookClaim:      {operation: "Query", doing: "read the ledger for what became of this change", lasting: true},
	LookHistory:    {operation: "Query", doing: "read the ledger"},
	LookRecord:     {operation: "GetItem", doing: "read the record", lasting: true},
	LookWrite:      {operation: "Query", doing: "read the ledger for whether it was written", lasting: true},
	CopyEvents:     {operation: "PutItem", doing: "copy events to the ledger", lasting: true},

	CreateKey:      {operation: "CreateKey", doing: "create {v}", changes: true},
	NameVersion:    {operation: "CreateAlias", doing: "create {name}", changes: true},
	CreateAlias:    {operation: "CreateAlias", doing: "create {name}", changes: true},
	DisableFresh:   {operation: "DisableKey", doing: "disable {key}", changes: true},
	EnableRotation: {operation: "EnableKeyRotation", doing: "automatic rotation of {v}", changes: true},
	SignMove:       {doing: "move the alias to {v}", lasting: true},
	SendMove:       {operation: "UpdateAlias", doing: "move the alias to {v}", changes: true},
	SignMark:       {doing: "{what} {v}", oldWork: true, lasting: true},
	SendMark:       {operation: "DisableKey", doing: "{what} {v}", changes: true, oldWork: true},
	CancelDeletion: {operation: "CancelKeyDeletion", doing: "reinstate {v}", changes: true, oldWork: true},
	EnableKey:      {operation: "EnableKey", doing: "reinstate {v}", changes: true, oldWork: true},

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

// Writes reports whether an act of the kind writes the record.
func (k Kind) Writes() bool { return kinds[k].event != "" }

// Changes reports whether an act of the kind sends a call that changes KMS.
func (k Kind) Changes() bool { return kinds[k].changes }

// OldWork reports whether the act is only about an old version.
func (k Kind) OldWork() bool { return kinds[k].oldWork }

// operation returns the operation of AWS that an act calls.
func (a Act) operation() string {
	if a.Terms.What == FencedDelete {
		return "ScheduleKeyDeletion"
	}
	return kinds[a.Kind].operation
}

// doing returns the name of an act in an error: "create v8".
func (a Act) doing() string {
	return strings.NewReplacer("{v}", VersionName(a.Version), "{name}", a.Name, "{key}", a.KeyID,
		"{what}", string(a.Terms.What)).Replace(kinds[a.Kind].doing)
}
