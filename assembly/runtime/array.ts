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

  constructor(length: i32 = 0) {
    if (length > 0) {
      this.move((<usize>length) << alignof<T>());
      this.length_ = length;
    }
  }

  get length(): i32 {
    return this.length_;
  }

  /** Makes it shorter; the room stays. */
  set length(length: i32) {
    if (<u32>length > <u32>this.length_) unreachable();
    this.length_ = length;
  }

  push(value: T): void {
    const used = (<usize>this.length_) << alignof<T>();
    if (<i32>used === this.byteLength) this.move(max<usize>(used * 2, 32));
    store<T>(this.dataStart + used, value);
    this.length_ += 1;
  }

  /** Makes room for so many bytes, in place if nothing was given out since. */
  private move(size: usize): void {
    const had = <usize>this.byteLength;
    if (heap.alloc(size - had) !== this.dataStart + had) {
      const data = heap.alloc(size);
      memory.copy(data, this.dataStart, had);
      this.dataStart = data;
    }
    this.byteLength = <i32>size;
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
