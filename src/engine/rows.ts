import type { KeptEvent, Scalar } from '../event.ts'
import type { Verdict } from '../refusal.ts'
import type { Column } from './day.ts'
import type { FullDay } from './open-day.ts'
import { readRevenue, recordTexts } from './record.ts'

/** An event as it is read back; only a refused one has a verdict. */
export type ReadEvent = KeptEvent & Verdict

/** A day's events as they were, in order of time. `passes`: 1 for each row that is wanted. */
export function* eventsOf(day: FullDay, passes?: Uint8Array): Generator<ReadEvent> {
  const columns = new Map(day.columnNames.map((name) => [name, day.column(name)] as const))
  for (const row of inOrderOfTime(day)) {
    if (!passes || passes[row] === 1) yield eventOf(day, row, columns)
  }
}

/** Rows of the same instant stand in the order of the day, so that an export is the same each time. */
function inOrderOfTime({ rows, time }: FullDay): Uint32Array {
  const keys = Float64Array.from({ length: rows }, (_, row) => (time[row] as number) * 0x4000000 + row)
  return Uint32Array.from(keys.sort(), (key) => key % 0x4000000)
}

type Columns = ReadonlyMap<string, Column | undefined>

function eventOf(day: FullDay, row: number, columns: Columns): ReadEvent {
  const value = (name: string): Scalar | undefined => valueAt(columns.get(name), row)
  const id = day.idOf(row)?.id
  const text: Partial<Record<(typeof recordTexts)[number], string>> = {}
  for (const field of recordTexts) {
    const one = value(field)
    if (one !== undefined) text[field] = one as string
  }
  const ms = day.ms?.[row] ?? 0
  const depth = value('depth')
  const revenue = value('revenue')
  const attributes = membersOf(columns, 'attributes/', row)
  const props = membersOf(columns, 'props/', row)
  return {
    ...(id !== undefined && { id }),
    name: String(value('name') ?? ''),
    time: day.start + (day.time[row] as number),
    ...text,
    ...(ms > 0 && { ms: ms - 1 }),
    ...(depth !== undefined && { depth: Number(depth) }),
    ...(value('interactive') === false && { interactive: false as const }),
    ...(revenue !== undefined && { revenue: readRevenue(String(revenue)) }),
    ...(attributes && { attributes }),
    ...(props && { props }),
  }
}

function valueAt(column: Column | undefined, row: number): Scalar | undefined {
  const code = column?.codes[row] ?? 0
  return code === 0 ? undefined : column?.values[code]
}

/** Properties or attributes of a row. Made from entries, since a name may be `__proto__`. */
function membersOf(columns: Columns, prefix: string, row: number): Record<string, Scalar> | undefined {
  const members: [string, Scalar][] = []
  for (const [name, column] of columns) {
    const value = name.startsWith(prefix) ? valueAt(column, row) : undefined
    if (value !== undefined) members.push([name.slice(prefix.length), value])
  }
  return members.length > 0 ? Object.fromEntries(members) : undefined
}
