import { ENGAGEMENT, type Event, PAGEVIEW } from '../src/event.ts'
import { type Choice, choice, createRandom, even, type Random, zipf } from './random.ts'
import { arrivalOf, type Facts, type Page, personOf, pickPage } from './world.ts'

/** The generated month begins here; its days are those of UTC. */
export const FIRST_DAY = Date.UTC(2026, 8, 1)
export const DAY_MS = 86_400_000

const HOUR_MS = 3_600_000
const VISIT_GAP_MS = 1_800_000

export interface DayOptions {
  /** 0 is `FIRST_DAY`. */
  readonly day: number
  /** So many events, exactly. */
  readonly events: number
  readonly seed: number
  /** How many people there are of whom some come on that day; a sixth of 30 such days' events unless said. */
  readonly people?: number
}

/** How many of a month's events happen on each of its days: fewer at weekends. They add up to `total`. */
export function eventsOfDays(total: number, days: number): number[] {
  const weights = Array.from({ length: days }, (_, day) => {
    const weekday = new Date(FIRST_DAY + day * DAY_MS).getUTCDay()
    return weekday === 0 || weekday === 6 ? 0.7 : 1
  })
  const sum = weights.reduce((all, weight) => all + weight, 0)
  let weighed = 0
  let given = 0
  return weights.map((weight) => {
    weighed += weight
    const events = Math.round((total * weighed) / sum) - given
    given += events
    return events
  })
}

/** One day's events of a site, in order of arrival. The same options give the same events. */
export function generateDay(options: DayOptions): Event[] {
  return new DayWriter(options).write()
}

type Writable = { -readonly [Key in keyof Event]: Event[Key] }

/** Visits by hour of the day. */
const pickHour: Choice<number> = choice(
  [14, 10, 8, 7, 8, 12, 22, 40, 58, 68, 72, 72, 70, 72, 74, 74, 72, 68, 66, 70, 74, 66, 48, 28].map(
    (weight, hour) => [hour, weight] as const,
  ),
)

type Act = (random: Random) => Pick<Event, 'name' | 'props' | 'revenue' | 'interactive'>

const plan = even(['free', 'team', 'business', 'enterprise'])
const currency = choice<string>([
  ['EUR', 3],
  ['USD', 2],
])
const term = zipf(Array.from({ length: 400 }, (_, index) => `term ${index}`))
const pickAct: Choice<Act> = choice<Act>([
  [
    (random) => ({ name: 'outbound', props: { url: `https://partner-${whole(random, 40)}.example.org/` } }),
    26,
  ],
  [(random) => ({ name: 'search', props: { query: term(random), results: whole(random, 60) } }), 20],
  [(random) => ({ name: 'download', props: { file: `/files/guide-${whole(random, 30)}.pdf` } }), 12],
  [
    (random) => ({
      name: 'add_to_cart',
      props: { sku: `S-${whole(random, 500)}`, quantity: 1 + whole(random, 4) },
    }),
    12,
  ],
  [(random) => ({ name: 'video_start', interactive: false, props: { video: `v${whole(random, 25)}` } }), 10],
  [(random) => ({ name: 'signup', props: { plan: plan(random), invited: random() < 0.2 } }), 10],
  [
    (random) => ({
      name: 'purchase',
      props: { plan: plan(random), items: 1 + whole(random, 5), coupon: random() < 0.3 },
      revenue: { amount: `${5 + whole(random, 300)}.${10 + whole(random, 90)}`, currency: currency(random) },
    }),
    10,
  ],
])

/** Per page view, so that of all events about 75 % are page views, 18 % engagements and 7 % custom. */
const ENGAGEMENTS_PER_VIEW = 0.24
const ACTS_PER_VIEW = 0.0935
/** A visit has 1.8 page views on average, most have one. */
const SECOND_VIEW = 0.38
const NEXT_VIEW = 0.525
const NEXT_VISIT = 0.23

class DayWriter {
  readonly #random: Random
  readonly #options: DayOptions
  readonly #start: number
  readonly #end: number
  readonly #ids: string
  readonly #visitors: string
  readonly #events: Event[] = []
  #visitor = ''
  #facts: Facts = {}

  constructor(options: DayOptions) {
    this.#options = options
    this.#start = FIRST_DAY + options.day * DAY_MS
    this.#end = this.#start + DAY_MS
    this.#random = createRandom(options.seed, options.day)
    this.#ids = letters(this.#random, BASE64URL, options.events * 12)
    this.#visitors = letters(this.#random, HEX, options.events * 16)
  }

  write(): Event[] {
    const { events, seed } = this.#options
    const people = Math.max(1, this.#options.people ?? events * 5)
    const stride = strideOf(people, this.#random)
    let person = whole(this.#random, people)
    for (let index = 0; this.#events.length < events; index += 1) {
      this.#facts = personOf(createRandom(seed ^ 0x5bd1e995, person))
      this.#visitor = this.#visitors.slice(index * 16, index * 16 + 16)
      this.#visitorDay()
      person = (person + stride) % people
    }
    // A visitor's events are made together; the last one's may be too many.
    this.#events.length = events
    return inOrderOfArrival(this.#events, this.#start)
  }

  #visitorDay(): void {
    const random = this.#random
    let now = this.#start + Math.floor((pickHour(random) + random()) * HOUR_MS)
    do {
      now = this.#visit(now) + VISIT_GAP_MS + spread(random, 4 * HOUR_MS)
    } while (random() < NEXT_VISIT && now < this.#end)
  }

  /** Gives the time of the visit's last event. */
  #visit(start: number): number {
    const random = this.#random
    let last = start
    let now = start
    let facts: Facts = { ...this.#facts, ...arrivalOf(random) }
    for (let views = 1; now < this.#end; views += 1) {
      last = this.#view(now, pickPage(random), facts)
      if (random() >= (views === 1 ? SECOND_VIEW : NEXT_VIEW)) break
      facts = this.#facts
      now = last + 1000 + pause(random)
    }
    return last
  }

  /** A page view and what is done on that page. Gives the time of the last of it. */
  #view(start: number, page: Page, facts: Facts): number {
    const random = this.#random
    let last = start
    this.#add({ name: PAGEVIEW }, last, page, facts)
    if (random() < ACTS_PER_VIEW) {
      const now = last + 500 + pause(random)
      if (now < this.#end) {
        last = now
        this.#add(pickAct(random)(random), last, page, this.#facts)
      }
    }
    // Within the hour of the view: whoever looks at hours may count engagements or not, the answer is the same.
    const hourEnd = last - (last % HOUR_MS) + HOUR_MS - 1
    if (random() < ENGAGEMENTS_PER_VIEW && last < hourEnd) {
      const engaged = 200 + pause(random)
      last = Math.min(hourEnd, last + engaged)
      this.#add({ name: ENGAGEMENT, ms: engaged, depth: 5 + whole(random, 96) }, last, page, this.#facts)
    }
    return last
  }

  #add(what: Partial<Event> & { name: string }, time: number, page: Page, facts: Facts): void {
    const random = this.#random
    const index = this.#events.length % this.#options.events
    const event: Writable = {
      id: this.#ids.slice(index * 12, index * 12 + 12),
      name: what.name,
      time,
      received: time + 40 + spread(random, random() < 0.02 ? 20_000 : 400),
      visitor: this.#visitor,
      page: page.page,
      hostname: page.hostname,
      title: page.title,
      ...facts,
    }
    if (what.name !== PAGEVIEW) Object.assign(event, what)
    this.#events.push(event)
  }
}

const HEX = '0123456789abcdef'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function letters(random: Random, alphabet: string, length: number): string {
  const codes = Buffer.from(alphabet, 'latin1')
  const text = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; at += 1) text[at] = codes[whole(random, codes.length)] as number
  return text.toString('latin1')
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below)
}

/** Exponentially distributed, in whole ms. */
function spread(random: Random, mean: number): number {
  return Math.floor(-Math.log(1 - random()) * mean)
}

/** Time between two acts of a visit: seconds mostly, never so long that the visit ends. */
function pause(random: Random): number {
  return Math.min(1_500_000, Math.floor(25_000 * Math.exp(1.3 * (random() + random() + random() - 1.5) * 2)))
}

/** Steps of this length meet each of so many people once before they meet one again. */
function strideOf(people: number, random: Random): number {
  let stride = Math.max(1, Math.floor(people * (0.55 + random() * 0.1)))
  while (greatestDivisor(stride, people) !== 1) stride += 1
  return stride
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}

function inOrderOfArrival(events: readonly Event[], start: number): Event[] {
  // Arrival and index in one number, so that typed sort does it.
  const keys = Float64Array.from(
    events,
    ({ received }, index) => (received - start) * 0x100_0000 + index,
  ).sort()
  return Array.from(keys, (key) => events[key % 0x100_0000] as Event)
}
