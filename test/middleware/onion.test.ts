import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import type { Layer, Layers, SkerryEnv } from '../../src/context.ts'
import { debugFor, type LogLine } from '../../src/log.ts'
import { type Chain, chain, serve } from '../../src/middleware/onion.ts'
import { recover } from '../../src/middleware/recover.ts'
import { timing } from '../../src/middleware/timing.ts'
import type { Reply } from '../../src/reply.ts'

const clock = (): number => performance.now()

/** Runs layers around a route as the program does, with what they logged. */
async function run(
  ...layers: readonly (Layer | Layers | Chain)[]
): Promise<{ response: Response; logged: LogLine[] }> {
  const logged: LogLine[] = []
  const app = new Hono<SkerryEnv>()
  app.get('/', serve(chain(recover({ log: (line) => logged.push(line), now: Date.now }), ...layers), clock))
  return { response: await app.request('/'), logged }
}

/** A layer that writes down when it is passed. */
function passed(name: string, into: string[]): Layers {
  return {
    [name]: async (_c, next) => {
      into.push(`${name} in`)
      await next()
      into.push(`${name} out`)
    },
  }
}

function text(body: string, status: number = 200): Reply {
  return { status, body, headers: { 'Content-Type': 'text/plain' } }
}

const answer: Layer = async function answer() {
  return text('core')
}

describe('the onion', () => {
  test('is passed inwards before next() and outwards after it', async () => {
    const way: string[] = []
    const { response } = await run(passed('a', way), passed('b', way), answer)
    expect(way).toEqual(['a in', 'b in', 'b out', 'a out'])
    expect(await response.text()).toBe('core')
  })

  test('measures the answer by a layer around everything', async () => {
    const slow: Layer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return text('slow')
    }
    const { response } = await run(timing({ clock: () => performance.now() }), slow)
    expect(Number.parseFloat(response.headers.get('X-Response-Time') ?? '')).toBeGreaterThanOrEqual(25)
  })

  test('gives each layer its own time, not that of those further in', async () => {
    const wait = (name: string, ms: number): Layers => ({
      [name]: async (_c, next) => {
        await new Promise((resolve) => setTimeout(resolve, ms))
        await next()
      },
    })
    const { response } = await run(
      timing({ clock: () => performance.now() }),
      wait('short', 5),
      wait('long', 60),
      answer,
    )
    const marks = new Map(
      (response.headers.get('Server-Timing') ?? '').split(', ').map((mark) => {
        const [name = '', duration = ''] = mark.split(';dur=')
        return [name, Number(duration)]
      }),
    )
    expect([...marks.keys()]).toEqual(['recover', 'timing', 'short', 'long', 'answer'])
    expect(marks.get('long')).toBeGreaterThan(50)
    expect(marks.get('short')).toBeLessThan(40)
  })

  test('names its layers after their functions, in words that a header may hold', () => {
    const names = (...parts: readonly (Layer | Layers)[]): string[] => chain(...parts).map(({ name }) => name)
    expect(names(answer, { 'their layer;': (_c, next) => next() })).toEqual(['answer', 'their_layer_'])
    expect(names(recover({ log: () => {}, now: Date.now }))).toEqual(['recover'])
    expect(names((_c, next) => next())).toEqual(['anonymous'])
  })

  test('names the layers of a record by its keys, whatever minification made of their own names', async () => {
    const layer = (): Layer => Object.defineProperty<Layer>((_c, next) => next(), 'name', { value: 'e' })
    const { response } = await run(
      { timing: timing({ clock: () => performance.now() }) },
      { auth: layer() },
      { auth: layer(), shed: layer() },
      answer,
    )
    const marks = response.headers
      .get('Server-Timing')
      ?.split(', ')
      .map((mark) => mark.split(';')[0])
    expect(marks).toEqual(['recover', 'timing', 'auth', 'auth', 'shed', 'answer'])
    expect(chain({ a: layer(), b: layer() }, layer()).map(({ name }) => name)).toEqual(['a', 'b', 'e'])
  })

  test('makes of several layers one, which can be used as one', async () => {
    const way: string[] = []
    const both = chain(passed('a', way), passed('b', way))
    const { response } = await run(both, passed('c', way), answer)
    expect(way).toEqual(['a in', 'b in', 'c in', 'c out', 'b out', 'a out'])
    expect(response.status).toBe(200)
  })

  test('lets a layer answer without next(): nothing further in runs, those further out finish', async () => {
    const way: string[] = []
    const gate: Layer = async () => text('closed', 403)
    const { response } = await run(passed('a', way), gate, passed('b', way), answer)
    expect(way).toEqual(['a in', 'a out'])
    expect([response.status, await response.text()]).toEqual([403, 'closed'])
  })

  test('lets the innermost call next() too, which resolves and does nothing', async () => {
    const { response } = await run(async function core(_c, next) {
      await next()
      return text('core')
    })
    expect([response.status, await response.text()]).toEqual([200, 'core'])
  })

  test('says so when a layer calls next() twice', async () => {
    const twice: Layer = async function twice(_c, next) {
      await next()
      await next()
    }
    const { response, logged } = await run(twice, answer)
    expect(response.status).toBe(500)
    expect(logged).toMatchObject([
      { event: 'internal', detail: expect.stringContaining('the layer twice called next() twice') },
    ])
  })

  test('lets layers work side by side before they go on', async () => {
    const start = performance.now()
    const wait = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 40))
    await run(async function parallel(_c, next) {
      await Promise.all([wait(), wait(), wait()])
      await next()
    }, answer)
    expect(performance.now() - start).toBeLessThan(110)
  })

  test('lets an outer layer see what an inner one throws', async () => {
    const seen: unknown[] = []
    const watch: Layer = async (_c, next) => {
      try {
        await next()
      } catch (error) {
        seen.push(error)
        throw error
      }
    }
    const failure = new Error('secret detail')
    const { response } = await run(watch, async () => {
      throw failure
    })
    expect(seen).toEqual([failure])
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret detail')
  })
})

describe('recover', () => {
  test('writes a line for a fault of ours at most once a second', async () => {
    const logged: LogLine[] = []
    let now = 0
    const app = new Hono<SkerryEnv>()
    const broken: Layer = async () => {
      throw new Error('broken')
    }
    app.get('/', serve(chain(recover({ log: (line) => logged.push(line), now: () => now }), broken), clock))
    for (const at of [0, 10, 20, 1100]) {
      now = at
      await app.request('/')
    }
    expect(logged).toMatchObject([{ event: 'internal' }, { event: 'internal', leftOut: 2 }])
  })
})

describe('DEBUG', () => {
  test('is read as everywhere: stars, lists, exclusions', () => {
    const heard = (setting: string | undefined): boolean =>
      debugFor('skerry:onion', setting, () => {}) !== undefined
    for (const setting of ['*', 'skerry*', 'skerry:*', 'skerry:onion', 'other,skerry*', '*onion'])
      expect(heard(setting)).toBe(true)
    for (const setting of [undefined, '', 'skerry', 'other*', 'skerry*,-skerry:onion', '-*,*'])
      expect(heard(setting)).toBe(false)
  })
})
