import { csvRecord } from '../../src/export/csv.ts'
import { askJson, openApi } from './api.ts'
import { type Command, type Given, numberOf, storeOptions, UsageError } from './command.ts'
import { filtersOf, selectionOptions } from './selection.ts'
import { type Cell, print, tableOf, tell } from './terminal.ts'

interface Answer {
  readonly results: readonly {
    readonly dimensions: readonly string[]
    readonly metrics: readonly unknown[]
  }[]
  readonly meta: { readonly visitors?: string; readonly other?: readonly string[] }
}

export const query: Command = {
  summary: 'Asks a collection.',
  usage: [
    'COLLECTION [DIMENSION...] [options]',
    'COLLECTION --query JSON   the whole query, as docs/query.md has it',
  ],
  about: `Dimensions: page, source, country, browser, device, entry_page, time:day, props:KEY and many more.
Metrics: visitors, visits, pageviews, events, bounce_rate, visit_duration, views_per_visit and more.`,
  options: [
    {
      name: 'metric',
      short: 'm',
      value: 'NAME',
      many: true,
      meaning: 'what to count (default: visitors, visits, pageviews)',
    },
    { name: 'range', short: 'r', value: 'RANGE', meaning: 'day, 7d, 30d, month, 12mo, all … (default: 30d)' },
    ...selectionOptions,
    { name: 'limit', short: 'n', value: 'N', meaning: 'rows (default: 20)' },
    { name: 'query', value: 'JSON', meaning: 'the whole query' },
    { name: 'json', meaning: "print the server's answer" },
    { name: 'csv', meaning: 'print CSV' },
    ...storeOptions,
  ],
  examples: [
    'skerry query pageviews page -r 7d',
    'skerry query pageviews source country -m visitors -m bounce_rate --where device=Mobile',
    'skerry query pageviews time:day --from 2026-11-01 --to 2026-11-30 --csv > november.csv',
  ],
  words: [1, 11],
  async run(given): Promise<void> {
    if (given.has('json') && given.has('csv')) throw new UsageError('--json or --csv, not both')
    const [collection = '', ...dimensions] = given.words
    const question = questionOf(given, dimensions)
    const api = await openApi(given)
    try {
      const init = { method: 'POST', body: JSON.stringify(question) }
      await show(
        given,
        await askJson<Answer>(api, `/${encodeURIComponent(collection)}/query`, init),
        question,
      )
    } finally {
      await api.close()
    }
  },
}

type Question = Readonly<Record<string, unknown>>

function questionOf(given: Given, dimensions: readonly string[]): Question {
  const whole = given.text('query')
  if (whole !== undefined) return readQuestion(whole)
  const [from, to] = [given.text('from'), given.text('to')]
  if ((from === undefined) !== (to === undefined)) throw new UsageError('a range needs both --from and --to')
  const metrics = given.list('metric')
  return {
    metrics: metrics.length > 0 ? metrics : ['visitors', 'visits', 'pageviews'],
    dimensions,
    date_range: from === undefined ? (given.text('range') ?? '30d') : [from, to],
    filters: filtersOf(given),
    pagination: { limit: numberOf(given, 'limit', 20) },
  }
}

function readQuestion(text: string): Question {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Question
  } catch {
    // Told below.
  }
  throw new UsageError('--query must be a JSON object')
}

async function show(given: Given, answer: Answer, question: Question): Promise<void> {
  if (given.has('json')) return print(JSON.stringify(answer, null, 2))
  const names = [...listOf(question.dimensions), ...listOf(question.metrics)]
  const rows = answer.results.map(({ dimensions, metrics }) => [...dimensions, ...metrics.map(cellOf)])
  if (given.has('csv')) {
    for (const row of [names, ...rows]) process.stdout.write(csvRecord(row))
    return
  }
  await print(tableOf(names, rows))
  if (answer.meta.visitors === 'sum_of_daily_visitors' && names.includes('visitors'))
    tell(given, '\nvisitors: the sum of daily visitors')
  for (const name of answer.meta.other ?? []) tell(given, `${name}: rare values are counted as (other)`)
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Money comes with its currency, and in several of them as a list. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'number' || value === null || value === undefined) return value
  const amounts = [value].flat() as readonly { readonly value?: unknown; readonly currency?: unknown }[]
  return amounts.map((amount) => `${amount.value} ${amount.currency}`).join(', ')
}
