import { zValidator } from '@hono/zod-validator'
import * as z from 'zod/v4/core'
import type { Layer, SkerryContext } from '../context.ts'
import { type Fault, type ProblemCode, SkerryError } from '../errors.ts'

// The small build of zod has no words of its own.
z.config({ localeError: wordsFor })

/** Validates a document or the query parameters by a zod schema; every fault is told with its pointer. */
export function validated(target: 'json' | 'query', schema: z.$ZodType, code: ProblemCode): Layer {
  return zValidator(target, schema, (result) => {
    if (!result.success) throw new SkerryError(code, { faults: result.error.issues.map(toFault) })
  }) as unknown as Layer
}

/** A value as a schema makes it; throws as `validated` does. */
export function parsed<T extends z.$ZodType>(schema: T, value: unknown, code: ProblemCode): z.output<T> {
  const result = z.safeParse(schema, value)
  if (!result.success) throw new SkerryError(code, { faults: result.error.issues.map(toFault) })
  return result.data
}

/** What `validated` let through, as the schema made it. */
export function valid<T extends z.$ZodType>(
  c: SkerryContext,
  target: 'json' | 'query',
  _schema: T,
): z.output<T> {
  return c.req.valid(target as never) as z.output<T>
}

function toFault({ path, message }: z.$ZodIssue): Fault {
  return {
    pointer: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    detail: message,
  }
}

/** What is wrong with a value, in as few words as the Worker has room for. */
function wordsFor(issue: z.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`
    case 'unrecognized_keys':
      return `has no member ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
    default:
      return 'is not valid'
  }
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}
