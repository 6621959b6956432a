import type { Layer, Layers, Mark, Observer, SkerryContext } from '../context.ts'
import { type Reply, toResponse } from '../reply.ts'

interface NamedLayer {
  /** A token of RFC 9110, as `Server-Timing` wants it. */
  readonly name: string
  readonly layer: Layer
}

/** Layers from the outside in. */
export type Chain = readonly NamedLayer[]

/** Makes a chain of layers and chains. Layers in a record are named by its keys, others by their functions. */
export function chain(...parts: readonly (Layer | Layers | Chain)[]): Chain {
  return parts.flatMap((part) => {
    if (typeof part === 'function') return [named(part.name, part)]
    return isChain(part) ? part : Object.entries(part).map(([name, layer]) => named(name, layer))
  })
}

function isChain(part: Layers | Chain): part is Chain {
  return Array.isArray(part)
}

function named(name: string, layer: Layer): NamedLayer {
  return { name: name.replaceAll(/[^\w-]/g, '_') || 'anonymous', layer }
}

/** One request on its way through a chain. */
interface Passage {
  readonly c: SkerryContext
  readonly chain: Chain
  readonly clock: () => number
  readonly marks: Mark[]
  /** Until when time is written down. */
  since: number
}

/**
 * The onion: what stands before `await next()` runs on the way in, what stands after it on the way
 * out. Each layer's own time is marked; `clock` never goes back, ms. Calling `next()` twice is an error
 * that names the layer; the innermost may call it too, which does nothing. `observer` sees the reply go out.
 */
export function serve(
  chain: Chain,
  clock: () => number,
  observer?: Observer,
): (c: SkerryContext) => Promise<Response> {
  return async function answer(c): Promise<Response> {
    const start = clock()
    const passage: Passage = { c, chain, clock, marks: [], since: start }
    const headers = {}
    c.set('marks', passage.marks)
    c.set('headers', headers)
    await enter(passage, 0)
    const reply = c.get('reply')
    if (!reply) throw new Error('no layer has replied')
    observer?.(c, reply, passage.since - start, passage.marks)
    return toResponse(reply, headers)
  }
}

function enter(passage: Passage, at: number): Promise<void> {
  const entered = passage.chain[at]
  if (!entered) return Promise.resolve()
  const { name, layer } = entered
  passage.marks.push({ name, own: 0 })
  let isCalled = false
  function next(): Promise<void> {
    if (isCalled) throw new Error(`the layer ${name} called next() twice`)
    isCalled = true
    mark(passage, at)
    return enter(passage, at + 1)
  }
  return layer(passage.c, next).then(
    (reply) => leave(passage, at, reply),
    (error) => {
      mark(passage, at)
      throw error
    },
  )
}

function leave(passage: Passage, at: number, reply: Reply | void): void {
  mark(passage, at)
  if (reply) passage.c.set('reply', reply)
}

/** What has passed since the last mark is this layer's own time. */
function mark(passage: Passage, at: number): void {
  const now = passage.clock()
  const entry = passage.marks[at]
  if (entry) entry.own += now - passage.since
  passage.since = now
}
