import { hashId, lowHalf } from '../src/engine/id-hash.ts'
import { OpenDay } from '../src/engine/open-day.ts'
import { type EventRecord, idOfRecord, toRecord } from '../src/engine/record.ts'
import { FIRST_DAY, generateDay } from './generator.ts'

/**
 * How fast an open day takes in a journal, beside `JSON.parse` of the same entries in the same run: CPU time of
 * the whole process, since other work on the machine must not count.
 *
 *     node bench/fold.ts
 */

const EVENTS = 333_333
const ENTRY = 100
const RUNS = 9

const events = generateDay({ day: 0, events: EVENTS, seed: 1, people: 1_666_667 })
const entries: string[] = []
for (let i = 0; i < events.length; i += ENTRY)
  entries.push(JSON.stringify(events.slice(i, i + ENTRY).map(toRecord)))

const times = { parse: [] as number[], fold: [] as number[], view: [] as number[] }
for (let run = 0; run < RUNS; run++) {
  const day = new OpenDay(new Date(FIRST_DAY).toISOString().slice(0, 10), FIRST_DAY)
  let [parse, fold] = [0, 0]
  for (let i = 0; i < entries.length; i += 10) {
    const begin = cpuMs()
    const records = entries.slice(i, i + 10).flatMap((entry) => JSON.parse(entry) as EventRecord[])
    const parsed = cpuMs()
    for (const record of records) day.add(record, hashId(idOfRecord(record)), lowHalf)
    parse += parsed - begin
    fold += cpuMs() - parsed
  }
  const begin = cpuMs()
  await day.view()
  times.parse.push(parse)
  times.fold.push(fold)
  times.view.push(cpuMs() - begin)
}
const bytes = entries.reduce((sum, { length }) => sum + length, 0) / EVENTS
console.log(
  `${EVENTS} events of one day, ${bytes.toFixed(0)} characters each in the journal; medians of ${RUNS}`,
)
for (const [name, list] of Object.entries(times)) {
  const median = [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0
  console.log(
    `${name.padEnd(5)} ${median.toFixed(0)} ms of CPU, ${(EVENTS / median / 1000).toFixed(2)} M events/s`,
  )
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
