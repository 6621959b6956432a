import type { Codes } from './bytes.ts'
import { type Column, type ColumnName, type Day, fieldOf } from './day.ts'
import type { Lines } from './lines.ts'
import type { FullDay, KeptId } from './open-day.ts'
import {
  type Contents,
  linesOf,
  ownCodes,
  planesOf,
  type Shape,
  timeOf,
  valuesOf,
  visitorIdsOf,
} from './payloads.ts'
import type { Breathe } from './scan.ts'
import { codesPart, factFields, type SegmentHeader } from './segment.ts'

type Derive = <T extends Codes>(name: string, make: () => T) => T

/** A segment as a scan sees it: with the columns that were loaded. */
export class SealedView implements Day {
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
export class FullSealedView extends SealedView implements FullDay {
  readonly count: number
  readonly lastReceived: number
  readonly columnNames: readonly ColumnName[]
  readonly erasedIds: readonly KeptId[]
  readonly visitorIds: { readonly high: Uint32Array; readonly low: Uint32Array }
  readonly #contents: Contents
  readonly #ids: Lines
  readonly #datedIds: Lines

  constructor(contents: Contents, ids: Lines, datedIds: Lines) {
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
    this.#ids = ids
    this.#datedIds = datedIds
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

  async readColumn(name: ColumnName, breathe: Breathe): Promise<Column | undefined> {
    await breathe()
    const { header, shape, payloads } = this.#contents
    if (!factFields.has(name) || !Object.hasOwn(header.columns, name)) return this.column(name)
    return { codes: ownCodes(payloads, name, header, shape), values: valuesOf(payloads, name).values }
  }

  async prepare(): Promise<void> {}

  countsOf(name: ColumnName): readonly number[] {
    return valuesOf(this.#contents.payloads, name).counts
  }

  idOf(row: number): KeptId | undefined {
    const [id, dated] = [this.#ids.at(row), this.#datedIds.at(row)]
    if (dated) return { id: dated, isDated: true }
    return id ? { id, isDated: false } : undefined
  }
}
