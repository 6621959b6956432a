import * as z from 'zod/v4/core'
import type { Layer, SkerryContext } from '../context.ts'
import { type Fault, type ProblemCode, SkerryError } from '../errors.ts'

// The small build of zod has no words of its own.
z.config({ localeError: wordsFor })

/** Holds a document or the query parameters against a zod schema; every fault is told with its pointer. */
export function validated(target: 'json' | 'query', schema: z.$ZodType, code: ProblemCode): Layer {
  return async function validated(c, next): Promise<void> {
    c.set('valid', parsed(schema, target === 'json' ? c.get('asked') : parametersOf(c), code))
    await next()
  }
}

/** Query parameters by their names: a text, or texts where one is given several times. */
function parametersOf({ req }: SkerryContext): Readonly<Record<string, unknown>> {
  const all = Object.entries(req.queries())
  return Object.fromEntries(all.map(([name, texts]) => [name, texts.length === 1 ? texts[0] : texts]))
}

/** A value as a schema makes it. Throws `code` with every fault and its pointer. */
export function parsed<T extends z.$ZodType>(schema: T, value: unknown, code: ProblemCode): z.output<T> {
  const result = z.safeParse(schema, value)
  if (!result.success) throw new SkerryError(code, { faults: result.error.issues.map(toFault) })
  return result.data
}

/** What `validated` let through, as the schema made it. */
export function valid<T extends z.$ZodType>(c: SkerryContext, _schema: T): z.output<T> {
  return c.get('valid') as z.output<T>
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
