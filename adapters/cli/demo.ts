import { type Api, ask, openApi } from './api.ts'
import { type Command, numberOf, storeOptions } from './command.ts'
import { demoDay } from './demo-visits.ts'
import { createBatches } from './import-batches.ts'
import { print, showProgress, tell } from './terminal.ts'

const DAY_MS = 86_400_000
const NAME = 'demo'

export const demo: Command = {
  summary: 'Fills a collection with the visitors of a shop that does not exist.',
  usage: ['[COLLECTION] [--days N] [--visitors N]'],
  about: `COLLECTION is "demo" unless said, and is made if it is not there. Doing it again adds what is missing up to now
and counts nothing twice. skerry collections remove demo --yes takes it all away; from a collection of yours
skerry import COLLECTION --undo demo --yes does, for good.`,
  options: [
    { name: 'days', value: 'N', meaning: 'days up to now (default: 30)' },
    { name: 'visitors', value: 'N', meaning: 'visitors of a weekday (default: 300)' },
    ...storeOptions,
  ],
  examples: ['skerry demo', 'skerry query demo source -m visitors -m bounce_rate'],
  words: [0, 1],
  async run(given): Promise<void> {
    const [collection = NAME] = given.words
    const [days, visitors] = [numberOf(given, 'days', 30), numberOf(given, 'visitors', 300)]
    const api = await openApi(given, { mayCreate: true })
    try {
      await make(api, collection)
      const batches = createBatches(api, collection)
      const progress = showProgress(given)
      const now = Date.now()
      for (let day = days - 1; day >= 0; day--) {
        const date = new Date(now - day * DAY_MS).toISOString().slice(0, 10)
        for (const event of demoDay(date, visitors, now)) await batches.add({ ...event, import: NAME }, date)
        progress.at(() => date)
      }
      await batches.end()
      progress.end()
      await print(`${batches.sent.accepted} events sent to ${collection}`)
      tell(given, `try: skerry query ${collection} page`)
    } finally {
      await api.close()
    }
  },
}

async function make(api: Api, collection: string): Promise<void> {
  const path = `/api/collections/${encodeURIComponent(collection)}`
  const found = await api.fetch(path)
  await found.body?.cancel()
  if (found.status !== 404) return
  const goals = [
    { name: 'Sign-up', event: 'signup' },
    { name: 'Purchase', event: 'purchase' },
    { name: 'Read the blog', page: '/blog/*' },
  ]
  const policies = { bots: 'all' }
  await ask(api, path, { method: 'PUT', body: JSON.stringify({ goals, policies }) })
}
