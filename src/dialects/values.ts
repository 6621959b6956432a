import { ENGAGEMENT, eventLimits, PAGEVIEW, type Scalar } from '../event.ts'
import { isObject } from '../json.ts'

/** A text, a number as text; undefined for everything else and for blanks. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** The name of an event where `pageview` and `engagement` are names like any other: here they would count otherwise. */
export function eventNameOf(value: unknown): string | undefined {
  const name = textOf(value)
  return name === PAGEVIEW || name === ENGAGEMENT ? `${name}-event` : name
}

/** The beginning of a text that may have so many characters: no page can change what its tracker sends. */
export function cut(value: unknown, limit: number): string | undefined {
  return textOf(value)?.slice(0, limit)
}

/** A number, also one that came as text; undefined for everything else. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** The scalars of an object that are not blank, those of objects in it under `outer.inner`: the first 30, as an event may have. */
export function propsOf(value: unknown, isDeep: boolean): Readonly<Record<string, Scalar>> {
  const props = new Map<string, Scalar>()
  if (isObject(value)) gather(value, '', isDeep, props)
  return Object.fromEntries(props)
}

function gather(
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  isDeep: boolean,
  props: Map<string, Scalar>,
): void {
  for (const [name, inner] of Object.entries(value)) {
    if (props.size === eventLimits.props) return
    if (typeof inner === 'boolean') props.set(prefix + name, inner)
    else if (isDeep && typeof inner === 'object' && inner !== null)
      gather(inner as Readonly<Record<string, unknown>>, `${prefix}${name}.`, isDeep, props)
    else if (typeof inner === 'number' ? Number.isFinite(inner) : textOf(inner) !== undefined)
      props.set(prefix + name, inner as Scalar)
  }
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i

/** A page's URL of a path and the host that it is told with; a whole URL stays as it is. */
export function pageOn(host: string | undefined, path: string): string {
  if (host === undefined || ABSOLUTE.test(path)) return path
  return `https://${host}/${path.replace(/^\/+/, '')}`
}
