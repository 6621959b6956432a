import { ENGAGEMENT, PAGEVIEW } from '../event.ts'
import type { Codes } from './bytes.ts'
import { type Day, kinds } from './day.ts'

/** A pause that is longer ends a visit, ms. */
export const VISIT_GAP_MS = 30 * 60_000

/** What kind each row is. Needs the columns `name` and `interactive`. */
export function kindsOf(day: Day): Uint8Array {
  return day.derive('kinds', () => {
    const names = day.column('name')
    if (!names) return new Uint8Array(day.rows)
    const byCode = Uint8Array.from(names.values, (name) =>
      name === PAGEVIEW ? kinds.pageview : name === ENGAGEMENT ? kinds.engagement : kinds.custom,
    )
    const result = lookUp(byCode, names.codes)
    const passive = day.column('interactive')?.codes ?? []
    for (let row = 0; row < passive.length; row++)
      if (passive[row] !== 0 && result[row] === kinds.custom) result[row] = kinds.passive
    return result
  })
}

/** What each row counts as: 0 engagement, 1 an event, 2 a page view. Needs the column `name`. */
export function rowWeights(day: Day): Uint8Array {
  return day.derive('weights', () => {
    const names = day.column('name')
    if (!names) return new Uint8Array(day.rows).fill(1)
    const byCode = Uint8Array.from(names.values, (name) =>
      name === ENGAGEMENT ? 0 : name === PAGEVIEW ? 2 : 1,
    )
    return lookUp(byCode, names.codes)
  })
}

/** What stands in a table for each code. */
export function lookUp(table: Uint8Array, codes: Codes): Uint8Array {
  const result = new Uint8Array(codes.length)
  for (let i = 0; i < codes.length; i++) result[i] = table[codes[i] as number] as number
  return result
}

/** 1 for each visit that counts: it has a visitor, and an event that is not engagement. */
export function countedVisits(day: Day): Uint8Array {
  return day.derive('counted', () => {
    const events = eventsOf(day)
    const result = new Uint8Array(day.visits)
    for (let visit = 0; visit < day.named; visit++) result[visit] = events[visit] === 0 ? 0 : 1
    return result
  })
}

/** Events of each visit, engagement left out. */
export function eventsOf(day: Day): Uint32Array {
  return day.derive('events', () => countRows(day, (kind) => kind !== kinds.engagement))
}

export function pageviewsOf(day: Day): Uint32Array {
  return day.derive('pageviews', () => countRows(day, (kind) => kind === kinds.pageview))
}

function countRows(day: Day, matches: (kind: number) => boolean): Uint32Array {
  const wanted = Uint8Array.from({ length: 4 }, (_, kind) => (matches(kind) ? 1 : 0))
  const kind = kindsOf(day)
  const { first } = day
  const result = new Uint32Array(day.visits)
  for (let visit = 0; visit < day.visits; visit++) {
    let count = 0
    for (let row = first[visit] as number; row < (first[visit + 1] as number); row++)
      count += wanted[kind[row] as number] as number
    result[visit] = count
  }
  return result
}

/** 1 for each visit that was one page view and nothing interactive. */
export function bouncesOf(day: Day): Uint8Array {
  return day.derive('bounces', () => {
    const kind = kindsOf(day)
    const pageviews = pageviewsOf(day)
    const { first } = day
    const result = new Uint8Array(day.visits)
    for (let visit = 0; visit < day.visits; visit++) {
      let isBounce = pageviews[visit] === 1
      for (let row = first[visit] as number; isBounce && row < (first[visit + 1] as number); row++)
        isBounce = kind[row] !== kinds.custom
      result[visit] = isBounce ? 1 : 0
    }
    return result
  })
}

/** From the first to the last event of each visit, engagement left out; ms. */
export function durationsOf(day: Day): Uint32Array {
  return day.derive('durations', () => {
    const kind = kindsOf(day)
    const { first, time } = day
    const result = new Uint32Array(day.visits)
    for (let visit = 0; visit < day.visits; visit++) {
      let from = first[visit] as number
      let to = (first[visit + 1] as number) - 1
      while (from < to && kind[from] === kinds.engagement) from++
      while (to > from && kind[to] === kinds.engagement) to--
      result[visit] = (time[to] as number) - (time[from] as number)
    }
    return result
  })
}

/** The row of each visit's first page view, 1 more than it is; 0: it has none. */
export function entriesOf(day: Day): Uint32Array {
  return day.derive('entries', () => {
    const kind = kindsOf(day)
    const { first } = day
    const result = new Uint32Array(day.visits)
    for (let visit = 0; visit < day.visits; visit++) {
      const end = first[visit + 1] as number
      let row = first[visit] as number
      while (row < end && kind[row] !== kinds.pageview) row++
      if (row < end) result[visit] = row + 1
    }
    return result
  })
}

/** The row of each visit's last page view, 1 more than it is; 0: it has none. */
export function exitsOf(day: Day): Uint32Array {
  return day.derive('exits', () => {
    const kind = kindsOf(day)
    const { first } = day
    const result = new Uint32Array(day.visits)
    for (let visit = 0; visit < day.visits; visit++) {
      const begin = first[visit] as number
      let row = (first[visit + 1] as number) - 1
      while (row >= begin && kind[row] !== kinds.pageview) row--
      if (row >= begin) result[visit] = row + 1
    }
    return result
  })
}

/** The codes of a row column at the given rows (1 more than they are; 0: none), kept under a name. */
export function codesAt(day: Day, name: string, codes: Codes, rows: Uint32Array): Codes {
  return day.derive(name, () => {
    const result = codes instanceof Uint32Array ? new Uint32Array(rows.length) : new Uint16Array(rows.length)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      result[i] = row === 0 ? 0 : (codes[row - 1] as number)
    }
    return result as Codes
  })
}
