import { SkerryError } from './errors.ts'

/** Deeper documents are refused before anything walks them: `JSON.parse` reads any depth, its users do not. */
const MAX_DEPTH = 32

/** The value of a JSON text; undefined if it is none. */
export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The value of a JSON text. Throws `malformed_body` if it is not JSON or nested deeper than 32. */
export function parseJson(text: string): unknown {
  const value = tryParse(text)
  if (value === undefined) throw new SkerryError('malformed_body', { detail: 'The body is not JSON.' })
  return refuseDeep(value)
}

/** Gives the value back. Throws `malformed_body` if it is nested deeper than 32. */
export function refuseDeep<T>(value: T): T {
  if (isDeeper(value, MAX_DEPTH)) {
    throw new SkerryError('malformed_body', { detail: `JSON may be nested ${MAX_DEPTH} deep.` })
  }
  return value
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const key in value) {
    if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true
  }
  return false
}

/** A JSON object, as opposed to an array, a scalar or null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
