/** Where a request belongs in a trace that its sender keeps (W3C Trace Context). */
export interface Trace {
  readonly trace: string
  readonly span: string
}

/** Reads a `traceparent` header of version 00, or what a later version begins with. Undefined if it is none. */
export function readTrace(header: string | undefined): Trace | undefined {
  const match = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-|$)/.exec(header ?? '')
  const [, version, trace = '', span = '', rest] = match ?? []
  const isNone = /^0*$/.test(trace) || /^0*$/.test(span) || (version === '00' && rest !== '')
  return isNone ? undefined : { trace, span }
}
