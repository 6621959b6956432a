import type { Layer, Layers, Mark, Next, SkerryContext } from '../context.ts'

export interface OnionOptions {
  /** A clock that never goes back, ms. */
  readonly clock: () => number
}

/** Makes of several layers one, which can be used as a layer of another. Layers in a record are named by its keys. */
export type Compose = (...parts: readonly (Layer | Layers)[]) => Layer

const names: WeakMap<Layer, string> = new WeakMap()

/** Gives a layer a name, for traces and timings; without one it goes by its function's, where that is kept. */
export function named(name: string, layer: Layer): Layer {
  names.set(layer, name)
  return layer
}

/** The names of the layers in a composed one, from the outside in. */
export function layerNames(layer: Layer): readonly string[] {
  return chains.get(layer) ?? [nameOf(layer)]
}

const chains: WeakMap<Layer, readonly string[]> = new WeakMap()

/**
 * The onion: what stands before `await next()` runs on the way in, what stands after it on the way
 * out. Each layer's own time is marked. Calling `next()` twice is an error that names the layer; the
 * innermost may call it too, which does nothing.
 */
export function onion({ clock }: OnionOptions): Compose {
  return function compose(...parts): Layer {
    const layers = parts.flatMap(layersOf)
    const timed = layers.map((layer) => (chains.has(layer) ? layer : time(layer, clock)))
    async function composed(c: SkerryContext, next: Next): Promise<Response | void> {
      return run(timed, 0, c, next)
    }
    chains.set(composed, layers.flatMap(layerNames))
    return composed
  }
}

function layersOf(part: Layer | Layers): readonly Layer[] {
  if (typeof part === 'function') return [part]
  return Object.entries(part).map(([name, layer]) => named(name, layer))
}

/** Ends an onion: to whatever calls `next()` here nothing more happens. */
export function innermost(layer: Layer): (c: SkerryContext) => Promise<Response> {
  return async function answer(c): Promise<Response> {
    const response = await layer(c, async () => {})
    return response instanceof Response ? response : c.res
  }
}

async function run(
  layers: readonly Layer[],
  i: number,
  c: SkerryContext,
  next: Next,
): Promise<Response | void> {
  const layer = layers[i]
  if (!layer) return next()
  const response = await layer(c, async () => {
    const inner = await run(layers, i + 1, c, next)
    if (inner instanceof Response) c.res = inner
  })
  return response
}

function time(layer: Layer, clock: () => number): Layer {
  const name = nameOf(layer)
  return async function timed(c, next): Promise<Response | void> {
    const mark: Mark = { name, own: 0, since: clock() }
    marksOf(c).push(mark)
    let isCalled = false
    const leave = (): void => {
      mark.own += clock() - mark.since
    }
    try {
      return await layer(c, async () => {
        if (isCalled) throw new Error(`the layer ${name} called next() twice`)
        isCalled = true
        leave()
        try {
          await next()
        } finally {
          mark.since = clock()
        }
      })
    } finally {
      leave()
    }
  }
}

/** The marks of a request; the first layer begins the list. */
export function marksOf(c: SkerryContext): Mark[] {
  const marks: Mark[] = c.get('marks') ?? []
  if (marks.length === 0) c.set('marks', marks)
  return marks
}

function nameOf(layer: Layer): string {
  return names.get(layer) ?? (layer.name || 'anonymous')
}
