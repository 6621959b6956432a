import type { TextField } from '../src/event.ts'
import { type Choice, choice, createRandom, even, type Random, zipf } from './random.ts'

/** What the generated site is like: its pages, where its visitors are, what they use and where they come from. */

export type Facts = Partial<Record<TextField, string>>

export interface Page {
  readonly page: string
  readonly title: string
  readonly hostname: string
}

const PAGES = 5000
const CITIES_PER_REGION = 16
const world = createRandom(20261124)

const words =
  'amber anchor atlas autumn basin beacon birch bridge canvas cedar cliff cloud coast copper coral delta drift dune ember fjord forest garden glacier granite harbor haven heron island ivory juniper lagoon lantern maple marsh meadow mist north ocean orchard osprey pebble pine quartz rain reef ridge river saffron shore slate spruce stone summit thunder tide timber valley willow winter'.split(
    ' ',
  )
const word = even(words)

function phrase(length: number): string[] {
  return Array.from({ length }, () => word(world))
}

function titleOf(parts: readonly string[], section: string): string {
  const text = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(' ')
  return `${text} – ${section} – Example`
}

function pageAt(index: number): Page {
  const hostname = 'www.example.com'
  if (index === 0) return { page: '/', title: 'Example', hostname }
  const parts = phrase(2 + (index % 3))
  const slug = `${parts.join('-')}-${index}`
  if (index % 5 < 2) return { page: `/products/${slug}`, title: titleOf(parts, 'Products'), hostname }
  if (index % 5 < 4) {
    const month = String(1 + (index % 12)).padStart(2, '0')
    return {
      page: `/${2018 + (index % 9)}/${month}/${slug}`,
      title: titleOf(parts, 'Blog'),
      hostname: 'blog.example.com',
    }
  }
  return { page: `/docs/${word(world)}/${slug}`, title: titleOf(parts, 'Docs'), hostname }
}

export const pickPage: Choice<Page> = zipf(Array.from({ length: PAGES }, (_, index) => pageAt(index)))

/** Country, weight, its languages (the first for most), and its regions with the time zone where it is another one. */
const countries: readonly (readonly [string, number, string, string, string])[] = [
  [
    'US',
    23,
    'en-US es-US',
    'America/New_York',
    'CA=America/Los_Angeles NY TX=America/Chicago FL WA=America/Los_Angeles IL=America/Chicago',
  ],
  ['DE', 17, 'de-DE en-US', 'Europe/Berlin', 'BE NW BY HE HH BW'],
  ['GB', 9, 'en-GB', 'Europe/London', 'ENG SCT WLS NIR'],
  ['FR', 7, 'fr-FR en-US', 'Europe/Paris', 'IDF ARA OCC PAC'],
  ['IN', 6, 'en-IN hi-IN', 'Asia/Kolkata', 'MH KA DL TN TG'],
  ['NL', 4, 'nl-NL en-US', 'Europe/Amsterdam', 'NH ZH UT NB'],
  ['AT', 3, 'de-AT', 'Europe/Vienna', '9 6 4 5'],
  ['CH', 3, 'de-CH fr-CH', 'Europe/Zurich', 'ZH BE GE VD'],
  [
    'CA',
    3,
    'en-CA fr-CA',
    'America/Toronto',
    'ON QC=America/Montreal BC=America/Vancouver AB=America/Edmonton',
  ],
  ['ES', 3, 'es-ES ca-ES', 'Europe/Madrid', 'MD CT AN VC'],
  ['IT', 3, 'it-IT', 'Europe/Rome', '25 62 52 21'],
  ['PL', 2.5, 'pl-PL', 'Europe/Warsaw', '14 12 24 02'],
  ['BR', 2.5, 'pt-BR', 'America/Sao_Paulo', 'SP RJ MG AM=America/Manaus'],
  ['JP', 2, 'ja-JP', 'Asia/Tokyo', '13 27 14 23'],
  ['SE', 1.8, 'sv-SE en-US', 'Europe/Stockholm', 'AB O M'],
  [
    'AU',
    1.8,
    'en-AU',
    'Australia/Sydney',
    'NSW VIC=Australia/Melbourne QLD=Australia/Brisbane WA=Australia/Perth',
  ],
  ['BE', 1.5, 'nl-BE fr-BE', 'Europe/Brussels', 'VLG WAL BRU'],
  ['DK', 1.2, 'da-DK en-US', 'Europe/Copenhagen', '84 82 83'],
  ['NO', 1, 'nb-NO en-US', 'Europe/Oslo', '03 46 50'],
  ['FI', 1, 'fi-FI sv-FI', 'Europe/Helsinki', '18 06 11'],
  ['CZ', 1, 'cs-CZ', 'Europe/Prague', '10 64 20'],
  ['PT', 1, 'pt-PT', 'Europe/Lisbon', '11 13 08'],
  ['KR', 1, 'ko-KR', 'Asia/Seoul', '11 26 41'],
  ['TR', 0.9, 'tr-TR', 'Europe/Istanbul', '34 06 35'],
  ['MX', 0.9, 'es-MX', 'America/Mexico_City', 'CMX JAL NLE=America/Monterrey'],
  ['UA', 0.8, 'uk-UA', 'Europe/Kyiv', '30 46 51'],
  ['RO', 0.7, 'ro-RO', 'Europe/Bucharest', 'B CJ TM'],
  ['GR', 0.6, 'el-GR', 'Europe/Athens', 'I B M'],
  ['IE', 0.6, 'en-IE', 'Europe/Dublin', 'L M C'],
  ['SG', 0.5, 'en-SG zh-SG', 'Asia/Singapore', '01 03'],
]

/** Cities are kept as GeoNames ids. */
let lastCity = 2_000_000

function placesOf([country, , languages, zone, regions]: (typeof countries)[number]): Choice<Facts> {
  const [first = 'en-US', second = first] = languages.split(' ')
  const language = choice<string>([
    [first, 9],
    [second, 1],
  ])
  const region = zipf(
    regions.split(' ').map((text) => {
      const [code = '', ownZone = zone] = text.split('=')
      const city = zipf(
        Array.from({ length: CITIES_PER_REGION }, () => {
          lastCity += 37
          return String(lastCity)
        }),
      )
      return { region: `${country}-${code}`, zone: ownZone, city }
    }),
    0.7,
  )
  return (random) => {
    const place = region(random)
    const facts: Facts = { country, language: language(random), zone: place.zone }
    const known = random()
    if (known < 0.95) facts.region = place.region
    if (known < 0.9) facts.city = place.city(random)
    return facts
  }
}

const pickCountry: Choice<Choice<Facts>> = choice(
  countries.map((country) => [placesOf(country), country[1]] as const),
)

/** The newest versions are used most. */
function versions(newest: number, count: number): Choice<string> {
  return zipf(
    Array.from({ length: count }, (_, index) => String(newest - index)),
    1.6,
  )
}

const browserVersions: Readonly<Record<string, Choice<string>>> = {
  Chrome: versions(142, 25),
  Safari: versions(26, 9),
  Firefox: versions(145, 20),
  Edge: versions(142, 12),
  Opera: versions(124, 8),
  'Samsung Internet': versions(29, 6),
  DuckDuckGo: versions(7, 2),
}

interface System {
  readonly os: string
  readonly version?: Choice<string>
  readonly browser: Choice<string>
}

const windows: System = {
  os: 'Windows',
  version: choice([
    ['11', 7],
    ['10', 3],
  ]),
  browser: choice([
    ['Chrome', 62],
    ['Edge', 22],
    ['Firefox', 13],
    ['Opera', 3],
  ]),
}
const macos: System = {
  os: 'macOS',
  version: versions(26, 6),
  browser: choice([
    ['Safari', 45],
    ['Chrome', 43],
    ['Firefox', 11],
    ['DuckDuckGo', 1],
  ]),
}
const linux: System = {
  os: 'Linux',
  browser: choice([
    ['Firefox', 48],
    ['Chrome', 50],
    ['Opera', 2],
  ]),
}
const ios: System = {
  os: 'iOS',
  version: versions(26, 7),
  browser: choice([
    ['Safari', 85],
    ['Chrome', 12],
    ['DuckDuckGo', 2],
    ['Firefox', 1],
  ]),
}
const android: System = {
  os: 'Android',
  version: versions(16, 8),
  browser: choice([
    ['Chrome', 78],
    ['Samsung Internet', 14],
    ['Firefox', 6],
    ['Opera', 2],
  ]),
}

interface Device {
  readonly device: string
  readonly system: Choice<System>
  readonly screen: Choice<string>
}

const pickDevice: Choice<Device> = choice([
  [
    {
      device: 'Desktop',
      system: choice([
        [windows, 63],
        [macos, 28],
        [linux, 9],
      ]),
      screen: zipf(
        '1920x1080 1536x864 1440x900 2560x1440 1366x768 1728x1117 1512x982 1680x1050 3840x2160 1280x720 1600x900 3440x1440'.split(
          ' ',
        ),
        0.9,
      ),
    },
    46,
  ],
  [
    {
      device: 'Mobile',
      system: choice([
        [android, 52],
        [ios, 48],
      ]),
      screen: zipf(
        '390x844 393x852 360x800 412x915 414x896 375x812 430x932 384x832 360x780 412x892 393x873 375x667'.split(
          ' ',
        ),
        0.7,
      ),
    },
    50,
  ],
  [
    {
      device: 'Tablet',
      system: choice([
        [ios, 65],
        [android, 35],
      ]),
      screen: zipf('768x1024 820x1180 810x1080 834x1194 800x1280 1024x1366'.split(' '), 0.8),
    },
    4,
  ],
])

/** What stays the same for a visitor all day: place and machine. */
export function personOf(random: Random): Facts {
  const facts = pickCountry(random)(random)
  const device = pickDevice(random)
  const system = device.system(random)
  facts.device = device.device
  facts.os = system.os
  if (system.version) facts.os_version = system.version(random)
  facts.browser = system.browser(random)
  const browserVersion = browserVersions[facts.browser]
  if (browserVersion) facts.browser_version = browserVersion(random)
  facts.screen = device.screen(random)
  return facts
}

function organic(channel: string, sites: readonly (readonly [string, string, number])[]): Choice<Facts> {
  return choice(
    sites.map(
      ([source, host, weight]) => [{ source, referrer: `https://${host}`, channel }, weight] as const,
    ),
  )
}

const search = organic('Organic Search', [
  ['Google', 'www.google.com/', 70],
  ['Google', 'www.google.de/', 12],
  ['Bing', 'www.bing.com/', 8],
  ['DuckDuckGo', 'duckduckgo.com/', 6],
  ['Ecosia', 'www.ecosia.org/', 2],
  ['Yahoo!', 'search.yahoo.com/', 1.5],
  ['Qwant', 'www.qwant.com/', 0.5],
])
const social = organic('Organic Social', [
  ['Facebook', 'l.facebook.com/', 22],
  ['Facebook', 'm.facebook.com/', 8],
  ['LinkedIn', 'www.linkedin.com/', 18],
  ['X', 't.co/', 14],
  ['Hacker News', 'news.ycombinator.com/item', 10],
  ['Instagram', 'l.instagram.com/', 9],
  ...Array.from(
    { length: 300 },
    (_, index) => ['Reddit', `www.reddit.com/r/${word(world)}/comments/${index}`, 40 / (index + 2)] as const,
  ),
])
const assistant = organic('AI Assistants', [
  ['ChatGPT', 'chatgpt.com/', 70],
  ['Perplexity', 'www.perplexity.ai/', 15],
  ['Claude', 'claude.ai/', 15],
])
const referral: Choice<Facts> = zipf(
  Array.from({ length: 3000 }, (_, index) => {
    const source = `${words[index % 57]}-${words[(index * 7) % 59]}.example.${['net', 'org', 'dev'][index % 3]}`
    return { source, referrer: `https://${source}/${phrase(2).join('/')}`, channel: 'Referral' }
  }),
  0.9,
)

function tagged(
  channel: string,
  facts: Facts,
  campaigns: number,
  terms: number,
  from: string,
): Choice<Facts> {
  const campaign = zipf(
    Array.from({ length: campaigns }, (_, index) => `${phrase(2).join('-')}-${index}`),
    0.8,
  )
  const term = zipf(Array.from({ length: terms }, () => phrase(2).join(' ')))
  const content = zipf(['hero', 'footer', 'banner-a', 'banner-b', 'text-link', 'carousel'])
  return (random) => {
    const given: Facts = { ...facts, channel, campaign: campaign(random), content: content(random) }
    if (terms > 0) given.term = term(random)
    for (const name of ['medium', 'campaign', 'term', 'content'] as const) {
      const value = given[name]
      if (value !== undefined) given[`utm_${name}`] = value
    }
    given.utm_source = from
    return given
  }
}

/** How a visit came: what its first event carries. A direct visit carries nothing. */
const pickArrival: Choice<Choice<Facts>> = choice([
  [() => ({}), 45],
  [search, 25],
  [social, 9],
  [referral, 11],
  [assistant, 3],
  [tagged('Email', { source: 'newsletter', medium: 'email' }, 26, 0, 'newsletter'), 3],
  [
    tagged(
      'Paid Search',
      { source: 'Google', medium: 'cpc', referrer: 'https://www.google.com/', click_id: 'gclid' },
      40,
      400,
      'google',
    ),
    2.5,
  ],
  [
    tagged(
      'Paid Social',
      { source: 'Facebook', medium: 'paid_social', referrer: 'https://l.facebook.com/', click_id: 'fbclid' },
      25,
      0,
      'facebook',
    ),
    1.5,
  ],
])

export function arrivalOf(random: Random): Facts {
  return pickArrival(random)(random)
}
