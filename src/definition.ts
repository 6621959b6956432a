import * as z from 'zod/mini'
import type { CollectionDefinition, Goal } from './collection.ts'
import { builtinFields, groupableFields } from './event.ts'
import { isObject } from './json.ts'
import { isTimezone } from './zone.ts'

/** Names that routes and files need. */
const RESERVED: ReadonlySet<string> = new Set(
  'api assets health metrics optout count counter collect cache js'.split(' '),
)
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const FILE = /\.(?:js|php|txt|ico|json|xml|map)$/

/** Whether a collection may have this name. */
export function isCollectionName(name: string): boolean {
  return NAME.test(name) && !RESERVED.has(name) && !FILE.test(name)
}

const ORIGIN =
  /^(?:null|https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?|https?:\/\/\[[0-9a-f:]+\](?::\d{1,5})?)$/
const ATTRIBUTE = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/

/** Any of some values. */
export function oneOf<T extends string | boolean>(values: readonly T[]): z.ZodMiniCustom<T, T> {
  return z.custom<T>((value) => values.includes(value as T), `must be ${values.join(' or ')}`)
}

const short = z.string().check(z.refine(isShort, 'must have 1 to 255 characters'))
const origin = z
  .string()
  .check(
    z.refine(
      (text) => ORIGIN.test(text),
      'must be an origin, as https://example.com or https://*.example.com',
    ),
  )
const attribute = z
  .string()
  .check(
    z.refine(
      (text) => ATTRIBUTE.test(text),
      'must be letters, digits, dot, dash and underscore, a letter first',
    ),
  )
const goal = z.custom<Goal>(isGoal, 'must be {"name", "event"} or {"name", "page"}')
const privacyRule = oneOf(['ignore', 'anonymous', 'drop'])
const list = <T extends z.core.$ZodType>(item: T, most: number): z.ZodMiniArray<T> =>
  z.array(item).check(z.refine((items) => items.length <= most, `must be at most ${most} items long`))

function isGoal(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, event, page, ...others } = value
  return isShort(name) && isShort(event ?? page) && !(event && page) && Object.keys(others).length === 0
}

function isRetention(days: unknown): boolean {
  return days === null || (Number.isInteger(days) && Number(days) >= 1 && Number(days) <= 36_500)
}

function isShort(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 255
}

/** A definition as its owner sends it, everything optional. The name comes from the route. */
export const definitionSchema = z
  .strictObject({
    name: z.optional(z.string()),
    attributes: z._default(list(attribute, 100), []),
    groupBy: z._default(list(attribute, 100), ['page']),
    timezone: z._default(z.string().check(z.refine(isTimezone, 'must be an IANA time zone')), 'UTC'),
    origins: z._default(list(origin, 100), []),
    aliases: z._default(list(short, 100), []),
    query: z._default(list(short, 100), []),
    retention: z._default(
      z.custom<number | null>(isRetention, 'must be a whole number from 1 to 36500, or null'),
      null,
    ),
    goals: z._default(list(goal, 100), []),
    privacy: z._default(
      z.strictObject({ gpc: z._default(privacyRule, 'anonymous'), dnt: z._default(privacyRule, 'ignore') }),
      { gpc: 'anonymous', dnt: 'ignore' },
    ),
    policies: z._default(
      z.strictObject({
        bots: z._default(oneOf(['browsers', 'all', 'off']), 'browsers'),
        dialects: z._default(oneOf([true, false]), true),
      }),
      { bots: 'browsers', dialects: true },
    ),
    embed: z._default(list(origin, 100), []),
  })
  .check((check) => {
    const { attributes, groupBy } = check.value
    for (const [i, name] of groupBy.entries()) {
      if (groupableFields.has(name) || (attributes.includes(name) && !builtinFields.has(name))) continue
      const message = builtinFields.has(name)
        ? 'cannot be grouped by'
        : 'must be a field or a declared attribute'
      check.issues.push({ code: 'custom', input: name, path: ['groupBy', i], message })
    }
  })

export type DefinitionInput = z.infer<typeof definitionSchema>

/** The definition of a name from what its owner sent. A field that is listed as attribute stays a field. */
export function defineCollection(name: string, input: DefinitionInput): CollectionDefinition {
  return {
    ...input,
    name,
    attributes: [...new Set(input.attributes)],
    groupBy: [...new Set(input.groupBy)],
    aliases: [...new Set(input.aliases)],
  }
}

/** Two collections that a first start makes. */
export const presets: readonly CollectionDefinition[] = ['pageviews', 'postreads'].map((name) =>
  defineCollection(
    name,
    definitionSchema.parse({
      attributes: ['page', 'time', 'referrer', 'agent', 'source', 'medium', 'campaign'],
      groupBy: ['page'],
    }),
  ),
)
