import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { ask, openApi } from './api.ts'
import { type Command, Failure, type Given, storeOptions, UsageError } from './command.ts'
import { filtersOf, searchOf, selectionOptions } from './selection.ts'
import { showProgress, tell, write } from './terminal.ts'

const FORMATS: Readonly<Record<string, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
}

export const exportEvents: Command = {
  summary: 'Writes the events of a collection as NDJSON, CSV or Parquet.',
  usage: ['COLLECTION [options]'],
  about: `Events come in order of time, each once. There is no visitor, address or agent in them.
A file appears under its name when it is whole.`,
  options: [
    { name: 'output', short: 'o', value: 'FILE', meaning: 'write there; .csv and .parquet tell the format' },
    {
      name: 'format',
      short: 'f',
      value: 'FORMAT',
      meaning: 'ndjson, csv or parquet (default: by FILE, else ndjson)',
    },
    ...selectionOptions,
    ...storeOptions,
  ],
  examples: [
    'skerry export pageviews -o november.parquet --from 2026-11-01 --to 2026-11-30',
    'skerry export pageviews --where country=DE | jq -r .page | sort | uniq -c',
  ],
  words: [1, 1],
  async run(given): Promise<void> {
    const [collection = ''] = given.words
    const file = given.text('output')
    const type = formatOf(given, file)
    const api = await openApi(given)
    try {
      const filters = filtersOf(given)
      const search = searchOf({
        from: given.text('from'),
        to: given.text('to'),
        filters: filters.length > 0 ? JSON.stringify(filters) : undefined,
      })
      const path = `/${encodeURIComponent(collection)}/events${search}`
      const { body } = await ask(api, path, { headers: { Accept: type } })
      if (!body) throw new Failure('there was no answer')
      if (file === undefined) await pour(body, (chunk) => write(chunk))
      else await pourInto(file, body, given)
    } finally {
      await api.close()
    }
  },
}

function formatOf(given: Given, file = ''): string {
  const named = given.text('format')
  const ending = /\.(csv|parquet)$/i.exec(file)?.[1]?.toLowerCase()
  const type = FORMATS[named ?? ending ?? 'ndjson']
  if (type === undefined || !Object.hasOwn(FORMATS, named ?? 'ndjson'))
    throw new UsageError(`--format is ${Object.keys(FORMATS).join(' or ')}`)
  if (type === FORMATS.parquet && file === '' && process.stdout.isTTY)
    throw new UsageError('Parquet is nothing for a terminal: name a file with -o')
  return type
}

async function pour(
  body: ReadableStream<Uint8Array>,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<number> {
  let bytes = 0
  for await (const chunk of body) {
    await take(chunk)
    bytes += chunk.length
  }
  return bytes
}

async function pourInto(file: string, body: ReadableStream<Uint8Array>, given: Given): Promise<void> {
  const partial = `${file}.partial`
  const progress = showProgress(given)
  try {
    const stream = createWriteStream(partial)
    const put = (chunk: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) => stream.write(chunk, (error) => (error ? reject(error) : resolve())))
    await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
    let bytes = 0
    await pour(body, async (chunk) => {
      await put(chunk)
      bytes += chunk.length
      progress.at(() => `${megabytes(bytes)} written`)
    })
    await new Promise((resolve) => stream.end(resolve))
    await rename(partial, file)
    progress.end()
    tell(given, `${file}: ${megabytes(bytes)}`)
  } catch (error) {
    await rm(partial, { force: true })
    throw error instanceof Error && 'code' in error ? new Failure(`${file}: ${error.message}`) : error
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
