import type { Layer, Mark } from '../context.ts'
import type { Debug } from '../log.ts'
import { readPage } from '../page.ts'
import { marksOf } from './onion.ts'

export interface TimingOptions {
  /** A clock that never goes back, ms. */
  readonly clock: () => number
  readonly debug?: Debug | undefined
}

/** Measures the answer: `X-Response-Time`, and in `Server-Timing` (W3C) each layer's own time, both in ms. */
export function timing({ clock, debug }: TimingOptions): Layer {
  return async function timing(c, next): Promise<void> {
    const start = clock()
    const set = (name: string, value: string): void => {
      // Not c.header(): once there is an answer it would be built a second time.
      if (c.finalized) c.res.headers.set(name, value)
      else c.header(name, value)
    }
    try {
      await next()
    } finally {
      const total = clock() - start
      const marks = marksOf(c)
      set('X-Response-Time', `${total.toFixed(1)}ms`)
      set('Server-Timing', marks.map(format).join(', '))
      debug?.(
        `${c.req.method} ${readPage(c.req.path, [])?.path} ${total.toFixed(1)}ms: ${marks.map(explain).join(' ▸ ')}`,
      )
    }
  }
}

function format({ name, own }: Mark): string {
  return `${name.replaceAll(/[^\w-]/g, '_')};dur=${own.toFixed(2)}`
}

function explain({ name, own }: Mark): string {
  return `${name} ${own.toFixed(2)}`
}
