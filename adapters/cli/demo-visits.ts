import {
  bots,
  campaigns,
  devices,
  type Facts,
  HOST,
  hours,
  pages,
  places,
  sources,
  vitals,
  type Weighted,
} from './demo-shop.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

type Event = Readonly<Record<string, unknown>>

/**
 * The events of one day of a shop that does not exist, always the same for the same day: visits of one page and of
 * many, time spent reading, sign-ups, purchases, what browsers measure, errors, bots. There are fewer at weekends,
 * more in autumn and while a campaign runs, and from year to year. `until`: nothing of later than this is among them;
 * ms since 1970.
 */
export function* demoDay(date: string, visitors: number, until: number): Generator<Event> {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const random = randomOf(midnight)
  const usual = Math.round(visitors * tide(midnight) * (0.85 + 0.3 * random()))
  const running = campaigns.filter(({ days: [first, last] }) => {
    const day = new Date(midnight).getUTCDate()
    return day >= first && day <= last
  })
  const arrivals: (Facts | undefined)[] = [
    ...Array<undefined>(usual),
    ...running.flatMap(({ share, facts }) => Array<Facts>(Math.round(usual * share)).fill(facts)),
  ]
  for (const [visitor, source] of arrivals.entries()) {
    const start = Math.floor(midnight + pick(hours, random) * HOUR_MS + random() * HOUR_MS)
    const own = { visitor: `demo-${date}-${visitor}` }
    let n = 0
    for (const event of visit(start, source ?? pick(sources, random), random)) {
      if (Number(event.time) <= until) yield { ...event, ...own, id: `demo-${date}-${visitor}-${n}` }
      n++
    }
  }
  for (let n = 0; n < usual / 12; n++) {
    const time = Math.floor(midnight + random() * DAY_MS)
    const event = { time, page: HOST + pick(pages, random), agent: pick(bots, random) }
    if (time <= until) yield { ...event, id: `demo-${date}-bot-${n}` }
  }
}

/** How many people come on a day, as a share of the usual. */
function tide(midnight: number): number {
  const date = new Date(midnight)
  const weekend = [0, 6].includes(date.getUTCDay()) ? 0.6 : 1
  const ofYear = (midnight - Date.UTC(date.getUTCFullYear(), 0)) / (365 * DAY_MS)
  const season = 1 + 0.2 * Math.cos(2 * Math.PI * (ofYear - 0.87))
  const growth = 1.3 ** ((midnight - Date.UTC(2026, 0)) / (365 * DAY_MS))
  return weekend * season * growth
}

type Random = () => number

function* visit(start: number, source: Facts, random: Random): Generator<Event> {
  const facts = { ...pick(devices, random), ...pick(places, random) }
  const views = random() < 0.45 ? 1 : 2 + Math.floor(random() * 5)
  let time = start
  for (let view = 0; view < views; view++) {
    const page = HOST + pick(pages, random)
    yield { time, page, ...(view === 0 && source), ...facts }
    if (view === 0 && random() < 0.3) yield* measured(time + 900, page, facts, random)
    if (random() < 0.01) yield { time: time + 700, page, ...facts, ...scriptError(random) }
    const ms = Math.floor(4_000 + random() * random() * 180_000)
    time += ms
    yield { name: 'engagement', time, page, ms, depth: Math.floor(20 + random() * 80), ...facts }
  }
  yield* deeds(time, views, facts, random)
}

/** What a visitor does beside reading. */
function* deeds(time: number, views: number, facts: Facts, random: Random): Generator<Event> {
  if (random() < 0.05)
    yield {
      name: 'outbound',
      time,
      page: `${HOST}/about`,
      props: { target: 'https://github.com/harbour' },
      ...facts,
    }
  if (random() < 0.02) yield { name: '404', time, page: `${HOST}/products/anchor`, ...facts }
  if (views > 2 && random() < 0.2) {
    const props = { plan: random() < 0.3 ? 'pro' : 'free' }
    yield { name: 'signup', time: time + 1, page: `${HOST}/pricing`, props, ...facts }
  }
  if (views > 3 && random() < 0.15) {
    const revenue = { amount: (19 + Math.floor(random() * 12) * 10).toFixed(2), currency: 'EUR' }
    yield { name: 'purchase', time: time + 2, page: `${HOST}/products/lantern`, revenue, ...facts }
  }
}

/** What a browser measured of a page: telephones are slower. */
function* measured(time: number, page: string, facts: Facts, random: Random): Generator<Event> {
  const slower = facts.agent?.includes('Mobile') ? 1.6 : 1
  for (const { name, median, good, poor } of vitals) {
    const value = Math.round(median * slower * Math.exp(1.1 * (random() + random() - 1)) * 1000) / 1000
    const rating = value <= good ? 'good' : value <= poor ? 'needs-improvement' : 'poor'
    yield { name: 'web-vital', interactive: false, time, page, props: { [name]: value, rating }, ...facts }
  }
}

function scriptError(random: Random): Event {
  const message = random() < 0.7 ? 'cart is undefined' : 'Unhandled: Failed to fetch'
  return { name: 'js-error', interactive: false, props: { message, source: `${HOST}/shop.js`, line: 42 } }
}

function pick<T>(choices: Weighted<T>, random: Random): T {
  let left = random() * choices.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of choices) {
    left -= weight
    if (left < 0) return value
  }
  throw new Error('there is nothing to choose from')
}

/** Numbers from 0 to 1 that a seed determines (Mulberry32, T. Ettinger, public domain). */
function randomOf(seed: number): Random {
  let state = seed / DAY_MS
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
