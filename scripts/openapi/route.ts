import type { ProblemCode } from '../../src/errors.ts'
import type { KeyKind } from '../../src/key.ts'
import type { Schema } from './schema.ts'

/** One method of one path, as it is described. */
export interface Route {
  readonly id: string
  /** As the app has it: `/:collection/query`. */
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly tag: 'Collect' | 'Ask' | 'Refused events' | 'Manage' | 'Watch' | 'Trackers' | 'Plausible' | 'Umami'
  readonly summary: string
  /** Kinds of key that may use it; none: anybody. */
  readonly keys: readonly KeyKind[]
  readonly query?: Readonly<Record<string, Parameter>>
  readonly body?: Contents
  readonly answers: Readonly<Record<number, Answer>>
  /** Beside those that every route of its kind has. */
  readonly errors?: readonly ProblemCode[]
}

export interface Parameter {
  readonly text: string
  readonly schema?: Schema
  readonly isRequired?: boolean
}

/** Schemas by media type. */
type Contents = Readonly<Record<string, Schema>>

export interface Answer {
  readonly text: string
  readonly content?: Contents
  readonly headers?: Readonly<Record<string, string>>
}

/** A body or an answer of JSON. */
export const json = (schema: Schema): Contents => ({ 'application/json': schema })
/** The one good answer of a route. */
export const ok = (text: string, schema: Schema): Readonly<Record<number, Answer>> => ({
  200: { text, content: json(schema) },
})

/** Who may use a route. */
export const writers: readonly KeyKind[] = ['write', 'server', 'admin']
export const readers: readonly KeyKind[] = ['read', 'admin']
export const admins: readonly KeyKind[] = ['admin']

/** Errors of a body, and of whatever is asked of a collection. */
export const inBody: readonly ProblemCode[] = ['malformed_body', 'too_large', 'unsupported_media_type']
export const asked: readonly ProblemCode[] = ['unknown_collection', 'damaged', 'unavailable', 'overloaded']
