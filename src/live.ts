import type { KeptEvent } from './event.ts'

/** What a listener is told, as it comes. */
export type LiveMessage =
  | { readonly is: 'event'; readonly place: string; readonly event: KeptEvent }
  /** Visitors of the last five minutes. */
  | { readonly is: 'visitors'; readonly visitors: number }
  /** Events came that can no longer be told here. */
  | { readonly is: 'gap' }
  /** That somebody is still there, and how far a listener has come. */
  | { readonly is: 'beat'; readonly place: string }

/** Limits and intervals of listening, named in `docs/query.md`. */
export const liveLimits = {
  /** Of one process, and of one object. */
  listeners: 100,
  /** A listener is told something at least so often, ms. */
  beatMs: 15_000,
  /** Visitors are counted so often at most, ms. */
  visitorsMs: 5_000,
  /** Who takes nothing for so long makes room for others, ms. */
  stalledMs: 45_000,
} as const

/** Where a listener stands in a journal: told are the entries before `position`, and so many events of the next. */
export interface Place {
  readonly epoch: number
  readonly position: number
  readonly told: number
}

export function placeText({ epoch, position, told }: Place): string {
  return `${epoch}.${position}.${told}`
}

/** Undefined if a text is no place. */
export function readPlace(text: string): Place | undefined {
  const [, epoch, position, told] = /^(\d{1,15})\.(\d{1,15})\.(\d{1,7})$/.exec(text) ?? []
  if (told === undefined) return undefined
  return { epoch: Number(epoch), position: Number(position), told: Number(told) }
}
