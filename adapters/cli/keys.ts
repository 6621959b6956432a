import { madeKinds } from '../../src/key.ts'
import { type Api, ask, askJson, openApi } from './api.ts'
import { type Command, type Given, storeOptions, UsageError } from './command.ts'
import { print, tableOf, tell } from './terminal.ts'

interface Key {
  readonly id: string
  readonly kind: string
  readonly created: string
  readonly key?: string
}

export const keys: Command = {
  summary: 'Lists, makes and removes the keys of a collection.',
  usage: ['COLLECTION', 'add COLLECTION write|read|server', 'remove COLLECTION ID'],
  about: `write   adds events from pages; it is public
read    asks
server  adds events with known facts: their own time, address, visitor; imports
A secret key is printed once and cannot be shown again. A removed key ends within a minute.`,
  options: [{ name: 'json', meaning: 'print JSON' }, ...storeOptions],
  examples: ['skerry keys pageviews', 'skerry keys add pageviews server'],
  words: [1, 3],
  async run(given): Promise<void> {
    const [verb = '', name = '', last] = given.words
    const isVerb = verb === 'add' || verb === 'remove'
    if (isVerb && (name === '' || last === undefined)) throw new UsageError('something is missing')
    if (!isVerb && name !== '') throw new UsageError(`there is no "keys ${verb}"`)
    if (verb === 'add' && !madeKinds.some((kind) => kind === last))
      throw new UsageError(`a key is ${madeKinds.join(' or ')}`)
    const api = await openApi(given)
    try {
      if (verb === 'add') await add(api, given, name, last ?? '')
      else if (verb === 'remove') await remove(api, given, name, last ?? '')
      else await list(api, given, verb)
    } finally {
      await api.close()
    }
  },
}

async function list(api: Api, given: Given, collection: string): Promise<void> {
  const { keys: all } = await askJson<{ keys: Key[] }>(api, pathOf(collection))
  if (given.has('json')) return print(JSON.stringify(all, null, 2))
  const rows = all.map(({ id, kind, created, key }) => [id, kind, created, key ?? 'secret'])
  await print(tableOf(['id', 'kind', 'made', 'key'], rows))
}

async function add(api: Api, given: Given, collection: string, kind: string): Promise<void> {
  const made = await askJson<Key>(api, pathOf(collection), { method: 'POST', body: JSON.stringify({ kind }) })
  await print(given.has('json') ? JSON.stringify(made) : (made.key ?? ''))
  if (kind !== 'write') tell(given, 'This key is shown once: keep it in a safe place.')
}

async function remove(api: Api, given: Given, collection: string, id: string): Promise<void> {
  await ask(api, `${pathOf(collection)}/${encodeURIComponent(id)}`, { method: 'DELETE' })
  tell(given, `removed ${id}`)
}

function pathOf(collection: string): string {
  return `/api/collections/${encodeURIComponent(collection)}/keys`
}
