import { Bytes } from './parquet-bytes.ts'

/**
 * A value in Thrift's compact protocol, which Parquet keeps its metadata in: type and bytes. Field ids are those
 * of `parquet.thrift` in apache/parquet-format.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export interface Value {
  readonly type: number
  readonly bytes: Uint8Array
}

const types = { true: 1, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

function value(type: keyof typeof types, write?: (out: Bytes) => void): Value {
  const out = new Bytes()
  write?.(out)
  return { type: types[type], bytes: out.written.slice() }
}

/** A boolean field that is true: its type says it all. */
export const TRUE = value('true')

/** Whole numbers from 0; the zigzag of these is their double. */
export const i32 = (number: number): Value => value('i32', (out) => out.varint(number * 2))
export const i64 = (number: number): Value => value('i64', (out) => out.varint(number * 2))

export function binary(bytes: Uint8Array): Value {
  return value('binary', (out) => {
    out.varint(bytes.length)
    out.bytes(bytes)
  })
}

export const text = (string: string): Value => binary(new TextEncoder().encode(string))

/** A list of values of one type; of none, it claims to be one of structs. */
export function list(items: readonly Value[]): Value {
  const type = items[0]?.type ?? types.struct
  return value('list', (out) => {
    out.byte(Math.min(items.length, 15) * 16 + type)
    if (items.length > 14) out.varint(items.length)
    for (const { bytes } of items) out.bytes(bytes)
  })
}

/** A struct (or union) of fields by id, up to 15 apart. Objects give keys that are whole numbers in ascending order. */
export function struct(fields: Readonly<Record<number, Value | undefined>>): Value {
  return value('struct', (out) => {
    let last = 0
    for (const [id, field] of Object.entries(fields)) {
      if (!field) continue
      out.byte((Number(id) - last) * 16 + field.type)
      out.bytes(field.bytes)
      last = Number(id)
    }
    out.byte(0)
  })
}
