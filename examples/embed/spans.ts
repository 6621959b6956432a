import type { Answered } from 'skerry'

/** A span as OpenTelemetry has them: times in ms since 1970. */
interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly startTime: number
  readonly endTime: number
  readonly attributes: Readonly<Record<string, string | number | undefined>>
}

/** A span of the request, and one below it that tells how long each layer took by itself. */
export function spansOf(
  { method, route, status, ms, marks, collection, code, trace }: Answered,
  endTime: number,
): Span[] {
  const traceId = trace?.trace ?? randomHex(16)
  const spanId = randomHex(8)
  const startTime = endTime - ms
  const layers = Object.fromEntries(marks.map(({ name, own }) => [`skerry.layer.${name}`, own]))
  return [
    {
      traceId,
      spanId,
      parentSpanId: trace?.span,
      name: `${method} ${route}`,
      startTime,
      endTime,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        'skerry.collection': collection,
        'skerry.code': code,
      },
    },
    {
      traceId,
      spanId: randomHex(8),
      parentSpanId: spanId,
      name: 'layers',
      startTime,
      endTime,
      attributes: layers,
    },
  ]
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
