package coordinator

import (
	"fmt"
	"strings"
)

// This file reads from a WebAssembly file what wazero does not tell in the same way for each kind of export. It is meant for
// files that wazero has validated, yet relies on none of that: every read is bounded, and what it does not know is an error,
// never a guess.

type memoryLimits struct {
	// max is in pages of 64 KiB; -1 if none is declared.
	max int64
}

// export is one export. kind is "function", "table", "memory", "global" or "tag"; functionType is written as in host/abi.md:
// "(i32, i32) -> i64".
type export struct {
	kind         string
	functionType string
	memory       memoryLimits
}

const (
	sectionType     = 1
	sectionImport   = 2
	sectionFunction = 3
	sectionMemory   = 5
	sectionExport   = 7
)

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

// u32 reads an unsigned LEB128 of at most 32 bits.
func (r *binaryReader) u32() uint32 {
	var value uint32
	for shift := 0; shift < 35; shift += 7 {
		next := r.byte()
		if shift == 28 && next > 0x0f {
			break
		}
		value |= uint32(next&0x7f) << shift
		if next < 0x80 {
			return value
		}
	}
	r.fail("the number that ends at byte %d of a part has more than 32 bits", r.at)
	return 0
}

// part gives the next bytes as a reader of their own.
func (r *binaryReader) part(length uint32) *binaryReader {
	if int64(length) > int64(len(r.bytes)-r.at) {
		r.fail("%d bytes from byte %d of a part on are not all there", length, r.at)
		return &binaryReader{err: r.err}
	}
	start := r.at
	r.at += int(length)
	return &binaryReader{bytes: r.bytes[start:r.at]}
}

func (r *binaryReader) name() string { return string(r.part(r.u32()).bytes) }

func readList[T any](r *binaryReader, item func(*binaryReader) T) []T {
	var items []T
	// Each item takes at least a byte, so a count that lies ends at the last byte of the file.
	for left := r.u32(); left > 0 && r.err == nil; left-- {
		items = append(items, item(r))
	}
	return items
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

func readMemory(r *binaryReader) memoryLimits {
	flags := r.byte()
	if flags > 1 {
		r.fail("a memory is shared or has 64-bit addresses")
	}
	r.u32()
	if flags == 1 {
		return memoryLimits{max: int64(r.u32())}
	}
	return memoryLimits{max: -1}
}

// readSections gives the sections by number. A custom section (0) is left out; of two with one number the file would not be
// valid.
func readSections(wasm []byte) (map[byte]*binaryReader, error) {
	r := &binaryReader{bytes: wasm}
	for _, expected := range wasmHeader {
		if r.byte() != expected {
			r.fail("it does not begin as WebAssembly 1 does")
		}
	}
	found := map[byte]*binaryReader{}
	for r.at < len(r.bytes) {
		number := r.byte()
		if content := r.part(r.u32()); number != 0 {
			found[number] = content
		}
	}
	return found, r.err
}

// readFirstImport gives the first import as "module.name"; "" if the module imports nothing.
func readFirstImport(wasm []byte) (string, error) {
	found, err := readSections(wasm)
	section := found[sectionImport]
	if err != nil || section == nil || section.u32() == 0 {
		return "", err
	}
	module, name := section.name(), section.name()
	return module + "." + name, section.err
}

// readExports gives the exports by name of a module that imports nothing: an import would shift the indices of what the module
// defines itself.
func readExports(wasm []byte) (map[string]export, error) {
	found, err := readSections(wasm)
	if err != nil {
		return nil, err
	}
	types, err := listIn(found[sectionType], readFunctionType)
	if err != nil {
		return nil, err
	}
	functions, err := listIn(found[sectionFunction], (*binaryReader).u32)
	if err != nil {
		return nil, err
	}
	memories, err := listIn(found[sectionMemory], readMemory)
	if err != nil {
		return nil, err
	}
	exports := map[string]export{}
	_, err = listIn(found[sectionExport], func(r *binaryReader) string {
		name := r.name()
		kind, index := r.byte(), r.u32()
		exports[name] = describeExport(r, kind, index, types, functions, memories)
		return name
	})
	return exports, err
}

func listIn[T any](section *binaryReader, item func(*binaryReader) T) ([]T, error) {
	if section == nil {
		return nil, nil
	}
	items := readList(section, item)
	return items, section.err
}

func describeExport(
	r *binaryReader, kind byte, index uint32, types []string, functions []uint32, memories []memoryLimits,
) export {
	if int(kind) >= len(exportKinds) {
		r.fail("%d is no known kind of export", kind)
		return export{}
	}
	described := export{kind: exportKinds[kind]}
	switch {
	case described.kind == "function":
		described.functionType = at(r, types, at(r, functions, index, "function"), "type")
	case described.kind == "memory":
		described.memory = at(r, memories, index, "memory")
	}
	return described
}

func at[T any](r *binaryReader, list []T, index uint32, what string) T {
	if int64(index) >= int64(len(list)) {
		r.fail("there is no %s %d", what, index)
		var none T
		return none
	}
	return list[index]
}
