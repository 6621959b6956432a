/** An item as `POST /:collection` takes it. */
export type Item = Readonly<Record<string, unknown>>

/** What is left out, and why; `unreadable` is what is not of the format. */
export const skips = ['unreadable', 'bot', 'asset', 'error', 'method'] as const
export type Skip = (typeof skips)[number]

/** What became of one record of a file. */
export type Reading = { readonly item: Item; readonly skip?: never } | { readonly skip: Skip }

export interface ImportOptions {
  /** The host of pages where the file does not tell it. */
  readonly host?: string | undefined
  /** What is taken although it would be left out. */
  readonly keep: ReadonlySet<Skip>
}

/** A form that somebody's events come in. */
export interface Format {
  readonly name: string
  /** For people: which files are of it. */
  readonly meaning: string
}

/** Records that are lines of text. */
export interface LineFormat extends Format {
  readonly kind: 'lines'
  /** Whether a file may be of this format, by its first line. */
  matches(line: string): boolean
  read(line: string, options: ImportOptions): Reading
}

/** Cells of a record by the names of their columns. */
export type Row = Readonly<Record<string, string>>

/** Records of CSV, or lines of JSON with the same members. */
export interface TableFormat extends Format {
  readonly kind: 'table'
  /** Whether a file may be of this format, by the names of its columns. */
  matches(columns: ReadonlySet<string>): boolean
  read(row: Row, options: ImportOptions): Reading
}

export const unreadable: Reading = { skip: 'unreadable' }

/** An item without what is empty. */
export function itemOf(fields: Item): Reading {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return { item: Object.fromEntries(given) }
}

/** A time as databases write it, without offset in UTC, as ISO 8601; undefined if it is none. */
export function utcOf(text: string | undefined): string | undefined {
  const [, date, time, offset = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/.exec(
      text?.trim() ?? '',
    ) ?? []
  if (date === undefined) return undefined
  const zone = offset === 'UTC' ? 'Z' : offset.length === 3 ? `${offset}:00` : offset
  const iso = `${date}T${time}${zone}`
  return Number.isNaN(Date.parse(iso)) ? undefined : iso
}
