import { askJson, openApi } from './api.ts'
import { type Command, storeOptions, UsageError } from './command.ts'
import { filtersOf, selectionOptions } from './selection.ts'
import { print, tell } from './terminal.ts'

export const erase: Command = {
  summary: 'Removes events for good.',
  usage: ['COLLECTION [--from DATE] [--to DATE] [--where FILTER]... --yes'],
  about: `Without --yes it tells how many page views and other events would go. Sending erased events again does not
bring them back. All events go only with their collection: skerry collections remove.`,
  options: [...selectionOptions, { name: 'yes', meaning: 'do it' }, ...storeOptions],
  examples: [
    'skerry erase pageviews --where page~/draft --yes',
    'skerry erase pageviews --to 2025-12-31 --yes',
  ],
  words: [1, 1],
  async run(given): Promise<void> {
    const path = `/${encodeURIComponent(given.words[0] ?? '')}`
    const [from, to, filters] = [given.text('from'), given.text('to'), filtersOf(given)]
    if (from === undefined && to === undefined && filters.length === 0)
      throw new UsageError('say what to erase: --from, --to or --where')
    const api = await openApi(given)
    try {
      if (!given.has('yes')) {
        const range =
          from === undefined && to === undefined ? 'all' : [from ?? '1970-01-01', to ?? '9999-12-31']
        const question = { metrics: ['events'], date_range: range, filters }
        const init = { method: 'POST', body: JSON.stringify(question) }
        const { results } = await askJson<{ results: { metrics: number[] }[] }>(api, `${path}/query`, init)
        await print(`${results[0]?.metrics[0] ?? 0} events would be erased: add --yes`)
        return
      }
      const init = { method: 'DELETE', body: JSON.stringify({ from, to, filters }) }
      const { erased } = await askJson<{ erased: number }>(api, `${path}/events`, init)
      await print(String(erased))
      tell(given, 'events erased')
    } finally {
      await api.close()
    }
  },
}
