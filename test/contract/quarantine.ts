import { describe, expect, test } from 'vitest'
import type { Collection } from '../../src/collection.ts'
import type { Refused } from '../../src/refusal.ts'
import { journalCollection } from '../../src/store/journal-collection.ts'
import type { Store } from '../../src/store/store.ts'
import { definition, event } from '../support/event.ts'
import { journalOptions } from '../support/journal.ts'
import { createLife, type Fate, mortalStore } from '../support/mortal.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOON = Date.UTC(2026, 4, 20, 12)
const fates: readonly Fate[] = ['dies before', 'dies after', 'refused', 'lost']

/** What time and accidents may do to refused events in a store, and what not. */
export function quarantineContract(name: string, store: Store): void {
  let now = NOON
  const open = (own = definition(), of = store): Collection =>
    journalCollection(own, { ...journalOptions(of, { now: () => now, sealAt: 1 }), store: of })
  const refused = (days = 0, hours = 0): Refused => ({
    event: event({ time: NOON + days * DAY + hours * HOUR, received: NOON }),
    code: 'bot',
  })

  describe(`quarantine: ${name}`, () => {
    test('keeps refused events for 30 days, or as long as the collection keeps its own', async () => {
      for (const [settings, days] of [
        [{}, 30],
        [{ retention: 400 }, 30],
        [{ retention: 5 }, 5],
      ] as const) {
        now = NOON
        const own = definition(settings)
        const collection = open(own)
        await collection.add([event({ time: NOON })])
        await collection.refuse([refused(), refused(1 / 24)])
        now = NOON + days * DAY
        await collection.seal()
        expect((await open(own).refused()).counts).toEqual({ bot: 2 })
        now += DAY
        expect(await open(own).refused()).toMatchObject({ counts: {}, days: {}, sample: [] })
        await collection.seal()
        const { manifest } = await store.tail(`${own.name}!refused`, 0, 1, -1)
        expect(JSON.parse(manifest ?? '')).toMatchObject({ days: [] })
      }
    })

    test('knows events by their ids to the end, retries as long as they are valid', async () => {
      now = NOON
      const own = definition()
      const [first, second] = [refused(-1), refused(-2)]
      await open(own).refuse([first, second])
      await open(own).seal()
      await open(own).refuse([first])
      expect((await open(own).refused()).counts).toEqual({ bot: 2 })
      now = NOON + 20 * DAY
      await open(own).seal()
      const reads: string[] = []
      const watched: Store = {
        ...store,
        parts: (collection, wanted) => {
          reads.push(...wanted.flatMap(({ names }) => names))
          return store.parts(collection, wanted)
        },
      }
      await open(own).refuse([{ ...refused(20), code: 'spam' }])
      expect(await open(own, watched).refused()).toMatchObject({ counts: { bot: 2, spam: 1 } })
      expect((await open(own).refused()).sample.at(-1)?.event.id).toBe(second.event.id)
      expect(await open(own).restore({ ids: [second.event.id] })).toBe(1)
      expect(await open(own).restore({ ids: [second.event.id] })).toBe(0)
      expect(await open(own).count()).toBe(1)
      expect(reads).toContain('values/refusal')
      // Of old days only the sample reads ids, as part of whole days: they are not gathered to be known.
      expect(reads.filter((part) => part === 'ids/erased/dated')).toEqual([])
    })

    test('forgets no id while a retry lies in the journal, also where a seal comes to nothing', async () => {
      now = NOON
      const own = definition()
      const first = refused(-1)
      await open(own).refuse([first])
      await open(own).seal()
      await open(own).refuse([first])
      now = NOON + 3 * DAY
      let commits = 0
      const late: Store = {
        ...store,
        commit: async (...of) => (commits++ === 0 ? false : store.commit(...of)),
      }
      await open(own, late).seal()
      expect((await open(own).refused()).counts).toEqual({ bot: 1 })
      await open(own, late).seal()
      expect((await open(own).refused()).counts).toEqual({ bot: 1 })
      expect(commits).toBe(3)
    })

    for (const fate of fates) {
      test(`restores once whatever befalls it: ${fate}`, { timeout: 60_000 }, async () => {
        let steps = 0
        for (let isMet = true; isMet; steps++) {
          now = NOON
          const own = definition()
          const events = [refused(), refused(-1), refused(-1, 1), refused(-3)]
          await open(own).refuse(events.slice(1))
          await open(own).seal()
          await open(own).refuse(events)
          const life = createLife(steps + 1, fate, async () => {})
          const victim = open(own, mortalStore(store, life))
          await victim.restore({ code: 'bot' }).catch(() => 0)
          isMet = life.hasMet
          const between = await open(own).count()
          expect([0, 1, 3, 4]).toContain(between)
          // The administrator tries again later than ids are usually known.
          await open(own).seal()
          now = NOON + 4 * DAY
          await open(own).seal()
          await open(own).seal()
          await open(own).restore({ code: 'bot' })
          expect(await open(own).count()).toBe(4)
          expect((await open(own).refused()).sample).toEqual([])
          expect(await open(own).restore({ ids: events.map((one) => one.event.id) })).toBe(0)
          await open(own).add(events.map((one) => one.event))
          expect(await open(own).count()).toBe(4)
        }
        expect(steps).toBeGreaterThan(5)
      })
    }

    test('what is added and refused together is one append each, and one commit where the store can', async () => {
      now = NOON
      const appends: (readonly string[])[] = []
      const watched: Store = {
        ...store,
        append: (all) => {
          appends.push(all.map(({ collection }) => collection))
          return store.append(all)
        },
      }
      const own = definition()
      const collection = open(own, watched)
      await Promise.all([collection.add([event(), event()]), collection.refuse([refused(), refused()])])
      expect(appends.flat().sort()).toEqual([own.name, `${own.name}!refused`])
      expect(appends).toHaveLength(store.atom === 'store' ? 1 : 2)
    })

    test('what cannot be kept is not said to be', async () => {
      const broken: Store = { ...store, append: () => Promise.reject(new Error('the store is down')) }
      await expect(open(definition(), broken).refuse([refused()])).rejects.toThrow('the store is down')
    })
  })
}
