import { type Event, eventLimits, type KeptEvent, type Revenue, type Scalar, textFields } from '../event.ts'
import { type Verdict, verdictFields } from '../refusal.ts'

/**
 * An event as a journal keeps it: values by place, which JSON reads and writes in half the time and room
 * that names take. Places after the last value are left out; `''` is the absence of one.
 */
export type EventRecord = readonly RecordValue[]

type Members = Readonly<Record<string, Scalar>>
type RecordValue = Scalar | Members

/** Places of what is no column as it is. Places are never given another meaning: journals outlive releases. */
export const places = {
  id: 0,
  time: 1,
  received: 2,
  isDated: 3,
  visitor: 4,
  ms: 5,
  props: 6,
  attributes: 7,
} as const

/** Text fields of events when refused ones got two more: newer ones come after these. */
const BEFORE_VERDICT = 27

/** Columns of text. New ones go to the end. */
export const recordTexts = [
  ...textFields.slice(0, BEFORE_VERDICT),
  ...verdictFields,
  ...textFields.slice(BEFORE_VERDICT),
] as const

/** The first place of the columns that are kept as they are, and their names in order. */
export const FIRST_COLUMN = 8
export const recordColumns = ['name', 'depth', 'interactive', 'revenue', ...recordTexts] as const

const ABSENT = ''

export function toRecord(event: Event & Verdict): EventRecord {
  const { id, time, received, dated, visitor, ms, props, attributes, revenue } = event
  const record: RecordValue[] = [
    id,
    time,
    received,
    dated ? 1 : 0,
    visitor ?? ABSENT,
    ms === undefined ? ABSENT : Math.min(Math.round(ms), eventLimits.engagedMs),
    props ?? ABSENT,
    attributes ?? ABSENT,
    event.name,
    event.depth ?? ABSENT,
    event.interactive ?? ABSENT,
    revenue ? `${revenue.amount} ${revenue.currency}` : ABSENT,
  ]
  for (const field of recordTexts) record.push(event[field] ?? ABSENT)
  let { length } = record
  while (record[length - 1] === ABSENT) length--
  record.length = length
  return record
}

/** The event of a record, as it is read back: without who sent it and when it was received. */
export function eventOfRecord(record: EventRecord): KeptEvent {
  const [id, time, , , , ms, props, attributes, name, depth, interactive, revenue] = record
  const text: Partial<Record<(typeof recordTexts)[number], string>> = {}
  for (const [i, field] of recordTexts.entries()) {
    const value = record[FIRST_COLUMN + recordColumns.length - recordTexts.length + i]
    if (!isAbsent(value)) text[field] = value as string
  }
  return {
    id: id as string,
    name: String(name),
    time: time as number,
    ...text,
    ...(!isAbsent(ms) && { ms: ms as number }),
    ...(!isAbsent(depth) && { depth: Number(depth) }),
    ...(interactive === false && { interactive: false as const }),
    ...(!isAbsent(revenue) && { revenue: readRevenue(String(revenue)) }),
    ...(!isAbsent(attributes) && { attributes: attributes as Members }),
    ...(!isAbsent(props) && { props: props as Members }),
  }
}

/** Reads "12.50 EUR". */
export function readRevenue(text: string): Revenue {
  const [amount = '', currency = ''] = text.split(' ')
  return { amount, currency }
}

function isAbsent(value: RecordValue | undefined): value is undefined | '' {
  return value === undefined || value === ABSENT
}

export function idOfRecord(record: EventRecord): string {
  return record[places.id] as string
}

export function timeOfRecord(record: EventRecord): number {
  return record[places.time] as number
}
