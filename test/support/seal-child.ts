import { ioredis } from '../../adapters/store/ioredis.ts'
import { sqlite } from '../../adapters/store/sqlite.ts'
import { readFilters } from '../../src/asking/query-reader.ts'
import type { Collection } from '../../src/collection.ts'
import { defineCollection, definitionSchema } from '../../src/definition.ts'
import { asSkerryError } from '../../src/errors.ts'
import type { Event } from '../../src/event.ts'
import { journalCollection } from '../../src/store/journal-collection.ts'
import { redisStore } from '../../src/store/redis/redis-store.ts'
import { sqlStore } from '../../src/store/sql/sql-store.ts'
import type { Store } from '../../src/store/store.ts'
import { journalOptions } from './journal.ts'
import { killEvent, toLine } from './kill-lines.ts'

/** A process to be killed: it adds events, seals without pause, erases now and then, and tells all it does. */
const [kind = '', place = '', name = '', run = ''] = process.argv.slice(2)

/** Pipes are written at once: what was told is out before anything else is done. */
const tell = (of: string, value: unknown): void => {
  process.stdout.write(toLine(of, value))
}

const opened = kind === 'sqlite' ? sqlStore(sqlite(place)) : redisStore(ioredis(place))
const store: Store = {
  ...opened,
  async put(collection, segment, parts): Promise<void> {
    await opened.put(collection, segment, parts)
    tell('g', segment)
  },
}
const definition = defineCollection(name, definitionSchema.parse({}))
const collection: Collection = journalCollection(definition, {
  ...journalOptions(store, { sealAt: 1 }),
  store,
})
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
let made = 0
/** Others that keep adding would keep an erasure from its end. */
let isErasing = false

/** Does something. If it fails as it may, the outcome is unknown and life goes on. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const known = asSkerryError(error)
    if (known?.code === 'unavailable') tell('u', String(known.cause))
    else tell('!', String(error instanceof Error ? error.stack : error))
  }
}

async function add(pages: readonly string[]): Promise<void> {
  const events: readonly Event[] = pages.map((page) => killEvent(run, made++, page))
  for (const event of events) tell('s', event)
  await attempt(async () => {
    await collection.add(events)
    for (const { id } of events) tell('a', id)
  })
}

async function adding(): Promise<void> {
  for (;;) {
    while (isErasing) await pause(1)
    await add(made % 7 === 0 ? ['/', `/page${made % 5}`] : [`/page${made % 5}`])
    await pause(made % 4)
  }
}

async function sealing(): Promise<void> {
  for (let n = 1; ; n++) {
    await attempt(async () => {
      await collection.seal()
      tell('k', n)
    })
    isErasing = n % 3 === 0
    if (isErasing) await erasing(`/gone/${run}.${n}`)
    isErasing = false
    await pause(0)
  }
}

/** Reads on while others add and seal, in the same process. */
async function counting(): Promise<void> {
  for (;;) {
    await attempt(async () => {
      await collection.count()
    })
    await pause(3)
  }
}

/** Adds events of one page on several days, all of them or none, and erases them. */
async function erasing(page: string): Promise<void> {
  await add([page, page, page])
  tell('e', page)
  await attempt(async () => {
    const filters = readFilters([['is', 'event:page', [page]]], definition)
    try {
      tell('x', [page, await collection.erase({ range: {}, filters })])
    } catch (error) {
      if (asSkerryError(error)?.code !== 'conflict') throw error
      tell('c', page)
    }
  })
}

void adding()
void adding()
void adding()
void sealing()
void counting()
