import { basename } from 'node:path'
import { formats } from '../../src/import/formats.ts'
import { type Skip, skips } from '../../src/import/reading.ts'
import { type Api, askJson, openApi } from './api.ts'
import { type Command, type Given, storeOptions, UsageError } from './command.ts'
import { createBatches, type Sent } from './import-batches.ts'
import { type FileOptions, type FileReport, readFile } from './import-file.ts'
import { plain, print, showProgress, tell } from './terminal.ts'

const LEFT_OUT: Readonly<Record<Skip, string>> = {
  unreadable: 'that cannot be read',
  bot: 'of bots',
  asset: 'for assets',
  error: 'that failed or led elsewhere',
  method: 'other than GET',
}

export const importEvents: Command = {
  summary: 'Takes events from files: logs, exports of other products, NDJSON.',
  usage: ['COLLECTION FILE... [options]      - is the standard input', 'COLLECTION --undo NAME --yes'],
  about: `Files may be compressed by gzip. Formats, told by the first line:
${formats.map(({ name, meaning }) => `  ${name.padEnd(12)}${meaning}`).join('\n')}
Of logs only what may be a page view is taken: GET, with success, no assets, no bots. Each record has an id made of
what stands in it, so that importing it again, also from another file, counts nothing twice. All events of an import
have the property "import" with its name. Read docs/import.md first: time zones, visitors, how to get the files.`,
  options: [
    { name: 'name', value: 'NAME', meaning: 'the name of the import (default: that of the first file)' },
    { name: 'format', short: 'f', value: 'FORMAT', meaning: 'the format, instead of telling it' },
    { name: 'host', value: 'HOST', meaning: "the pages' host, where records do not tell it" },
    {
      name: 'keep',
      value: 'WHAT',
      many: true,
      meaning: `take also: ${skips.slice(1).join(', ')}; may be repeated`,
    },
    { name: 'dry-run', meaning: 'read and tell, send nothing' },
    { name: 'undo', value: 'NAME', meaning: 'remove the events of an import, for good' },
    { name: 'run', value: 'LABEL', meaning: 'after an undo: import the same again, by other ids' },
    { name: 'yes', meaning: 'undo without asking' },
    ...storeOptions,
  ],
  examples: [
    'skerry import example.com /var/log/nginx/access.log* --host example.com',
    'skerry import example.com goatcounter-export.csv.gz --dry-run',
    'skerry import example.com --undo access.log --yes',
  ],
  words: [1, 10_000],
  async run(given): Promise<void> {
    const [collection = '', ...files] = given.words
    const undo = given.text('undo')
    if ((files.length === 0) === (undo === undefined)) throw new UsageError('name files, or --undo an import')
    if (undo !== undefined && !given.has('yes'))
      throw new UsageError('this removes events for good: add --yes')
    const options = optionsOf(given)
    if (given.has('dry-run')) return readOnly(given, files, options)
    const api = await openApi(given)
    try {
      if (undo !== undefined) await remove(api, given, collection, undo)
      else await importFiles(api, given, collection, files, options)
    } finally {
      await api.close()
    }
  },
}

function optionsOf(given: Given): FileOptions {
  const name = given.text('format')
  const format = formats.find((one) => one.name === name)
  if (name !== undefined && !format)
    throw new UsageError(`--format is ${formats.map((one) => one.name).join(' or ')}`)
  const keep = given.list('keep').map((what) => {
    const skip = skips.find((one) => one === what && one !== 'unreadable')
    if (!skip) throw new UsageError(`--keep is ${skips.slice(1).join(' or ')}`)
    return skip
  })
  return { format, host: given.text('host'), keep: new Set(keep), run: given.text('run') }
}

async function readOnly(given: Given, files: readonly string[], options: FileOptions): Promise<void> {
  for (const file of files) {
    let count = 0
    const report = await readFile(file, options, async (item) => {
      count++
      if (count <= 3) await print(plain(JSON.stringify(item)))
    })
    tell(given, `${file} (${report.format}): ${count} events of ${report.records} records${leftOut(report)}`)
  }
}

async function importFiles(
  api: Api,
  given: Given,
  collection: string,
  files: readonly string[],
  options: FileOptions,
): Promise<void> {
  const name = given.text('name') ?? (files[0] === '-' ? 'import' : basename(files[0] ?? '', '.gz'))
  const before = await kept(api, collection, name)
  const batches = createBatches(api, collection)
  const progress = showProgress(given)
  for (const file of files) {
    let count = 0
    const report = await readFile(file, options, async (item, record) => {
      count++
      await batches.add({ ...item, import: name }, `${file}, record ${record}`)
      progress.at(
        () => `${file}: ${record.toLocaleString('en')} records, ${count.toLocaleString('en')} events`,
      )
    })
    progress.end()
    tell(given, `${file} (${report.format}): ${count} events of ${report.records} records${leftOut(report)}`)
  }
  await batches.end()
  await conclude(given, collection, name, batches.sent, before, await kept(api, collection, name))
}

/** Events that are counted under an import's name; undefined with a key that may not ask. */
async function kept(api: Api, collection: string, name: string): Promise<number | undefined> {
  const query = { metrics: ['events'], date_range: 'all', filters: [provenance(name)] }
  const path = `/${encodeURIComponent(collection)}/query`
  const response = await api.fetch(path, { method: 'POST', body: JSON.stringify(query) })
  if (!response.ok) {
    await response.body?.cancel()
    return undefined
  }
  const { results } = (await response.json()) as {
    results: readonly { readonly metrics: readonly number[] }[]
  }
  return results[0]?.metrics[0] ?? 0
}

function provenance(name: string): readonly unknown[] {
  return ['is', 'event:props:import', [name]]
}

async function conclude(
  given: Given,
  collection: string,
  name: string,
  { accepted, refused, invalid, faults }: Sent,
  before: number | undefined,
  after: number | undefined,
): Promise<void> {
  for (const [code, count] of refused) tell(given, `${count} were refused: ${code}`)
  if (invalid > 0)
    tell(given, `${invalid} are not valid, the first: ${faults.map((text) => `\n  ${plain(text)}`).join('')}`)
  const added = before === undefined || after === undefined ? undefined : after - before
  if (added === undefined) return print(`${accepted} events sent as import "${plain(name)}"`)
  await print(`${added} new events in import "${plain(name)}", ${after} in all`)
  if (added < accepted)
    tell(
      given,
      `${accepted - added} were there already, were erased (--run brings them again), or are engagement`,
    )
  if (added > 0) tell(given, `to undo: skerry import ${collection} --undo ${JSON.stringify(name)} --yes`)
}

async function remove(api: Api, given: Given, collection: string, name: string): Promise<void> {
  const init = { method: 'DELETE', body: JSON.stringify({ filters: [provenance(name)] }) }
  const { erased } = await askJson<{ erased: number }>(api, `/${encodeURIComponent(collection)}/events`, init)
  await print(`${erased} events erased`)
  if (erased > 0)
    tell(given, 'Their ids stay erased: to import the same again, add --run and a label of your choice.')
}

function leftOut({ skipped, firstUnreadable }: FileReport): string {
  const parts = [...skipped].map(([skip, count]) => {
    const where = skip === 'unreadable' ? ` (the first: record ${firstUnreadable})` : ''
    return `${count} ${LEFT_OUT[skip]}${where}`
  })
  return parts.length === 0 ? '' : `; left out: ${parts.join(', ')}`
}
