import type { Context } from 'hono'
import type { Client } from './client.ts'
import type { Collection } from './collection.ts'
import type { ProblemCode, SkerryError } from './errors.ts'
import type { Event } from './event.ts'
import type { Refused } from './refusal.ts'
import type { Principal } from './registry.ts'
import type { Reply } from './reply.ts'
import type { Identity } from './visitor.ts'

/** What the layers of the onion leave for those further in. */
export interface SkerryEnv {
  Variables: {
    /** Time spent in each layer so far, in order of entry. */
    marks: readonly Mark[]
    /** What goes with the reply, whichever it will be. */
    headers: Record<string, string>
    /** The reply, once a layer further in has given one. */
    reply: Reply | undefined
    /** How errors are told, where a dialect has a way of its own. */
    tell: Tell | undefined
    /** The JSON of a body that a dialect asks by. */
    asked: unknown
    /** Who sends the request, once somebody has asked. */
    client: Client | undefined
    principal: Principal
    /** The collection that the route names. */
    collection: Collection
    /** What was made of the beacon: one of our own is for one collection, a foreign one may be for several. */
    beacons: readonly ValidBeacon[]
    /** What of a foreign beacon is for no collection: why, for each event. */
    strays: readonly ProblemCode[]
    /** The code of the problem that was answered, if it was one. */
    problem: ProblemCode | undefined
  }
}

/** An error as clients of a dialect see it; undefined: as everywhere. */
export type Tell = (error: SkerryError, header: (name: string) => string | undefined) => Reply | undefined

/** Time spent in one layer itself, without those further in; ms. */
export interface Mark {
  readonly name: string
  own: number
}

/** A beacon, or what of it is for one collection, whose items have been judged one by one. */
export interface ValidBeacon {
  readonly collection: Collection
  readonly events: readonly NewEvent[]
  /** Who sent each event, as far as the event says so itself. */
  readonly identities: readonly Identity[]
  readonly refused: readonly RefusedItem[]
  readonly isBatch: boolean
  readonly invalid: readonly InvalidItem[]
}

/** An event that is not yet told whose it is. */
export type NewEvent = Event & { visitor?: string }

/** An item that a policy turned away, by its place in the beacon. */
export interface RefusedItem extends Refused {
  readonly index: number
}

export interface InvalidItem {
  readonly index: number
  readonly code: 'invalid_event'
  readonly detail: string
  readonly pointer: string
}

export type SkerryContext = Context<SkerryEnv>

export type Next = () => Promise<void>

/** A layer: the way in, `await next()`, the way out. It may reply instead of calling `next()`, or replace the reply after it. */
export type Layer = (c: SkerryContext, next: Next) => Promise<Reply | void>

/** Is told of a request once its reply is there, how long that took, ms, and how long in each layer. Must not throw. */
export type Observer = (c: SkerryContext, reply: Reply, ms: number, marks: readonly Mark[]) => void

/** Layers by their names, from the outside in. Names are keys, because minification renames functions. */
export type Layers = Readonly<Record<string, Layer>>
