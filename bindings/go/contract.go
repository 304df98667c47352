package coordinator

import "encoding/json"

// This file has the JSON of host/abi.md as types.

// Rule is a rule of a policy as an object: {"rule": "parallel", "max": 2}.
type Rule map[string]any

// Policy is what decides which of the queue is granted now; the rules are in host/abi.md, "Policies".
type Policy struct {
	// Rules are names ("serial"), names with their main argument ("parallel:2"), or each a [Rule]. All must permit.
	Rules []any `json:"rules,omitempty"`
	// Limit is the most holders of a lock, whatever the rules say: a number, or a map of locks to numbers.
	Limit any `json:"limit,omitempty"`
}

// PolicyFunc is a policy in the charm's own code. Its name goes with every grant; see [WithPolicyFunc].
type PolicyFunc func(state PolicyState) (PolicyDecision, error)

// PolicyState is what an external policy is given.
type PolicyState struct {
	// Now is UTC.
	Now    string `json:"now"`
	Leader string `json:"leader"`
	// N is the number of units in relation-list, and the leader.
	N       int      `json:"n"`
	Units   []string `json:"units"`
	Holders []Grant  `json:"holders"`
	// Queue is in its order.
	Queue []Queued `json:"queue"`
	// Options has the config options that a module needs and that have a value; nil if it needs none.
	Options map[string]any `json:"options,omitempty"`
	// Status is that of each unit in goal-state; nil if a module does not need it.
	Status map[string]string `json:"status,omitempty"`
	// Released says when locks were released, by lock and unit, in UTC; nil if a module does not need it.
	Released map[string]map[string]string `json:"released,omitempty"`
}

// PolicyNeeds is what an external policy wants to be told besides; each of them costs the leader something.
type PolicyNeeds struct {
	// Options are config options, told in [PolicyState].Options.
	Options []string `json:"options,omitzero"`
	// Units asks for the units of goal-state, told in [PolicyState].Status.
	Units bool `json:"units,omitzero"`
	// Released asks when locks were released, told in [PolicyState].Released: the latest of each lock, and that of these units.
	// nil does not ask for it, an empty list does.
	Released []string `json:"released,omitzero"`
}

// Grant is a lock that a unit holds, or should.
type Grant struct {
	Unit string `json:"unit"`
	Lock string `json:"lock"`
	// ID is the request's UTC timestamp. In a decision it is ignored.
	ID string `json:"id,omitempty"`
	// Data is what came with the request, or nil. In a decision it is ignored.
	Data map[string]any `json:"data,omitempty"`
}

// Queued is a request that is not granted.
type Queued struct {
	Unit string `json:"unit"`
	Lock string `json:"lock"`
	ID   string `json:"id"`
	// Data is what came with the request, or nil.
	Data map[string]any `json:"data,omitempty"`
}

// PolicyDecision is what an external policy decides. Only what is queued can be granted, and nothing is ever taken back.
type PolicyDecision struct {
	Grant []Grant `json:"grant"`
	// Wait says why others wait, for people to read in [Status].
	Wait []Wait `json:"wait,omitempty"`
	// RetryAfter is in seconds; 0 for no wish.
	RetryAfter int `json:"retry_after,omitempty"`
}

// Wait is why a request waits.
type Wait struct {
	Unit   string `json:"unit"`
	Lock   string `json:"lock"`
	Reason string `json:"reason"`
}

// Problem is something wrong that was found; the codes are in host/abi.md. It never breaks the hook.
type Problem struct {
	Code string `json:"code"`
	// Unit and Key say where; "" if it is nowhere in particular.
	Unit    string `json:"unit,omitempty"`
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
}

// Status says who holds, who waits, and why.
type Status struct {
	Unit    string `json:"unit"`
	Leading bool   `json:"leading"`
	Policy  string `json:"policy"`
	// Hold says why nothing can be decided at all, or "".
	Hold     string    `json:"hold"`
	Requests []Request `json:"requests"`
	// Holders are, on a unit that does not lead, those published last: some may have given the lock back since.
	Holders []Holder   `json:"holders"`
	Queue   []Position `json:"queue"`
	// Awaits is what ends the waiting of this unit, or of all the queue: its event, or update-status and the time.
	Awaits   string    `json:"awaits"`
	Problems []Problem `json:"problems"`
}

// Request is a request of this unit.
type Request struct {
	Lock string `json:"lock"`
	ID   string `json:"id"`
	// Data is what came with it, or nil.
	Data    map[string]any `json:"data,omitempty"`
	Granted bool           `json:"granted"`
}

// Holder is a unit that holds a lock.
type Holder struct {
	Unit string `json:"unit"`
	Lock string `json:"lock"`
	ID   string `json:"id"`
	// Member is whether the unit is in relation-list.
	Member bool `json:"member"`
}

// Position is a request in the queue. Only a leader knows the queue of others; elsewhere it has this unit's own requests, with
// position 0.
type Position struct {
	Position int    `json:"position"`
	Unit     string `json:"unit"`
	Lock     string `json:"lock"`
	ID       string `json:"id"`
	// Data is what came with the request, or nil.
	Data map[string]any `json:"data,omitempty"`
	// Rule keeps it waiting, for this reason.
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	// Until is when the reason is over, in UTC; "" if that is not known.
	Until string `json:"until,omitempty"`
}

// Act is what an action or juju-exec may ask for by name; in a hook all of it is allowed.
type Act string

// The acts.
const (
	ActAcquire  Act = "acquire"
	ActWithdraw Act = "withdraw"
	ActRelease  Act = "release"
	ActDecide   Act = "decide"
)

// SelfGrant says when the leader may act on a grant to itself.
type SelfGrant string

// The kinds of self-grants. Unsafe may run beside another unit.
const (
	SelfGrantPublished SelfGrant = "published"
	SelfGrantCommitted SelfGrant = "committed"
	SelfGrantUnsafe    SelfGrant = "unsafe"
)

type flagChanges struct {
	Set   []string `json:"set"`
	Clear []string `json:"clear"`
}

type logLine struct {
	Level   LogLevel `json:"level"`
	Message string   `json:"message"`
}

// view is the answer to start, acquire and withdraw.
type view struct {
	Granted   []string    `json:"granted"`
	Requested []string    `json:"requested"`
	Flags     flagChanges `json:"flags"`
	Log       []logLine   `json:"log"`
}

// end is the answer to end.
type end struct {
	Effects []effect  `json:"effects"`
	Log     []logLine `json:"log"`
}

type effect struct {
	Do     string `json:"do"`
	Values Values `json:"values"`
	Value  string `json:"value"`
	flagChanges
}

// ask is something the core needs in order to go on.
type ask struct {
	What    string          `json:"what"`
	Units   []string        `json:"units"`
	Options []string        `json:"options"`
	Input   json.RawMessage `json:"input"`
	Values  Values          `json:"values"`
}

// input is what the core is given: an object with "op".
type input map[string]any

// snapshot is the input of start. Its fields are looked at by quiet.go as well.
type snapshot struct {
	Op            string            `json:"op"`
	Unit          string            `json:"unit"`
	Context       ContextKind       `json:"context"`
	Hook          string            `json:"hook"`
	RemoteUnit    *string           `json:"remote_unit"`
	DepartingUnit *string           `json:"departing_unit"`
	Leader        bool              `json:"leader"`
	Store         Store             `json:"store"`
	Relation      bool              `json:"relation"`
	Databags      map[string]Values `json:"databags"`
	Members       []string          `json:"members"`
	Settings      Values            `json:"settings"`
	Saved         *string           `json:"saved,omitempty"`
	Flags         []string          `json:"flags"`
	Policy        any               `json:"policy,omitempty"`
	SelfGrant     SelfGrant         `json:"self_grant"`
	Key           string            `json:"key"`
	Subordinate   bool              `json:"subordinate"`
	Allow         []Act             `json:"allow"`
	Now           string            `json:"now"`
	Age           *float64          `json:"age,omitempty"`
}
