import type { Event } from '../../src/event.ts'

/** What a process that will be killed tells, a line each: a letter and JSON. */
export interface Line {
  /**
   * `s` an event is about to be added, `a` it is acknowledged; `e` a page is about to be erased, `x` it is,
   * `c` others kept coming between; `g` a segment was put; `k` sealed; `u` the store was not available; `!` a fault.
   */
  readonly kind: string
  readonly value: unknown
}

export function toLine(kind: string, value: unknown): string {
  return `${kind} ${JSON.stringify(value)}\n`
}

/** The whole lines: the last may have been cut by the death. */
export function readLines(output: string): readonly Line[] {
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line) =>
      /^\S \S/.test(line) ? [{ kind: line.slice(0, 1), value: JSON.parse(line.slice(2)) }] : [],
    )
}

const DAY = 86_400_000
/** Days over which the events are spread. */
const DAYS = 3

/** The n-th event of a run: on one of the last days, of one of a few visitors. */
export function killEvent(run: string, n: number, page: string): Event {
  const now = Date.now()
  return {
    id: `${run}.${n}`,
    title: `${run}.${n}`,
    name: 'pageview',
    time: now - (n % DAYS) * DAY,
    received: now,
    page,
    visitor: (n % 17).toString(16).padStart(16, '0'),
    source: n % 3 === 0 ? 'Google' : 'Mail',
  }
}
