import { type Api, ask, openApi } from './api.ts'
import { type Command, Failure, type Given, numberOf, storeOptions } from './command.ts'
import { type Cell, print, showProgress, tableOf, tell } from './terminal.ts'

/** Events of a batch, and days over which they are spread. */
const BATCH = 100
const DAYS = 30

export const bench: Command = {
  summary: 'Measures how much a server takes, for a few seconds.',
  usage: ['[--url URL] [--seconds N] [--connections N]'],
  about: `Sends events to a collection of its own, asks it, and removes it. It needs an admin key. The sender is one
process of Node, which a fast server can outrun: figures are what it takes at least. Without --url it measures the
program in this process, without a network. bench/README.md has figures that were made with more care.`,
  options: [
    { name: 'seconds', value: 'N', meaning: 'of each part (default: 3)' },
    { name: 'connections', value: 'N', meaning: 'requests under way at once (default: 16)' },
    { name: 'json', meaning: 'print JSON' },
    ...storeOptions,
  ],
  examples: ['skerry bench --url http://localhost:4000'],
  words: [0, 0],
  async run(given): Promise<void> {
    const api = await openApi(given, { mayCreate: true })
    const name = `bench-${crypto.randomUUID().slice(0, 8)}`
    try {
      await ask(api, `/api/collections/${name}`, { method: 'PUT', body: '{}' })
      try {
        await measure(api, given, name)
      } finally {
        await ask(api, `/api/collections/${name}`, { method: 'DELETE' })
      }
    } finally {
      await api.close()
    }
  },
}

interface Part {
  readonly part: string
  /** Of these one answer brings so many. */
  readonly unit: string
  readonly each: number
  request(): readonly [path: string, body: string]
}

async function measure(api: Api, given: Given, name: string): Promise<void> {
  const now = Date.now()
  const event = () => ({
    page: `/page-${Math.floor(Math.random() * 200)}`,
    visitor: String(Math.floor(Math.random() * 5000)),
    country: 'DE',
  })
  const dated = () => ({ ...event(), time: now - Math.floor(Math.random() * DAYS * 86_400_000) })
  const question = { metrics: ['visitors', 'pageviews'], dimensions: ['event:page'], date_range: 'all' }
  const parts: readonly Part[] = [
    {
      part: 'one event a request',
      unit: 'events',
      each: 1,
      request: () => [`/${name}`, JSON.stringify(event())],
    },
    {
      part: `${BATCH} events a request`,
      unit: 'events',
      each: BATCH,
      request: () => [`/${name}`, JSON.stringify(Array.from({ length: BATCH }, dated))],
    },
    {
      part: 'top pages of them all',
      unit: 'questions',
      each: 1,
      request: () => [`/${name}/query`, JSON.stringify(question)],
    },
  ]
  tell(given, `${api.where}:`)
  const rows: Cell[][] = []
  for (const part of parts) rows.push(await load(api, given, part))
  const names = ['', 'a second', '', 'median ms', '99 % ms', 'failed']
  if (given.has('json'))
    await print(
      JSON.stringify(
        rows.map((row) => ({
          part: row[0],
          perSecond: row[1],
          medianMs: row[3],
          p99Ms: row[4],
          failed: row[5],
        })),
      ),
    )
  else await print(tableOf(names, rows))
  if (rows.some((row) => Number(row[5]) > 0)) throw new Failure('some requests failed')
}

/** As many requests as go, for a while. */
async function load(api: Api, given: Given, { part, unit, each, request }: Part): Promise<Cell[]> {
  const seconds = numberOf(given, 'seconds', 3)
  const end = performance.now() + seconds * 1000
  const times: number[] = []
  let failed = 0
  const progress = showProgress(given)
  async function go(): Promise<void> {
    while (performance.now() < end) {
      const [path, body] = request()
      const start = performance.now()
      const response = await api.fetch(path, { method: 'POST', body })
      await response.arrayBuffer()
      if (response.ok) times.push(performance.now() - start)
      else failed++
      progress.at(() => `${part}: ${times.length}`)
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: numberOf(given, 'connections', 16) }, go))
  progress.end()
  const passed = (performance.now() - start) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(1))
  return [part, Math.round((times.length * each) / passed), unit, at(0.5), at(0.99), failed]
}
