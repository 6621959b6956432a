import { SkerryError } from '../errors.ts'
import { type Codec, type Codes, DamagedError, fromJsonBytes, unpack } from './bytes.ts'
import type { Cache } from './cache.ts'
import type { ColumnName, Day, DaySource } from './day.ts'
import { indexLines, readLines } from './lines.ts'
import type { FullDay } from './open-day.ts'
import {
  type Contents,
  decode,
  dictionaryOf,
  linesOf,
  type Payloads,
  partsOf,
  type Shape,
  shapeOf,
  sizeOf,
} from './payloads.ts'
import type { Breathe } from './scan.ts'
import { FullSealedView, SealedView } from './sealed-view.ts'
import {
  forgottenParts,
  type Parts,
  SEGMENT_FORMAT,
  type SegmentHeader,
  URLS_PART,
  valuesPart,
} from './segment.ts'
import type { SumTable } from './sums.ts'

/** Reads named parts of one segment; those that it has not are left out. */
export type ReadParts = (names: readonly string[]) => Promise<Parts>

/** A part is not there any more: its day was sealed anew, and whoever asked begins again; or it is lost. */
export class SegmentGoneError extends Error {
  /** The segment, by the key that it is cached by. */
  readonly key: string
  constructor(part: string, date: string, key: string) {
    super(`The column "${part}" of ${date} is missing.`)
    this.key = key
  }
}

export interface SealedDayOptions {
  readonly date: string
  readonly count: number
  /** Unique among all segments that share the cache. */
  readonly key: string
  readonly read: ReadParts
  readonly codec: Codec
  /** What was unpacked is kept here, so that a column is read once. */
  readonly cache: Cache
  readonly breathe?: Breathe
}

const withoutPause: Breathe = async () => {}

/** A day that was sealed. Only the columns that a question names are read. */
export class SealedDay implements DaySource {
  readonly date: string
  readonly count: number
  readonly #options: SealedDayOptions

  constructor(options: SealedDayOptions) {
    this.date = options.date
    this.count = options.count
    this.#options = options
  }

  async load(names: ReadonlySet<ColumnName>): Promise<Day> {
    const { key, cache } = this.#options
    const loaded = new Map<ColumnName, unknown>()
    const missing: ColumnName[] = []
    for (const name of names) {
      const known = cache.get(`${key}/${name}`)
      if (known === undefined) missing.push(name)
      else loaded.set(name, known)
    }
    const contents = await this.#read(missing.flatMap(partsOf))
    for (const name of missing) {
      const made = this.#named(name, () => decode(name, contents))
      // Absence is worth remembering too; null stands for it.
      cache.set(`${key}/${name}`, made ?? null, sizeOf(made))
      if (made) loaded.set(name, made)
    }
    return new SealedView(contents.header, contents.shape, loaded, this.#derive)
  }

  async names(): Promise<readonly ColumnName[]> {
    const { columns } = (await this.#readParts([])).header
    return Object.keys(columns).filter((name) => (columns[name]?.size ?? 0) > 0)
  }

  /** All columns, not kept in the cache. */
  async loadFull(): Promise<FullDay> {
    const { header } = await this.#readParts([])
    const contents = await this.#read(header.parts)
    const { breathe = withoutPause } = this.#options
    const { payloads } = contents
    const ids = await indexLines(payloads.get('ids'), header.rows, breathe)
    const dated = await indexLines(payloads.get('ids/dated'), header.rows, breathe)
    return this.#named('ids', () => new FullSealedView(contents, ids, dated))
  }

  /** The values of a column and how many events have each, engagement left out. */
  async counts(name: ColumnName): Promise<ReadonlyMap<string, number>> {
    return this.#countsIn(valuesPart(name), name)
  }

  /** Host and path as one text, and how many events have each, engagement left out. */
  async urlCounts(): Promise<ReadonlyMap<string, number>> {
    return this.#countsIn(URLS_PART, 'urls')
  }

  async #countsIn(part: string, name: string): Promise<ReadonlyMap<string, number>> {
    const { key, cache } = this.#options
    const known = cache.get<ReadonlyMap<string, number>>(`${key}/counts/${name}`)
    if (known) return known
    const { payloads } = await this.#readParts([part])
    const { values, counts } = this.#named(name, () => dictionaryOf(payloads, part))
    const made = new Map<string, number>()
    for (let code = 1; code < values.length; code++) {
      const text = String(values[code])
      made.set(text, (made.get(text) ?? 0) + (counts[code] ?? 0))
    }
    cache.set(`${key}/counts/${name}`, made, made.size * 80)
    return made
  }

  /** The ids that must still be known. */
  async ids(): Promise<readonly string[]> {
    const { payloads } = await this.#readParts(ID_PARTS)
    return this.#named('ids', () => ID_PARTS.flatMap((name) => linesOf(payloads, name))).filter(
      (id) => id !== '',
    )
  }

  /** Hands over the ids that must still be known, many at a time. */
  async readIds(take: (ids: readonly string[]) => void): Promise<void> {
    const { breathe = withoutPause } = this.#options
    const { payloads } = await this.#readParts(ID_PARTS)
    for (const name of ID_PARTS) {
      const payload = payloads.get(name)
      if (payload) await readLines(payload, breathe, take)
    }
  }

  async summary(name: string): Promise<readonly SumTable[] | undefined> {
    const { key, cache } = this.#options
    const known = cache.get<readonly SumTable[] | null>(`${key}/${name}`)
    if (known !== undefined) return known ?? undefined
    const payload = (await this.#readParts([name])).payloads.get(name)
    const tables = payload && this.#named(name, () => fromJsonBytes(payload) as readonly SumTable[])
    cache.set(`${key}/${name}`, tables ?? null, 16 + 10 * (payload?.length ?? 0))
    return tables
  }

  readonly #derive = <T extends Codes>(name: string, make: () => T): T => {
    const key = `${this.#options.key}/derived/${name}`
    const known = this.#options.cache.get<T>(key)
    if (known) return known
    const made = make()
    this.#options.cache.set(key, made, made.byteLength)
    return made
  }

  /** Some parts, and the shape that rows and visits are read with. */
  async #read(names: readonly string[]): Promise<Contents> {
    const { key, cache } = this.#options
    const known = cache.get<Shape>(`${key}/shape`)
    const { header, payloads } = await this.#readParts(known ? names : ['shape', ...names])
    const shape = known ?? this.#named('shape', () => shapeOf(payloads, header))
    if (!known) cache.set(`${key}/shape`, shape, header.visits * 8)
    return { header, shape, payloads }
  }

  async #readParts(names: readonly string[]): Promise<Omit<Contents, 'shape'>> {
    const { key, cache, read } = this.#options
    const header = cache.get<SegmentHeader>(`${key}/header`)
    // What may have been forgotten is no proof that the segment is still there: its header is.
    const needsHeader = !header || names.some((name) => FORGETTABLE.has(name))
    const wanted = [...new Set([...(needsHeader ? ['header'] : []), ...names])]
    const there = header ? wanted.filter((name) => header.parts.includes(name)) : wanted
    const parts = there.length > 0 ? await read(there) : new Map<string, Uint8Array>()
    const payloads = new Map(
      await Promise.all(
        [...parts].map(async ([name, part]) => [name, await this.#unpack(name, part)] as const),
      ),
    )
    return this.#named('header', () => {
      const readHeader = payloads.has('header') || !header ? headerOf(payloads, this.date, key) : header
      const gone = readHeader.parts.find(
        (name) => wanted.includes(name) && !payloads.has(name) && !FORGETTABLE.has(name),
      )
      if (gone !== undefined) throw new SegmentGoneError(gone, this.date, key)
      if (!header) cache.set(`${key}/header`, readHeader, 2000)
      return { header: readHeader, payloads }
    })
  }

  async #unpack(name: string, part: Uint8Array): Promise<Uint8Array> {
    try {
      return await unpack(part, this.#options.codec, this.#options.breathe)
    } catch (error) {
      throw this.#damaged(name, error)
    }
  }

  #named<T>(name: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.#damaged(name, error)
    }
  }

  /** Says which column of which day is damaged; other errors go on as they are. */
  #damaged(name: string, error: unknown): unknown {
    if (!(error instanceof DamagedError)) return error
    return new SkerryError('damaged', {
      detail: `The column "${name}" of ${this.date} is damaged: ${error.message}.`,
    })
  }
}

const ID_PARTS: readonly string[] = ['ids', 'ids/dated', 'ids/erased', 'ids/erased/dated']
const FORGETTABLE: ReadonlySet<string> = new Set(forgottenParts)

function headerOf(payloads: Payloads, date: string, key: string): SegmentHeader {
  const payload = payloads.get('header')
  if (!payload) throw new SegmentGoneError('header', date, key)
  const header = fromJsonBytes(payload) as SegmentHeader
  if (header.format !== SEGMENT_FORMAT) throw new DamagedError(`it has the unknown format ${header.format}`)
  return header
}
