/**
 * What the core uses of the standard library's Array, in the arena: nothing is taken before the first push, and room doubles. The build
 * puts it in the place of the library's own (scripts/asc.mjs); the fields lie where the compiler expects them.
 */
export class Array<T> {
  [key: number]: T;

  buffer: usize = 0;
  dataStart: usize = 0;
  byteLength: i32 = 0;
  length_: i32 = 0;

  // biome-ignore lint/complexity/noUselessConstructor: where there is none, the compiler writes the base's into every place of use.
  constructor() {}

  get length(): i32 {
    return this.length_;
  }

  push(value: T): void {
    const length = this.length_;
    const used = (<usize>length) << alignof<T>();
    if (<i32>used === this.byteLength) {
      const larger = max<usize>(used * 2, 32);
      const data = __alloc(larger);
      memory.copy(data, this.dataStart, used);
      this.dataStart = data;
      this.byteLength = <i32>larger;
    }
    store<T>(this.dataStart + used, value);
    this.length_ = length + 1;
  }

  @operator("[]") __get(index: i32): T {
    if (<u32>index >= <u32>this.length_) unreachable();
    return load<T>(this.dataStart + ((<usize>index) << alignof<T>()));
  }

  /** As `unchecked` reads it. */
  @operator("{}") __uget(index: i32): T {
    return load<T>(this.dataStart + ((<usize>index) << alignof<T>()));
  }

  @operator("[]=") __set(index: i32, value: T): void {
    if (<u32>index >= <u32>this.length_) unreachable();
    store<T>(this.dataStart + ((<usize>index) << alignof<T>()), value);
  }
}
