/** A pick among values of different weight. */
type Weighted<T> = readonly (readonly [value: T, weight: number])[]

type Facts = Readonly<Record<string, string | undefined>>

const HOST = 'https://shop.example'

const pages: Weighted<string> = [
  ['/', 30],
  ['/products', 18],
  ['/products/lantern', 14],
  ['/products/rope', 9],
  ['/pricing', 10],
  ['/blog/how-light-travels', 9],
  ['/blog/storm-of-1903', 6],
  ['/about', 4],
]

const sources: Weighted<Facts> = [
  [{}, 30],
  [{ referrer: 'https://www.google.com/' }, 28],
  [{ referrer: 'https://news.ycombinator.com/' }, 8],
  [{ referrer: 'https://www.bing.com/' }, 6],
  [{ referrer: 'https://github.com/harbour/lists' }, 6],
  [{ referrer: 'https://chatgpt.com/' }, 5],
  [{ referrer: 'https://lemmy.world/' }, 4],
  [{ source: 'newsletter', medium: 'email', campaign: 'autumn' }, 8],
  [{ source: 'Google', medium: 'cpc', campaign: 'lanterns' }, 5],
]

const devices: Weighted<Facts> = [
  [{ browser: 'Chrome', os: 'Windows', device: 'Desktop', screen: '1920x1080' }, 30],
  [{ browser: 'Safari', os: 'iOS', device: 'Mobile', screen: '390x844' }, 26],
  [{ browser: 'Chrome', os: 'Android', device: 'Mobile', screen: '412x915' }, 22],
  [{ browser: 'Firefox', os: 'GNU/Linux', device: 'Desktop', screen: '2560x1440' }, 9],
  [{ browser: 'Safari', os: 'Mac', device: 'Desktop', screen: '1512x982' }, 9],
  [{ browser: 'Safari', os: 'iPadOS', device: 'Tablet', screen: '820x1180' }, 4],
]

const places: Weighted<Facts> = [
  [{ country: 'DE', language: 'de' }, 26],
  [{ country: 'US', language: 'en' }, 24],
  [{ country: 'GB', language: 'en' }, 14],
  [{ country: 'FR', language: 'fr' }, 11],
  [{ country: 'NL', language: 'nl' }, 8],
  [{ country: 'NO', language: 'nb' }, 7],
  [{ country: 'JP', language: 'ja' }, 5],
  [{ country: 'BR', language: 'pt' }, 5],
]

/** Visitors of each hour of the day, in UTC, as shares of the busiest. */
const HOURS = [2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 9, 8, 8, 9, 9, 7, 5, 3]

/**
 * The events of one day of a shop that does not exist, always the same for the same day: visits of one page and of
 * many, time spent reading, sign-ups, purchases. `until`: nothing of later than this is among them; ms since 1970.
 */
export function* demoDay(
  date: string,
  visitors: number,
  until: number,
): Generator<Readonly<Record<string, unknown>>> {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const random = randomOf(midnight)
  const isWeekend = [0, 6].includes(new Date(midnight).getUTCDay())
  const count = Math.round(visitors * (isWeekend ? 0.6 : 1) * (0.85 + 0.3 * random()))
  for (let visitor = 0; visitor < count; visitor++) {
    const start =
      midnight +
      pick(
        HOURS.map((weight, hour) => [hour, weight] as const),
        random,
      ) *
        3_600_000
    let n = 0
    for (const event of visit(start + random() * 3_600_000, random)) {
      if (Number(event.time) <= until)
        yield { ...event, id: `demo-${date}-${visitor}-${n}`, visitor: `demo-${date}-${visitor}` }
      n++
    }
  }
}

type Random = () => number

function* visit(start: number, random: Random): Generator<Readonly<Record<string, unknown>>> {
  const facts = { ...pick(devices, random), ...pick(places, random) }
  const views = random() < 0.45 ? 1 : 2 + Math.floor(random() * 5)
  let time = Math.floor(start)
  for (let view = 0; view < views; view++) {
    const page = HOST + pick(pages, random)
    yield { time, page, ...(view === 0 && pick(sources, random)), ...facts }
    const ms = Math.floor(4_000 + random() * random() * 180_000)
    time += ms
    yield { name: 'engagement', time, page, ms, depth: Math.floor(20 + random() * 80), ...facts }
  }
  if (views > 2 && random() < 0.2)
    yield {
      name: 'signup',
      time: time + 1,
      page: `${HOST}/pricing`,
      props: { plan: random() < 0.3 ? 'pro' : 'free' },
      ...facts,
    }
  if (views > 3 && random() < 0.15) {
    const amount = (19 + Math.floor(random() * 12) * 10).toFixed(2)
    yield {
      name: 'purchase',
      time: time + 2,
      page: `${HOST}/products/lantern`,
      revenue: { amount, currency: 'EUR' },
      ...facts,
    }
  }
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
  let state = seed / 86_400_000
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
