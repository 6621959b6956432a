import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { pack, unpack } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { eventsOf } from '../../src/engine/rows.ts'
import { SealedDay } from '../../src/engine/sealed-day.ts'
import { hashId, lowHalf } from '../../src/engine/id-hash.ts'
import { OpenDay } from '../../src/engine/open-day.ts'
import { toRecord } from '../../src/engine/record.ts'
import { encodeSegment } from '../../src/engine/segment.ts'
import type { Event } from '../../src/event.ts'
import { startOfDay } from '../../src/zone.ts'
import { readSegment } from '../support/segment-reader.ts'

const breathe = async (): Promise<void> => {}
const date = '2026-01-01', timezone = 'UTC', start = startOfDay(date, timezone)
async function segmentOf(events: readonly Event[]) {
  const day = new OpenDay(date, start)
  for (const one of events) day.add(toRecord(one), hashId(one.id), lowHalf)
  return encodeSegment(day.canonicalView(), { timezone, namesLimit: 10_000, breathe })
}
function sealed(parts: any) {
  return new SealedDay({ date, count: 1, key: date, cache: createCache(1e9), read: async (names) => new Map([...parts].filter(([n]: any) => names.includes(n))) as any })
}
const base = { name: 'pageview', page: '/', time: start, received: start + 5 }
test('collision', async () => {
  const parts = await segmentOf([{ ...base, id: 'a', props: { a: 'x', 'a/values': 'y' } }] as any)
  try { console.log([...eventsOf(await sealed(parts).loadFull())]) } catch (e) { console.log('FULL', e) }
  try { console.log(await sealed(parts).counts('props/a')) } catch (e) { console.log('COUNTS', String(e)) }
})
test('bom', async () => {
  const parts = await segmentOf([{ ...base, id: '\ufeffa' }] as any)
  const full = await sealed(parts).loadFull()
  console.log('BOM', full.idOf(0)?.id.length, (await sealed(parts).ids()).map((i) => i.length))
})
test('pad', async () => {
  for (const payload of [randomBytes(200)]) {
    const p = (await pack(payload)).slice(); p[5]! ^= 0x40
    try { console.log('PAD unnoticed', Buffer.from(await unpack(p)).equals(payload)) } catch (e) { console.log('PAD', String(e)) }
  }
})
test('proto compare', () => {
  const a = Object.fromEntries([['__proto__', 'x']]), b = Object.fromEntries([['__proto__', 'y']])
  try { expect(a).toEqual(b); console.log('PROTO not compared') } catch { console.log('PROTO compared') }
})
