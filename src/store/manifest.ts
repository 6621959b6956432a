/** What counts of a collection's segments: one text in the store, changed as a whole by compare and set. */
export interface Manifest {
  /** By date, in order of date. */
  readonly days: ReadonlyMap<string, SealedDate>
  /** Days from which events were erased. */
  readonly erased: readonly string[]
  /** Days before this one are past the retention; undefined: none ever was. */
  readonly droppedBefore: string | undefined
}

export interface SealedDate {
  readonly segment: string
  /** Events without engagement, and all. */
  readonly count: number
  readonly rows: number
  /** There are ids that must be known when events come in. */
  readonly hasIds: boolean
  /** When ids and visitors are to be forgotten, ms since 1970; 0: they have been. */
  readonly forgetAt: number
}

export const EMPTY_MANIFEST: Manifest = { days: new Map(), erased: [], droppedBefore: undefined }

const FORMAT = 1

type Row = readonly [
  date: string,
  segment: string,
  count: number,
  rows: number,
  hasIds: 0 | 1,
  forgetAt: number,
]

interface Document {
  readonly format: number
  readonly days: readonly Row[]
  readonly erased: readonly string[]
  readonly droppedBefore?: string | undefined
}

export function writeManifest({ days, erased, droppedBefore }: Manifest): string {
  const rows = [...days].map(
    ([date, { segment, count, rows, hasIds, forgetAt }]): Row => [
      date,
      segment,
      count,
      rows,
      hasIds ? 1 : 0,
      forgetAt,
    ],
  )
  return JSON.stringify({ format: FORMAT, days: rows, erased, droppedBefore } satisfies Document)
}

export function readManifest(text: string): Manifest {
  const { format, days, erased, droppedBefore } = JSON.parse(text) as Document
  if (format !== FORMAT) throw new Error(`a manifest of the unknown format ${format}`)
  return {
    days: new Map(
      days.map(([date, segment, count, rows, hasIds, forgetAt]) => [
        date,
        { segment, count, rows, hasIds: hasIds === 1, forgetAt },
      ]),
    ),
    erased,
    droppedBefore,
  }
}

/** A manifest with some days replaced (or, where undefined, taken out). */
export function withDays(manifest: Manifest, changes: ReadonlyMap<string, SealedDate | undefined>): Manifest {
  const days = new Map(manifest.days)
  for (const [date, day] of changes) {
    if (day) days.set(date, day)
    else days.delete(date)
  }
  return { ...manifest, days: new Map([...days].sort(([a], [b]) => (a < b ? -1 : 1))) }
}
