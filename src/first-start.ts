import { presets } from './definition.ts'
import type { NewKey, Registry, RegistryDocuments } from './registry.ts'
import { trackerTag } from './snippet.ts'
import { noteFormat, refuseNewer } from './store-format.ts'

/** What a first start made. Secret keys are seen here and never again. */
export interface FirstStart {
  /** Undefined where the operator sets his own. */
  readonly adminKey: NewKey | undefined
  /** The public write key of each collection. */
  readonly writeKeys: ReadonlyMap<string, string>
}

/**
 * Makes an admin key and the two preset collections with a public write key each, if this store has
 * never had them. Any number of processes may try at once: what one makes no other makes again. Rejects with
 * `StoreFormatError` before it has changed anything.
 */
export async function firstStart(registry: Registry, documents: RegistryDocuments): Promise<FirstStart> {
  const writeKeys = new Map<string, string>()
  const setup = await documents.documents('setup')
  refuseNewer(setup)
  await noteFormat(documents, setup)
  const adminKey = await registry.makeAdmin()
  if (setup.has('presets')) return { adminKey, writeKeys }
  for (const definition of presets) {
    const mine = await documents.replace(
      'collection',
      definition.name,
      null,
      JSON.stringify({ definition, keys: [] }),
    )
    if (mine) writeKeys.set(definition.name, (await registry.addKey(definition.name, 'write')).key)
  }
  await documents.replace('setup', 'presets', null, 'made')
  return { adminKey, writeKeys }
}

/** Text for the operator: what was made, a line to try it with, and what to put on a page. */
export function welcome({ adminKey, writeKeys }: FirstStart, address: string): string {
  const lines: string[] = []
  if (adminKey) lines.push(`admin key (shown this once): ${adminKey.key}`)
  for (const [name, key] of writeKeys) lines.push(`write key of ${name} (public): ${key}`)
  const [name, key] = [...writeKeys][0] ?? []
  if (name === undefined || key === undefined) return lines.join('\n')
  const auth = `-H "Authorization: Key ${adminKey?.key ?? '$SKERRY_KEY'}"`
  return [
    ...lines,
    '',
    'Send an event and count it:',
    `  curl -i '${address}/${name}' ${auth} -d '{"page": "/hello"}'`,
    `  curl '${address}/${name}/count' ${auth}`,
    '',
    'Put this on your pages:',
    `  ${trackerTag({ origin: address, site: name, key })}`,
    'On localhost it counts nothing, unless data-local="count" is added.',
  ].join('\n')
}
