package coordinator

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"time"
)

// This file lets one hook go on in another process: for the command coordinator, of which a shell runs one after another.
//
// The core is the same each time it is told the same, so what it was told is all that has to be kept.

// suspended is what is kept. With a policy in the charm's own code there is nothing that could be.
type suspended struct {
	Policy         any             `json:"policy,omitempty"`
	OperatorPolicy any             `json:"operator_policy,omitempty"`
	SelfGrant      SelfGrant       `json:"self_grant"`
	Key            string          `json:"key"`
	Allow          []Act           `json:"allow"`
	Unasked        json.RawMessage `json:"unasked,omitempty"`
	View           *view           `json:"view"`
	Told           []string        `json:"told,omitempty"`
	Over           bool            `json:"over,omitempty"`
	// Swap is the operator's policy, if there is a [PolicySource].
	Swap *suspendedSwap `json:"swap,omitempty"`
	// Relation has the id of the peer relation, if it was asked for: that is a hook tool less.
	Relation []string `json:"relation"`
	// Age is what the core would be told of it at this time of both clocks.
	Age    *float64 `json:"age,omitempty"`
	Wall   float64  `json:"wall"`
	Uptime float64  `json:"uptime"`
}

// suspendedSwap is what was found of the operator's policy; the core has been told of it.
type suspendedSwap struct {
	Folder   string     `json:"folder"`
	Kept     keptRecord `json:"kept"`
	Problems []Problem  `json:"problems"`
}

// Suspend gives what [Resume] needs to go on with this hook in another process. The coordinator is of no more use then.
func (c *Coordinator) Suspend() ([]byte, error) {
	if c.settings.policyFunc != nil || c.settings.policyModule != nil || c.view == nil || c.failure != nil {
		return nil, &UsageError{"bad_order", "only a hook that was started and has not failed goes on, and none whose charm decides by itself"}
	}
	kept := suspended{
		Policy:         c.settings.policy,
		OperatorPolicy: c.settings.operatorPolicy,
		SelfGrant:      c.settings.selfGrant,
		Key:            c.settings.key,
		Allow:          c.settings.allow,
		View:           c.view,
		Over:           c.isOver,
		Age:            c.asker.age(),
		Wall:           wallSeconds(),
		Uptime:         uptimeSeconds(),
	}
	if c.unasked != nil {
		text, err := write(c.unasked)
		if err != nil {
			return nil, err
		}
		kept.Unasked = text
	}
	if swap := c.settings.swap; swap != nil {
		kept.Swap = &suspendedSwap{string(swap.folder), c.inForce.kept, c.inForce.problems}
	}
	if host, ok := c.host.(*JujuHost); ok {
		kept.Relation = host.peers.ids
	}
	for _, text := range c.asker.told {
		kept.Told = append(kept.Told, string(text))
	}
	return write(kept)
}

// Resume goes on with a hook that was begun in another process. Its host must be that of the same hook.
func Resume(host Host, state []byte) (*Coordinator, error) {
	var kept suspended
	if err := json.Unmarshal(state, &kept); err != nil {
		return nil, badType("this is no suspended hook: %v", err)
	}
	c, err := New(host, WithPolicy(kept.Policy), WithOperatorPolicy(kept.OperatorPolicy), WithSelfGrant(kept.SelfGrant),
		WithKey(kept.Key), WithAllow(kept.Allow...))
	if err != nil {
		return nil, err
	}
	if kept.View == nil {
		return nil, badType("this is no suspended hook: nothing was seen in it")
	}
	if host, ok := c.host.(*JujuHost); ok {
		host.peers.ids = kept.Relation
	}
	if swap := kept.Swap; swap != nil {
		c.settings.swap = NewPolicySource(KeptIn(swap.Folder))
		if err := c.force(c.settings.swap.of(nil, swap.Kept, nil, swap.Problems)); err != nil {
			return nil, err
		}
	}
	c.view, c.isOver = kept.View, kept.Over
	c.asker.ledAt = ledAt(&kept, host.Hook().Monotonic())
	if kept.Unasked != nil {
		c.unasked = &snapshot{}
		if err := json.Unmarshal(kept.Unasked, c.unasked); err != nil {
			return nil, badType("this is no suspended hook: %v", err)
		}
		return c, nil
	}
	c.asker.makeCore = func(ctx context.Context) (Callable, error) { return c.retell(ctx, kept.Told) }
	return c, nil
}

// retell gives a core that has been told what the one before it was told; its answers were carried out then.
func (c *Coordinator) retell(ctx context.Context, told []string) (Callable, error) {
	core, err := c.makeCore(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range told {
		if _, err := core.Call(ctx, []byte(text)); err != nil {
			return nil, err
		}
		c.asker.told = append(c.asker.told, []byte(text))
	}
	return core, nil
}

// ledAt is the moment of the last proof of leadership on this process's clock. Of the time that the wall clock and the machine
// say has passed the longer counts, as in a single process. Where the machine does not say it, nothing is known: the core then
// asks again before it does what is-leader guards.
func ledAt(kept *suspended, now float64) *float64 {
	uptime := uptimeSeconds()
	if kept.Age == nil || uptime == 0 || kept.Uptime == 0 {
		return nil
	}
	passed := max(wallSeconds()-kept.Wall, uptime-kept.Uptime)
	at := now - *kept.Age - passed
	return &at
}

func wallSeconds() float64 { return float64(time.Now().UnixMicro()) / 1e6 }

// uptimeSeconds counts suspension; 0 where it is not known.
func uptimeSeconds() float64 {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	seconds, _ := strconv.ParseFloat(first, 64)
	return seconds
}
