import { bodyLimits, bodyText, readBody } from '../body.ts'
import type { Collection, CollectionDefinition } from '../collection.ts'
import type { Layer, SkerryContext } from '../context.ts'
import type { Dialect, ForeignRequest, Message, Outcome, Reading } from '../dialects/dialect.ts'
import { type ProblemCode, SkerryError } from '../errors.ts'
import { eventLimits } from '../event.ts'
import { type RequestFacts, readEvent } from '../ingest/event.ts'
import { type Sender, senderOf } from '../ingest/sender.ts'
import { emptyBeacon, type OpenBeacon, sortIn } from '../ingest/sorting.ts'
import type { Registry } from '../registry.ts'
import type { Reply } from '../reply.ts'
import { isSecretWriter } from './auth.ts'
import type { ValidateOptions } from './validate.ts'

export interface TranslateOptions extends ValidateOptions {
  readonly registry: Registry
  readonly open: (definition: CollectionDefinition) => Collection
}

/** What of a beacon is for one collection, and how its items are to be read. */
interface Parcel {
  readonly beacon: OpenBeacon
  readonly facts: RequestFacts
}

/**
 * Takes a foreign beacon apart, as `validate` does with one of ours, judges its events by the collection of each,
 * and answers in the beacon's dialect once those further in have stored them. A HEAD counts nothing.
 */
export function translate(dialect: Dialect, options: TranslateOptions): Layer {
  const { registry, now } = options
  return async function translate(c, next): Promise<Reply> {
    if (c.req.method === 'HEAD') return dialect.answer([])
    const { readings, key, form } = await dialect.read(foreignRequest(c, now()))
    if (readings.length > eventLimits.batch)
      throw new SkerryError('too_large', { detail: `A batch may hold ${eventLimits.batch} events.` })
    const inBody = key === undefined ? undefined : await registry.identify(key)
    if (inBody && isSecretWriter(inBody)) c.set('principal', inBody)
    const parcels = new Map<string, Parcel>()
    const outcomes: Outcome[] = []
    for (const [index, reading] of readings.entries())
      outcomes.push(await sort(reading, index, parcels, c, options))
    c.set(
      'beacons',
      [...parcels.values()].map(({ beacon }) => beacon),
    )
    c.set('strays', outcomes.flatMap(strayOf))
    await next()
    return dialect.answer(outcomes, form)
  }
}

/** Puts a reading into the parcel of its collection. */
async function sort(
  reading: Reading,
  index: number,
  parcels: Map<string, Parcel>,
  c: SkerryContext,
  options: TranslateOptions,
): Promise<Outcome> {
  if (!('item' in reading)) return { is: 'invalid', fault: reading, isStray: true }
  const definition = await find(reading.sites, options.registry)
  if (!definition) return { is: 'unknown', site: reading.sites[0] ?? '' }
  const { name } = definition
  const { beacon, facts } = parcels.get(name) ?? (await begin(definition, c, options))
  parcels.set(name, { beacon, facts })
  const { agent, item } = reading
  const read = readEvent(agent === undefined ? item : { ...item, agent }, {
    ...facts,
    sender: senderFor(facts.sender, reading),
  })
  sortIn(beacon, index, read)
  const [fault] = read.faults ?? []
  if (fault) return { is: 'invalid', fault }
  return read.refusal ? { is: 'refused', code: read.refusal.code } : { is: 'stored' }
}

/** Why there is no collection that counts an event; none if there is one. */
function strayOf(outcome: Outcome): readonly ProblemCode[] {
  if (outcome.is === 'unknown') return ['unknown_collection']
  return outcome.is === 'invalid' && outcome.isStray ? ['invalid_event'] : []
}

/** The collection of one of these ids, unless it is closed to dialects. */
async function find(sites: readonly string[], registry: Registry): Promise<CollectionDefinition | undefined> {
  for (const site of sites) {
    const found = await registry.findSite(site)
    if (found) return found.policies.dialects ? found : undefined
  }
  return undefined
}

async function begin(
  definition: CollectionDefinition,
  c: SkerryContext,
  { open, now, newId, client, lists, locate }: TranslateOptions,
): Promise<Parcel> {
  const principal = c.get('principal')
  const isTrusted = principal !== undefined && (principal.collection ?? definition.name) === definition.name
  const sender = senderOf((name) => c.req.header(name), client(c), isTrusted, definition)
  const facts = { definition, now: now(), fromText: false, newId, sender, lists: await lists(), locate }
  return { beacon: emptyBeacon(open(definition), true), facts }
}

function foreignRequest(c: SkerryContext, now: number): ForeignRequest {
  const principal = c.get('principal')
  return {
    method: c.req.method,
    url: new URL(c.req.url),
    header: (name) => c.req.header(name),
    text: async () => bodyText(await readBody(c.req, principal ? bodyLimits.trusted : bodyLimits.beacon)),
    now,
    ownSite: principal?.collection,
  }
}

/** Of an agent that is only told nothing else that the request says of its own agent is true. */
function senderFor(sender: Sender, { agent, isClient, isDriven }: Message): Sender {
  const told = agent === undefined ? sender : { ...sender, agent, hints: {}, languages: undefined }
  return isClient || isDriven ? { ...told, isClient, isDriven } : told
}
