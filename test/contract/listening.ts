import { describe, expect, test } from 'vitest'
import type { Collection } from '../../src/collection.ts'
import type { LiveMessage } from '../../src/live.ts'
import { definition, event } from '../support/event.ts'
import type { OpenCollection } from './collection.ts'

/** What listening to a collection tells, wherever it is kept. */
export function listeningContract(name: string, open: OpenCollection): void {
  describe(`listening: ${name}`, () => {
    test('tells what anyone adds, repeats once, and ends when it is told to', async () => {
      const [one, two] = open(definition())
      await one.add([event({ id: 'before' })])
      const ear = await listen(two)
      const all = [event({ id: 'a' }), event({ id: 'b' })]
      await one.add(all)
      await two.add([...all, event({ id: 'c' })])
      expect(await ear.ids(3)).toEqual(['a', 'b', 'c'])
      await ear.end()
    })

    test('goes on from a place by whatever way, after a seal and a clearing with a gap', async () => {
      const [one, two] = open(definition())
      const ear = await listen(one)
      await one.add([event({ id: 'a' }), event({ id: 'b' })])
      await ear.ids(2)
      const [, place] = ear.places()
      await ear.end()
      await two.add([event({ id: 'c' })])
      const again = await listen(two, place)
      expect(await again.ids(1)).toEqual(['c'])
      expect(again.kinds()).not.toContain('gap')
      await two.seal()
      await one.add([event({ id: 'd' })])
      expect(await again.ids(2)).toEqual(['c', 'd'])
      const late = await listen(one, place)
      await late.until(() => late.kinds().includes('gap'))
      await one.clear()
      await again.until(() => again.kinds().includes('gap'))
      await two.add([event({ id: 'e' })])
      expect((await again.ids(3)).at(-1)).toBe('e')
      await Promise.all([again.end(), late.end()])
    })
  })
}

interface Ear {
  kinds(): readonly string[]
  places(): readonly string[]
  until(isEnough: () => boolean): Promise<void>
  /** Resolves with the ids that were told, once they are so many. */
  ids(count: number): Promise<readonly (string | undefined)[]>
  end(): Promise<void>
}

async function listen(collection: Collection, after?: string): Promise<Ear> {
  const source = collection.live(after)[Symbol.asyncIterator]()
  const told: LiveMessage[] = [...((await source.next()).value as readonly LiveMessage[])]
  let isOver = false
  const reading = (async () => {
    while (!isOver) {
      const { done, value } = await source.next()
      if (done) return
      told.push(...value)
    }
  })()
  const events = () => told.flatMap((message) => (message.is === 'event' ? [message] : []))
  const until = (isEnough: () => boolean): Promise<void> =>
    expect.poll(isEnough, { timeout: 10_000, interval: 20 }).toBe(true)
  return {
    kinds: () => told.map(({ is }) => is),
    places: () => events().map(({ place }) => place),
    until,
    async ids(count): Promise<readonly (string | undefined)[]> {
      await until(() => events().length >= count)
      return events().map(({ event: { id } }) => id)
    },
    async end(): Promise<void> {
      isOver = true
      await source.return?.()
      await reading
    },
  }
}
