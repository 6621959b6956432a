import { SkerryError } from '../errors.ts'
import type { Scalar } from '../event.ts'
import { type Codec, type Codes, DamagedError, fromJsonBytes, fromPlanes, unpack } from './bytes.ts'
import type { Cache } from './cache.ts'
import { type Column, type ColumnName, type Day, type DaySource, fieldOf } from './day.ts'
import type { FullDay, KeptId } from './open-day.ts'
import { NOBODY } from './row-order.ts'
import {
  codesPart,
  eachRest,
  factFields,
  forgottenParts,
  type Parts,
  restPart,
  SEGMENT_FORMAT,
  type SegmentHeader,
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
}

interface Shape {
  readonly first: Uint32Array
  readonly visitorOf: Uint32Array
}

/** The payloads that were read, and what is already unpacked, of one segment. */
interface Contents {
  readonly header: SegmentHeader
  readonly shape: Shape
  readonly payloads: ReadonlyMap<string, Uint8Array>
}

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

  /** All columns, not kept in the cache. */
  async loadFull(): Promise<FullDay> {
    const { header } = await this.#read([])
    const contents = await this.#read(header.parts)
    return this.#named('ids', () => new FullSealedView(contents))
  }

  /** The values of a column and how many events have each, engagement left out. */
  async counts(name: ColumnName): Promise<ReadonlyMap<string, number>> {
    const { key, cache } = this.#options
    const known = cache.get<ReadonlyMap<string, number>>(`${key}/counts/${name}`)
    if (known) return known
    const { payloads } = await this.#read([valuesPart(name)])
    const { values, counts } = this.#named(name, () => valuesOf(payloads, name))
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
    const { payloads } = await this.#read(ID_PARTS)
    return this.#named('ids', () => ID_PARTS.flatMap((name) => linesOf(payloads, name))).filter(
      (id) => id !== '',
    )
  }

  async summary(name: string): Promise<readonly SumTable[] | undefined> {
    const { key, cache } = this.#options
    const known = cache.get<readonly SumTable[] | null>(`${key}/${name}`)
    if (known !== undefined) return known ?? undefined
    const payload = (await this.#read([name])).payloads.get(name)
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

  async #read(names: readonly string[]): Promise<Contents> {
    const { key, cache, read } = this.#options
    const header = cache.get<SegmentHeader>(`${key}/header`)
    const shape = cache.get<Shape>(`${key}/shape`)
    // What may have been forgotten is no proof that the segment is still there: its header is.
    const needsHeader = !header || names.some((name) => FORGETTABLE.has(name))
    const wanted = [...new Set([...(needsHeader ? ['header'] : []), ...(shape ? [] : ['shape']), ...names])]
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
      const readShape = shape ?? shapeOf(payloads, readHeader)
      if (!header) cache.set(`${key}/header`, readHeader, 2000)
      if (!shape) cache.set(`${key}/shape`, readShape, readHeader.visits * 8)
      return { header: readHeader, shape: readShape, payloads }
    })
  }

  async #unpack(name: string, part: Uint8Array): Promise<Uint8Array> {
    try {
      return await unpack(part, this.#options.codec)
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

/** The parts that a column is made from. */
function partsOf(name: ColumnName): readonly string[] {
  if (name === 'time' || name === 'ms') return [name]
  const field = fieldOf(name)
  return [codesPart(field), valuesPart(field)]
}

function decode(
  name: ColumnName,
  { header, shape, payloads }: Contents,
): Column | Uint32Array | Codes | undefined {
  if (name === 'time') return timeOf(payloads, header, shape)
  if (name === 'ms') return planesOf(payloads, 'ms', header.rows)
  const isFact = name.startsWith('visit/')
  const field = fieldOf(name)
  if (!Object.hasOwn(header.columns, field)) return undefined
  const codes = planesOf(payloads, codesPart(field), isFact ? header.visits : header.rows)
  return codes && { codes, values: valuesOf(payloads, field).values }
}

function headerOf(payloads: ReadonlyMap<string, Uint8Array>, date: string, key: string): SegmentHeader {
  const payload = payloads.get('header')
  if (!payload) throw new SegmentGoneError('header', date, key)
  const header = fromJsonBytes(payload) as SegmentHeader
  if (header.format !== SEGMENT_FORMAT) throw new DamagedError(`it has the unknown format ${header.format}`)
  return header
}

function shapeOf(
  payloads: ReadonlyMap<string, Uint8Array>,
  { rows, visits, visitors, named }: SegmentHeader,
): Shape {
  const payload = payloads.get('shape')
  if (!payload) throw new DamagedError('it is missing')
  const [sizes = [], perVisitor = []] = fromPlanes(payload, [visits, visitors])
  const first = new Uint32Array(visits + 1)
  for (let visit = 0; visit < visits; visit++)
    first[visit + 1] = (first[visit] as number) + (sizes[visit] as number)
  if (first[visits] !== rows) throw new DamagedError('its visits have another number of rows')
  const visitorOf = new Uint32Array(visits).fill(NOBODY, named)
  let visit = 0
  for (let visitor = 0; visitor < visitors; visitor++)
    for (let i = perVisitor[visitor] as number; i > 0; i--) visitorOf[visit++] = visitor
  if (visit !== named) throw new DamagedError('its visitors have another number of visits')
  return { first, visitorOf }
}

function timeOf(
  payloads: ReadonlyMap<string, Uint8Array>,
  { rows, visits }: SegmentHeader,
  { first }: Shape,
): Uint32Array {
  const payload = payloads.get('time')
  if (!payload) throw new DamagedError('it is missing')
  const [begins = [], gaps = []] = fromPlanes(payload, [visits, rows - visits])
  const time = new Uint32Array(rows)
  let gap = 0
  for (let visit = 0; visit < visits; visit++) {
    const end = first[visit + 1] as number
    let at = begins[visit] as number
    time[first[visit] as number] = at
    for (let row = (first[visit] as number) + 1; row < end; row++) {
      at += gaps[gap++] as number
      time[row] = at
    }
  }
  return time
}

function planesOf(
  payloads: ReadonlyMap<string, Uint8Array>,
  name: string,
  length: number,
): Uint16Array | Uint32Array | undefined {
  const payload = payloads.get(name)
  return payload && fromPlanes(payload, [length])[0]
}

interface Values {
  readonly values: readonly Scalar[]
  readonly counts: readonly number[]
}

function valuesOf(payloads: ReadonlyMap<string, Uint8Array>, name: string): Values {
  const payload = payloads.get(valuesPart(name))
  if (!payload) return { values: [''], counts: [0] }
  const { values, counts } = fromJsonBytes(payload) as Values
  return { values: ['', ...values], counts: [0, ...counts] }
}

function linesOf(payloads: ReadonlyMap<string, Uint8Array>, name: string): readonly string[] {
  const payload = payloads.get(name)
  return payload
    ? new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(payload).split('\n')
    : []
}

/** Bytes in memory, about. */
function sizeOf(made: Column | Codes | undefined): number {
  if (!made) return 16
  if (!('values' in made && 'codes' in made)) return made.byteLength
  const texts = made.values.reduce<number>((sum, value) => sum + 24 + String(value).length, 0)
  return made.codes.byteLength + texts
}

type Derive = <T extends Codes>(name: string, make: () => T) => T

class SealedView implements Day {
  readonly date: string
  readonly start: number
  readonly rows: number
  readonly visits: number
  readonly named: number
  readonly first: Uint32Array
  readonly visitorOf: Uint32Array
  readonly folded: ReadonlySet<ColumnName>
  readonly derive: Derive
  readonly #loaded: ReadonlyMap<ColumnName, unknown>

  constructor(
    header: SegmentHeader,
    { first, visitorOf }: Shape,
    loaded: ReadonlyMap<ColumnName, unknown>,
    derive: Derive,
  ) {
    this.date = header.date
    this.start = header.start
    this.rows = header.rows
    this.visits = header.visits
    this.named = header.named
    this.first = first
    this.visitorOf = visitorOf
    this.folded = new Set(Object.keys(header.columns).filter((name) => header.columns[name]?.isFolded))
    this.derive = derive
    this.#loaded = loaded
  }

  get time(): Uint32Array {
    return (this.#loaded.get('time') as Uint32Array | undefined) ?? new Uint32Array()
  }

  get ms(): Codes | undefined {
    return (this.#loaded.get('ms') as Codes | undefined) ?? undefined
  }

  column(name: ColumnName): Column | undefined {
    return (this.#loaded.get(name) as Column | undefined) ?? undefined
  }
}

/** A segment with everything in it, to be exported, sealed anew or erased from. */
class FullSealedView extends SealedView implements FullDay {
  readonly count: number
  readonly lastReceived: number
  readonly columnNames: readonly ColumnName[]
  readonly erasedIds: readonly KeptId[]
  readonly visitorIds: { readonly high: Uint32Array; readonly low: Uint32Array }
  readonly #contents: Contents
  readonly #ids: readonly string[]
  readonly #datedIds: readonly string[]

  constructor(contents: Contents) {
    const { header, shape, payloads } = contents
    const derived = new Map<string, Codes>()
    const loaded = new Map<ColumnName, unknown>([
      ['time', timeOf(payloads, header, shape)],
      ['ms', planesOf(payloads, 'ms', header.rows)],
    ])
    super(header, shape, loaded, (name, make) => {
      const made = derived.get(name) ?? make()
      derived.set(name, made)
      return made as ReturnType<typeof make>
    })
    this.count = header.count
    this.lastReceived = header.lastReceived
    this.columnNames = Object.keys(header.columns)
    this.#contents = contents
    this.#ids = linesOf(payloads, 'ids')
    this.#datedIds = linesOf(payloads, 'ids/dated')
    this.erasedIds = [
      ...linesOf(payloads, 'ids/erased').map((id) => ({ id, isDated: false })),
      ...linesOf(payloads, 'ids/erased/dated').map((id) => ({ id, isDated: true })),
    ]
    this.visitorIds = visitorIdsOf(payloads, header.visitors)
  }

  override column(name: ColumnName): Column | undefined {
    const { header, shape, payloads } = this.#contents
    const isFact = name.startsWith('visit/')
    const field = fieldOf(name)
    if (!Object.hasOwn(header.columns, field)) return undefined
    const { values } = valuesOf(payloads, field)
    if (!factFields.has(field) || isFact) {
      const codes = planesOf(payloads, codesPart(field), isFact ? header.visits : header.rows)
      return codes && { codes, values }
    }
    return { codes: this.derive(field, () => ownCodes(payloads, field, header, shape)), values }
  }

  countsOf(name: ColumnName): readonly number[] {
    return valuesOf(this.#contents.payloads, name).counts
  }

  idOf(row: number): KeptId | undefined {
    const [id, dated] = [this.#ids[row], this.#datedIds[row]]
    if (dated) return { id: dated, isDated: true }
    return id ? { id, isDated: false } : undefined
  }
}

/** What each event itself says of a field that is kept as a fact of its visit. */
function ownCodes(
  payloads: ReadonlyMap<string, Uint8Array>,
  field: string,
  { rows, visits }: SegmentHeader,
  { first }: Shape,
): Codes {
  const facts = planesOf(payloads, codesPart(field), visits) ?? new Uint16Array(visits)
  const rest = planesOf(payloads, restPart(field), rows - visits)
  const codes = new Uint32Array(rows)
  for (let visit = 0; visit < visits; visit++)
    codes.fill(facts[visit] as number, first[visit], first[visit + 1])
  if (rest) {
    eachRest({ visits, first }, (row, i) => {
      if (rest[i] !== 0) codes[row] = (rest[i] as number) - 1
    })
  }
  return codes
}

/** Once they have been forgotten, visitors are told apart by where they stand. */
function visitorIdsOf(
  payloads: ReadonlyMap<string, Uint8Array>,
  visitors: number,
): { high: Uint32Array; low: Uint32Array } {
  const payload = payloads.get('visitors')
  const [high, low] = payload ? fromPlanes(payload, [visitors, visitors]) : []
  return {
    high: high ? Uint32Array.from(high) : new Uint32Array(visitors),
    low: low ? Uint32Array.from(low) : Uint32Array.from({ length: visitors }, (_, i) => i),
  }
}
