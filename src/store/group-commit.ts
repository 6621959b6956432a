import { overloaded } from '../errors.ts'
import { joinEntries } from './entry.ts'
import type { Append, Journals } from './store.ts'

/** Characters and additions that may wait for commits; beyond either new events are refused as `overloaded`. */
const WAITING_LIMIT = 16_000_000
const WAITING_ADDITIONS = 20_000

/** Characters that one commit takes, a single larger addition apart: hosted Redis takes 10 MB a request. */
const COMMIT_LIMIT = 4_000_000

/** Turns of the event loop that a commit waits at most while each brings more: a commit costs as much as many events. */
const TURNS_LIMIT = 8

/** The way into the journals. */
export interface Writer {
  /** Appends what `encodeEvents` made, all of it or nothing; durable when it resolves. */
  add(collection: string, parts: readonly string[]): Promise<void>
  /** Nothing more fits: refuse before reading a body. */
  isFull(): boolean
}

/** A way on which much may wait. */
export interface Queue extends Writer {
  /** What waits for a commit, or is in one that is in flight. */
  waiting(): { readonly additions: number; readonly characters: number }
}

interface Addition {
  readonly collection: string
  readonly parts: readonly string[]
  readonly size: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Additions that share commits, one commit at a time. */
interface Lane {
  waiting: Addition[]
  isBusy: boolean
}

/**
 * Group commit: while a commit is in flight new additions gather, and the next commit takes them all.
 * There is no timer, the commit itself is the interval. `soon` resolves once the work that is already
 * at the door (other requests of the same turn) has had its chance to join; as long as it brings some, more may follow.
 */
export function groupCommit(journals: Pick<Journals, 'atom' | 'append'>, soon: () => Promise<void>): Queue {
  const lanes = new Map<string, Lane>()
  let waitingSize = 0
  let waitingCount = 0

  function isFull(): boolean {
    return waitingSize > WAITING_LIMIT || waitingCount >= WAITING_ADDITIONS
  }

  function laneOf(collection: string): Lane {
    const name = journals.atom === 'store' ? '' : collection
    const lane = lanes.get(name) ?? { waiting: [], isBusy: false }
    lanes.set(name, lane)
    return lane
  }

  async function drain(lane: Lane): Promise<void> {
    lane.isBusy = true
    while (lane.waiting.length > 0) {
      await gather(lane)
      await commit(takeCommit(lane))
    }
    lane.isBusy = false
  }

  async function gather({ waiting }: Lane): Promise<void> {
    for (let turn = 0; turn < TURNS_LIMIT; turn++) {
      const before = waiting.length
      await soon()
      if (waiting.length === before) return
    }
  }

  async function commit(additions: readonly Addition[]): Promise<void> {
    try {
      await journals.append(appendsOf(additions))
      for (const { resolve } of additions) resolve()
    } catch (error) {
      for (const { reject } of additions) reject(error)
    }
    for (const { size } of additions) waitingSize -= size
    waitingCount -= additions.length
  }

  return {
    add(collection, parts): Promise<void> {
      if (isFull()) return Promise.reject(overloaded())
      const size = parts.reduce((sum, part) => sum + part.length, 0)
      waitingSize += size
      waitingCount++
      const lane = laneOf(collection)
      return new Promise((resolve, reject) => {
        lane.waiting.push({ collection, parts, size, resolve, reject })
        if (!lane.isBusy) void drain(lane)
      })
    },
    isFull,
    waiting: () => ({ additions: waitingCount, characters: waitingSize }),
  }
}

/** Every addition is a commit of its own: where requests must not wait for each other's I/O (Workers' isolates). */
export function directCommit(journals: Pick<Journals, 'append'>): Writer {
  return {
    add: (collection, parts) => journals.append([{ collection, entries: joinEntries(parts) }]),
    isFull: () => false,
  }
}

function takeCommit(lane: Lane): readonly Addition[] {
  let size = 0
  let count = 0
  for (const addition of lane.waiting) {
    size += addition.size
    if (count > 0 && size > COMMIT_LIMIT) break
    count++
  }
  return lane.waiting.splice(0, count)
}

function appendsOf(additions: readonly Addition[]): readonly Append[] {
  const parts = new Map<string, string[]>()
  for (const addition of additions) {
    const list = parts.get(addition.collection) ?? []
    parts.set(addition.collection, list)
    list.push(...addition.parts)
  }
  return [...parts].map(([collection, list]) => ({ collection, entries: joinEntries(list) }))
}
