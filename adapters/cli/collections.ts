import type { CollectionDefinition } from '../../src/collection.ts'
import { type Api, ask, askJson, openApi } from './api.ts'
import { type Command, type Given, type Option, storeOptions, UsageError } from './command.ts'
import { print, tableOf, tell } from './terminal.ts'

type Change = Readonly<Record<string, unknown>>

/** Members of a definition that have an option of their own, and how its values are read. */
const members: readonly (Option & { readonly read: (values: readonly string[]) => Change })[] = [
  {
    name: 'timezone',
    value: 'ZONE',
    meaning: 'IANA time zone of its days, as Europe/Berlin; cannot be changed once there are events',
    read: ([zone]) => ({ timezone: zone }),
  },
  {
    name: 'attribute',
    value: 'NAME',
    many: true,
    meaning: 'declare an attribute; may be repeated, as the next three',
    read: (attributes) => ({ attributes }),
  },
  {
    name: 'group-by',
    value: 'NAME',
    many: true,
    meaning: 'count by this field or attribute',
    read: (groupBy) => ({ groupBy }),
  },
  {
    name: 'origin',
    value: 'ORIGIN',
    many: true,
    meaning: 'pages that may send, as https://example.com or https://*.example.com',
    read: (origins) => ({ origins }),
  },
  { name: 'alias', value: 'ID', many: true, meaning: 'another id of it', read: (aliases) => ({ aliases }) },
  {
    name: 'retention',
    value: 'DAYS',
    meaning: 'drop events after so many days; "never" keeps them',
    read: ([days = '']) => ({ retention: readRetention(days) }),
  },
  {
    name: 'definition',
    value: 'JSON',
    meaning: 'anything else of a definition, as docs/api.md has it',
    read: ([text = '']) => readObject(text),
  },
]

export const collections: Command = {
  summary: 'Lists, shows, makes, changes and removes collections.',
  usage: ['', 'show NAME', 'add NAME [options]', 'set NAME [options]', 'remove NAME --yes'],
  about: `add and set change what their options name and leave the rest as it is.
remove also removes the events and keys of the collection, for good.`,
  options: [
    ...members,
    { name: 'yes', meaning: 'remove without asking' },
    { name: 'json', meaning: 'print JSON' },
    ...storeOptions,
  ],
  examples: [
    'skerry collections',
    'skerry collections add example.com --timezone Europe/Berlin --origin https://example.com',
    'skerry collections set example.com --retention 365 --attribute plan --group-by page --group-by plan',
  ],
  words: [0, 2],
  async run(given): Promise<void> {
    const [verb = 'list', name = ''] = given.words
    const action = actions.get(verb)
    if (!action) throw new UsageError(`there is no "collections ${verb}"`)
    if (verb !== 'list' && name === '') throw new UsageError('the name is missing')
    const api = await openApi(given, { mayCreate: verb === 'add' })
    try {
      await action(api, given, name)
    } finally {
      await api.close()
    }
  },
}

const actions: ReadonlyMap<string, (api: Api, given: Given, name: string) => Promise<void>> = new Map([
  ['list', list],
  ['show', show],
  ['add', add],
  ['set', set],
  ['remove', remove],
])

async function list(api: Api, given: Given): Promise<void> {
  const { collections: all } = await askJson<{ collections: CollectionDefinition[] }>(api, '/api/collections')
  if (given.has('json')) return print(JSON.stringify(all, null, 2))
  const rows = all.map(({ name, timezone, groupBy, origins, retention }) => [
    name,
    timezone,
    groupBy.join(' '),
    origins.join(' ') || 'any',
    retention === null ? 'for good' : `${retention} days`,
  ])
  await print(tableOf(['name', 'time zone', 'counted by', 'origins', 'kept'], rows))
}

async function show(api: Api, _given: Given, name: string): Promise<void> {
  await print(JSON.stringify(await askJson(api, pathOf(name)), null, 2))
}

async function add(api: Api, given: Given, name: string): Promise<void> {
  const found = await api.fetch(pathOf(name))
  await found.body?.cancel()
  if (found.ok) throw new UsageError(`"${name}" is there already: use set`)
  await put(api, given, name, changesOf(given))
  tell(given, `made ${name}: \`skerry keys add ${name} write\` makes a key for its pages`)
}

async function set(api: Api, given: Given, name: string): Promise<void> {
  const { name: _, ...before } = await askJson<CollectionDefinition>(api, pathOf(name))
  await put(api, given, name, { ...before, ...changesOf(given) })
}

async function put(api: Api, given: Given, name: string, definition: Change): Promise<void> {
  const init = { method: 'PUT', body: JSON.stringify(definition) }
  const made = await askJson(api, pathOf(name), init)
  if (given.has('json')) await print(JSON.stringify(made, null, 2))
}

async function remove(api: Api, given: Given, name: string): Promise<void> {
  if (!given.has('yes')) throw new UsageError(`this removes all events of ${name}, for good: add --yes`)
  await ask(api, pathOf(name), { method: 'DELETE' })
  tell(given, `removed ${name}`)
}

function changesOf(given: Given): Change {
  const changes = members
    .filter(({ name }) => given.has(name))
    .map(({ name, read }) => read(given.list(name)))
  return Object.assign({}, ...changes) as Change
}

function readRetention(days: string): number | null {
  if (days === 'never') return null
  if (/^\d+$/.test(days)) return Number(days)
  throw new UsageError('--retention must be a number of days, or never')
}

function readObject(text: string): Change {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Change
  } catch {
    // Told below.
  }
  throw new UsageError('--definition must be a JSON object')
}

function pathOf(name: string): string {
  return `/api/collections/${encodeURIComponent(name)}`
}
