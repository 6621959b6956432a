import type { Layer, Mark } from '../context.ts'
import type { Debug } from '../log.ts'
import { readPage } from '../page.ts'

export interface TimingOptions {
  /** A clock that never goes back, ms. */
  readonly clock: () => number
  readonly debug?: Debug | undefined
}

/** Measures the answer: `X-Response-Time`, and in `Server-Timing` (W3C) each layer's own time, both in ms. */
export function timing({ clock, debug }: TimingOptions): Layer {
  return async function timing(c, next): Promise<void> {
    const start = clock()
    try {
      await next()
    } finally {
      const total = (clock() - start).toFixed(1)
      const marks = c.get('marks')
      const headers = c.get('headers')
      headers['X-Response-Time'] = `${total}ms`
      headers['Server-Timing'] = serverTiming(marks)
      debug?.(
        `${c.req.method} ${readPage(c.req.path, [])?.path} ${total}ms: ${marks.map(explain).join(' ▸ ')}`,
      )
    }
  }
}

function serverTiming(marks: readonly Mark[]): string {
  let text = ''
  for (const { name, own } of marks) text += `${text && ', '}${name};dur=${hundredths(own)}`
  return text
}

/** As `toFixed(2)`, which takes ten times as long for each of a dozen layers. */
function hundredths(ms: number): string {
  const count = Math.round(ms * 100)
  const rest = count % 100
  return `${(count - rest) / 100}.${rest < 10 ? '0' : ''}${rest}`
}

function explain({ name, own }: Mark): string {
  return `${name} ${own.toFixed(2)}`
}
