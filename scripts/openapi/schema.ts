import type { ProblemCode } from '../../src/errors.ts'

/** A JSON Schema (2020-12). */
export type Schema = Readonly<Record<string, unknown>>

export const string: Schema = { type: 'string' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const number: Schema = { type: 'number' }
export const boolean: Schema = { type: 'boolean' }
export const date: Schema = { type: 'string', format: 'date' }
export const time: Schema = { type: 'string', format: 'date-time' }
export const scalar: Schema = { type: ['string', 'number', 'boolean'] }

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
export const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more })
export const oneOf = (values: readonly unknown[]): Schema => ({ enum: values })
export const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values })
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })

/** A problem document with one of these codes. */
export function problem(codes: readonly ProblemCode[]): Schema {
  return { allOf: [ref('Problem'), { properties: { code: oneOf(codes) } }] }
}

/** An object whose members are all there, but for those whose names end with `?`, and which has no others. */
export function object(members: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  const bare = (name: string): string => name.replace('?', '')
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(members).map(([name, schema]) => [bare(name), schema])),
    required: Object.keys(members).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
    ...more,
  }
}

/** The value of a metric. */
export const value = orNull({ anyOf: [number, ref('Money'), list(ref('Money'))] })

/** Days from and to. */
export const gaps = list({ type: 'array', items: date, minItems: 2, maxItems: 2 })

export const range = {
  anyOf: [
    { type: 'string', pattern: '^(?:day|24h|month|year|all|realtime|[1-9]\\d{0,3}d|[1-9]\\d{0,2}mo)$' },
    {
      type: 'array',
      items: string,
      minItems: 2,
      maxItems: 2,
      description: 'Dates, or date-times with an offset; both inclusive.',
    },
  ],
}
