package coordinator

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// This file has what a command imports: the functions of WASI that host/abi.md names, with the answers that it gives. Engines bring
// their own, which differ in what they say of streams and clocks: a command would take another way, and other fuel, in each.

// errno is an error number of WASI.
type errno uint64

const (
	noError         errno = 0
	badDescriptor   errno = 8
	badAddress      errno = 21
	invalidArgument errno = 28
	notThere        errno = 52
	notSeekable     errno = 70
)

// The descriptors of the standard streams; there are no others.
const (
	standardInput uint32 = iota
	standardOutput
	standardError
)

const (
	// stillTime is in nanoseconds: time stands still right behind its beginning, since Go takes 0 for a fault.
	stillTime  = 1
	mayRead    = 1 << 1
	mayWrite   = 1 << 6
	sizeOfStat = 24
	// mostBuffers is that of one call, as on Linux.
	mostBuffers = 1024
)

// call is one call of a function: by which run, on which memory, with which arguments.
type call struct {
	*run
	memory api.Memory
	stack  []uint64
}

// arg gives an argument of 32 bits: what wazero has above them is left from something else.
func (c call) arg(at int) uint32 { return uint32(c.stack[at]) }

// Parameters are written i (32 bits) and l (64 bits). Each gives back its error number, but proc_exit never comes back.
var wasiFunctions = []struct {
	name, parameters string
	do               func(call) errno
}{
	{"args_get", "ii", call.nothing},
	{"args_sizes_get", "ii", call.noSizes},
	{"clock_time_get", "ili", call.clockTimeGet},
	{"environ_get", "ii", call.nothing},
	{"environ_sizes_get", "ii", call.noSizes},
	{"fd_close", "i", call.fdClose},
	{"fd_fdstat_get", "ii", call.fdStatGet},
	{"fd_fdstat_set_flags", "ii", call.fdStatSetFlags},
	{"fd_prestat_dir_name", "iii", call.noDescriptor},
	{"fd_prestat_get", "ii", call.noDescriptor},
	{"fd_read", "iiii", call.fdRead},
	{"fd_seek", "ilii", call.fdSeek},
	{"fd_write", "iiii", call.fdWrite},
	{"path_open", "iiiiillii", call.noDescriptor},
	{"poll_oneoff", "iiii", call.nobodyWaits},
	{"proc_exit", "i", call.procExit},
	{"random_get", "ii", call.randomGet},
	{"sched_yield", "", call.nothing},
}

// exportWASI gives a runtime these functions, for the commands in it.
func exportWASI(ctx context.Context, runtime wazero.Runtime) error {
	builder := runtime.NewHostModuleBuilder("wasi_snapshot_preview1")
	for _, function := range wasiFunctions {
		parameters, results := []api.ValueType{}, []api.ValueType{api.ValueTypeI32}
		for _, letter := range function.parameters {
			parameters = append(parameters, map[rune]api.ValueType{'i': api.ValueTypeI32, 'l': api.ValueTypeI64}[letter])
		}
		if function.name == "proc_exit" {
			results = nil
		}
		host := func(ctx context.Context, module api.Module, stack []uint64) {
			going := ctx.Value(runKey{}).(*run)
			going.lookAtClock()
			stack[0] = uint64(function.do(call{going, module.Memory(), stack}))
		}
		builder.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(host), parameters, results).Export(function.name)
	}
	_, err := builder.Instantiate(ctx)
	return err
}

func (c call) nothing() errno { return noError }

func (c call) noDescriptor() errno { return badDescriptor }

// nobodyWaits: what a command could wait for is here already, or never comes.
func (c call) nobodyWaits() errno { return notThere }

func (c call) noSizes() errno {
	return c.put(c.arg(0), 0, 4) | c.put(c.arg(1), 0, 4)
}

func (c call) clockTimeGet() errno {
	return c.put(c.arg(2), stillTime, 8)
}

func (c call) randomGet() errno {
	place, ok := c.memory.Read(c.arg(0), c.arg(1))
	if !ok {
		return badAddress
	}
	clear(place)
	return noError
}

func (c call) procExit() errno {
	code := c.arg(0)
	c.exit = &code
	panic("the command has ended")
}

func (c call) isOpenStream() bool { return c.arg(0) <= standardError && !c.isClosed[c.arg(0)] }

func (c call) fdClose() errno {
	if !c.isOpenStream() {
		return badDescriptor
	}
	c.isClosed[c.arg(0)] = true
	return noError
}

func (c call) fdStatGet() errno {
	if !c.isOpenStream() {
		return badDescriptor
	}
	place, ok := c.memory.Read(c.arg(1), sizeOfStat)
	if !ok {
		return badAddress
	}
	// It is of no known type, has no flags, and may be read or written.
	clear(place)
	rights := uint64(mayWrite)
	if c.arg(0) == standardInput {
		rights = mayRead
	}
	binary.LittleEndian.PutUint64(place[8:], rights)
	return noError
}

func (c call) fdStatSetFlags() errno {
	if !c.isOpenStream() {
		return badDescriptor
	}
	return noError
}

func (c call) fdSeek() errno {
	if !c.isOpenStream() {
		return badDescriptor
	}
	return notSeekable
}

func (c call) fdRead() errno {
	if c.arg(0) != standardInput || !c.isOpenStream() {
		return badDescriptor
	}
	buffers, said := c.buffers()
	if said != noError {
		return said
	}
	total := 0
	for _, buffer := range buffers {
		count := copy(buffer, c.input)
		c.input = c.input[count:]
		total += count
	}
	return c.put(c.arg(3), uint64(total), 4)
}

func (c call) fdWrite() errno {
	if c.arg(0) == standardInput || !c.isOpenStream() {
		return badDescriptor
	}
	buffers, said := c.buffers()
	if said != noError {
		return said
	}
	var total uint64
	for _, buffer := range buffers {
		total += uint64(len(buffer))
	}
	if total > math.MaxUint32 {
		return invalidArgument
	}
	for _, buffer := range buffers {
		c.take(c.arg(0), buffer)
	}
	return c.put(c.arg(3), total, 4)
}

// buffers gives the parts of the memory that the second and third argument list, once it is known that a number can be written where
// the fourth says.
func (c call) buffers() ([][]byte, errno) {
	count := c.arg(2)
	if count > mostBuffers {
		return nil, invalidArgument
	}
	list, ok := c.memory.Read(c.arg(1), count*8)
	if !ok {
		return nil, badAddress
	}
	buffers := [][]byte{}
	for at := 0; at < len(list); at += 8 {
		address, length := binary.LittleEndian.Uint32(list[at:]), binary.LittleEndian.Uint32(list[at+4:])
		buffer, ok := c.memory.Read(address, length)
		if !ok {
			return nil, badAddress
		}
		buffers = append(buffers, buffer)
	}
	if _, ok := c.memory.Read(c.arg(3), 4); !ok {
		return nil, badAddress
	}
	return buffers, noError
}

// put writes a number of so many bytes.
func (c call) put(address uint32, value uint64, size uint32) errno {
	place, ok := c.memory.Read(address, size)
	if !ok {
		return badAddress
	}
	for at := range place {
		place[at] = byte(value >> (8 * at))
	}
	return noError
}
