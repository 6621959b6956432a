/** One structured line: what happened and the facts of it. No visitor's data, no keys, no bodies. */
export type Log = (line: LogLine) => void

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly [fact: string]: string | number | boolean | undefined
}

/** A line for whoever set `DEBUG`. */
export type Debug = (line: string) => void

/**
 * The debug printer of a namespace, by the rules of `DEBUG`: names with `*`, separated by commas or
 * spaces, `-` before a name excludes it. Undefined if nobody listens.
 */
export function debugFor(
  namespace: string,
  setting: string | undefined,
  print: (line: string) => void,
): Debug | undefined {
  const patterns = (setting ?? '').split(/[\s,]+/).filter(Boolean)
  const excluded = patterns.some((pattern) => pattern.startsWith('-') && matches(pattern.slice(1), namespace))
  const included = patterns.some((pattern) => !pattern.startsWith('-') && matches(pattern, namespace))
  return included && !excluded ? (line) => print(`${namespace} ${line}`) : undefined
}

function matches(pattern: string, namespace: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === namespace
  const [first = '', ...rest] = parts
  return namespace.startsWith(first) && rest.every((part) => namespace.includes(part, first.length))
}
