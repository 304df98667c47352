package coordinator

import (
	"fmt"
	"strings"
)

// This file reads a WebAssembly file before wazero does: wazero makes room for as many things as a file says it has, before it
// looks whether they are there, and seventeen bytes can say four billion. And it reads what wazero does not tell in the same way
// for each kind of export.
//
// Every read is bounded by the file, and what is not known here is an error, never a guess.

// wasmFile is what has to be known of a file.
type wasmFile struct {
	// bytes are those of the file without custom sections, which change nothing.
	bytes []byte
	// imported is the first import as "module.name"; "" if there is none.
	imported string
	exports  map[string]export
	// tables has the number of elements that each table begins with.
	tables []uint32
}

// export is one export. kind is "function", "table", "memory", "global" or "tag"; functionType is written as in host/abi.md:
// "(i32, i32) -> i64"; mostPages of a memory is -1 if it declares no maximum.
type export struct {
	kind         string
	functionType string
	mostPages    int64
}

// mostLocals is what V8 and wasmtime take, too.
const mostLocals = 50_000

var (
	wasmHeader  = []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	exportKinds = []string{"function", "table", "memory", "global", "tag"}
	valueTypes  = map[byte]string{
		0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64", 0x7b: "v128", 0x70: "funcref", 0x6f: "externref",
	}
)

// binaryReader reads part of a file. After the first thing that is wrong, err says what it was and all reads give zero.
type binaryReader struct {
	bytes []byte
	at    int
	err   error
}

func (r *binaryReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
	r.at = len(r.bytes)
}

func (r *binaryReader) byte() byte {
	if r.at >= len(r.bytes) {
		r.fail("byte %d of a part is missing", r.at)
		return 0
	}
	r.at++
	return r.bytes[r.at-1]
}

// number reads a LEB128 of at most so many bits; of a negative one it gives some number.
func (r *binaryReader) number(bits int) uint64 {
	var value uint64
	for shift := 0; shift < bits; shift += 7 {
		next := r.byte()
		value |= uint64(next&0x7f) << shift
		if next < 0x80 {
			return value
		}
	}
	r.fail("the number that ends at byte %d of a part has more than %d bits", r.at, bits)
	return 0
}

func (r *binaryReader) u32() uint32 {
	value := r.number(32)
	if value > 0xffff_ffff {
		r.fail("the number that ends at byte %d of a part has more than 32 bits", r.at)
		return 0
	}
	return uint32(value)
}

// part gives the next bytes as a reader of their own; their length stands before them.
func (r *binaryReader) part() *binaryReader {
	length := r.u32()
	if int64(length) > int64(len(r.bytes)-r.at) {
		r.fail("%d bytes from byte %d of a part on are not all there", length, r.at)
		return &binaryReader{err: r.err}
	}
	start := r.at
	r.at += int(length)
	return &binaryReader{bytes: r.bytes[start:r.at]}
}

func (r *binaryReader) name() string { return string(r.part().bytes) }

func readList[T any](r *binaryReader, item func(*binaryReader) T) []T {
	var items []T
	// Each item takes at least a byte, so a count that lies ends at the last byte of its part.
	for left := r.u32(); left > 0 && r.err == nil; left-- {
		items = append(items, item(r))
	}
	return items
}

func skipList(r *binaryReader, item func(*binaryReader)) {
	for left := r.u32(); left > 0 && r.err == nil; left-- {
		item(r)
	}
}

func readValueType(r *binaryReader) string {
	code := r.byte()
	name, ok := valueTypes[code]
	if !ok {
		r.fail("0x%x is no known type", code)
	}
	return name
}

func readFunctionType(r *binaryReader) string {
	if form := r.byte(); form != 0x60 {
		r.fail("0x%x is no function type", form)
	}
	parameters := readList(r, readValueType)
	results := readList(r, readValueType)
	result := strings.Join(results, ", ")
	if len(results) != 1 {
		result = "(" + result + ")"
	}
	return "(" + strings.Join(parameters, ", ") + ") -> " + result
}

// readLimits gives what a table or a memory begins with, and the most it may become; -1 if that is not declared.
func readLimits(r *binaryReader) (uint32, int64) {
	flags := r.byte()
	if flags > 1 {
		r.fail("a memory or table is shared or has 64-bit addresses")
	}
	least, most := r.u32(), int64(-1)
	if flags == 1 {
		most = int64(r.u32())
	}
	return least, most
}

func readTable(r *binaryReader) uint32 {
	readValueType(r)
	least, _ := readLimits(r)
	return least
}

func readMemory(r *binaryReader) int64 {
	_, most := readLimits(r)
	return most
}

func skipGlobalType(r *binaryReader) {
	readValueType(r)
	r.byte()
}

func readImport(r *binaryReader) string {
	name := r.name() + "." + r.name()
	switch kind := r.byte(); kind {
	case 0:
		r.u32()
	case 1:
		readTable(r)
	case 2:
		readMemory(r)
	case 3:
		skipGlobalType(r)
	default:
		r.fail("%d is no known kind of import", kind)
	}
	return name
}

func skipExpression(r *binaryReader) {
	switch code := r.byte(); code {
	case 0x41: // i32.const
		r.number(32)
	case 0x42: // i64.const
		r.number(64)
	case 0x43: // f32.const
		r.skip(4)
	case 0x44: // f64.const
		r.skip(8)
	case 0x23, 0xd2: // global.get, ref.func
		r.u32()
	case 0xd0: // ref.null
		r.byte()
	case 0xfd: // v128.const
		r.skip(17)
	default:
		r.fail("0x%x begins no known constant", code)
	}
	if r.byte() != 0x0b {
		r.fail("a constant does not end")
	}
}

func (r *binaryReader) skip(bytes int) {
	for range bytes {
		r.byte()
	}
}

// skipElements: of the flags the first bit says passive or declared, the second that more is named, the third expressions.
func skipElements(r *binaryReader) {
	flags := r.u32()
	if flags > 7 {
		r.fail("%d is no known kind of elements", flags)
	}
	if flags&1 == 0 {
		if flags&2 != 0 {
			r.u32()
		}
		skipExpression(r)
	}
	if flags&3 != 0 {
		r.byte()
	}
	if flags&4 != 0 {
		skipList(r, skipExpression)
	} else {
		skipList(r, func(r *binaryReader) { r.u32() })
	}
}

func skipCode(r *binaryReader) {
	body := r.part()
	locals := int64(0)
	skipList(body, func(r *binaryReader) {
		locals += int64(r.u32())
		readValueType(r)
	})
	if locals > mostLocals {
		body.fail("a function has %d locals; at most %d", locals, mostLocals)
	}
	if body.err != nil {
		r.fail("%w", body.err)
	}
}

func skipData(r *binaryReader) {
	switch flags := r.u32(); flags {
	case 2:
		r.u32()
		skipExpression(r)
	case 0:
		skipExpression(r)
	case 1:
	default:
		r.fail("%d is no known kind of data", flags)
	}
	r.part()
}

// readFile reads all of a file but the bodies of its functions.
func readFile(wasm []byte) (*wasmFile, error) {
	r := &binaryReader{bytes: wasm}
	for _, expected := range wasmHeader {
		if r.byte() != expected {
			r.fail("it does not begin as WebAssembly 1 does")
		}
	}
	file := &wasmFile{bytes: append([]byte(nil), wasm[:min(len(wasm), len(wasmHeader))]...), exports: map[string]export{}}
	defined := &definitions{}
	for r.at < len(r.bytes) {
		start := r.at
		number, content := r.byte(), r.part()
		if number == 0 {
			continue
		}
		file.bytes = append(file.bytes, wasm[start:r.at]...)
		file.readSection(number, content, defined)
		if content.err != nil {
			r.fail("section %d: %w", number, content.err)
		}
	}
	return file, r.err
}

// definitions are what exports point at, by index. Where there is an import these are not the file's indices, but such a file is
// refused anyway.
type definitions struct {
	types     []string
	functions []uint32
	memories  []int64
}

func (f *wasmFile) readSection(number byte, r *binaryReader, defined *definitions) {
	switch number {
	case 1:
		defined.types = readList(r, readFunctionType)
	case 2:
		if imports := readList(r, readImport); len(imports) > 0 {
			f.imported = imports[0]
		}
	case 3:
		defined.functions = readList(r, (*binaryReader).u32)
	case 4:
		f.tables = readList(r, readTable)
	case 5:
		defined.memories = readList(r, readMemory)
	case 6:
		skipList(r, func(r *binaryReader) {
			skipGlobalType(r)
			skipExpression(r)
		})
	case 7:
		skipList(r, func(r *binaryReader) {
			name := r.name()
			f.exports[name] = describeExport(r, defined)
		})
	case 8, 12:
		r.u32()
	case 9:
		skipList(r, skipElements)
	case 10:
		skipList(r, skipCode)
	case 11:
		skipList(r, skipData)
	default:
		r.fail("it is not known")
	}
}

func describeExport(r *binaryReader, defined *definitions) export {
	kind, index := r.byte(), r.u32()
	if int(kind) >= len(exportKinds) {
		r.fail("%d is no known kind of export", kind)
		return export{}
	}
	described := export{kind: exportKinds[kind]}
	switch described.kind {
	case "function":
		described.functionType = at(defined.types, at(defined.functions, index))
	case "memory":
		described.mostPages = at(defined.memories, index)
	}
	return described
}

// at gives nothing for what is not there: wazero says so where the file imports nothing, and where it does, nobody asks.
func at[T any](list []T, index uint32) T {
	var none T
	if int64(index) >= int64(len(list)) {
		return none
	}
	return list[index]
}
