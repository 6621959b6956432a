/** A pick among values of different weight. */
export type Weighted<T> = readonly (readonly [value: T, weight: number])[]

export type Facts = Readonly<Record<string, string | undefined>>

export const HOST = 'https://shop.example'

export const pages: Weighted<string> = [
  ['/', 30],
  ['/products', 18],
  ['/products/lantern', 14],
  ['/products/rope', 9],
  ['/products/oilskin', 5],
  ['/pricing', 10],
  ['/blog/how-light-travels', 9],
  ['/blog/storm-of-1903', 6],
  ['/blog/keeping-a-log', 3],
  ['/about', 4],
]

export const sources: Weighted<Facts> = [
  [{}, 30],
  [{ referrer: 'https://www.google.com/' }, 28],
  [{ referrer: 'https://news.ycombinator.com/' }, 8],
  [{ referrer: 'https://www.bing.com/' }, 6],
  [{ referrer: 'https://github.com/harbour/lists' }, 6],
  [{ referrer: 'https://chatgpt.com/' }, 5],
  [{ referrer: 'https://lemmy.world/' }, 4],
  [{ referrer: 'https://www.reddit.com/r/sailing' }, 4],
]

/** What brings more people than usual for some days: of each month from this day to that one, so many as a share. */
export const campaigns: readonly {
  readonly days: readonly [first: number, last: number]
  readonly share: number
  readonly facts: Facts
}[] = [
  { days: [8, 11], share: 0.35, facts: { source: 'newsletter', medium: 'email', campaign: 'lamp-lighter' } },
  { days: [15, 24], share: 0.2, facts: { source: 'Google', medium: 'cpc', campaign: 'lanterns' } },
  {
    days: [27, 29],
    share: 0.3,
    facts: { source: 'Facebook', medium: 'paid-social', campaign: 'spring-tide' },
  },
]

/** A browser as it calls itself, of which the server makes browser, system and device. */
export const devices: Weighted<Facts> = [
  [
    {
      agent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
      screen: '1920x1080',
    },
    30,
  ],
  [
    {
      agent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
      screen: '390x844',
    },
    26,
  ],
  [
    {
      agent:
        'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Mobile Safari/537.36',
      screen: '412x915',
    },
    22,
  ],
  [
    { agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0', screen: '2560x1440' },
    9,
  ],
  [
    {
      agent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
      screen: '1512x982',
    },
    9,
  ],
  [
    {
      agent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0',
      screen: '1536x864',
    },
    6,
  ],
  [
    {
      agent:
        'Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
      screen: '820x1180',
    },
    4,
  ],
]

export const places: Weighted<Facts> = [
  [{ country: 'DE', region: 'DE-HH', city: 'Hamburg', language: 'de' }, 15],
  [{ country: 'DE', region: 'DE-BE', city: 'Berlin', language: 'de' }, 11],
  [{ country: 'US', region: 'US-MA', city: 'Boston', language: 'en' }, 14],
  [{ country: 'US', region: 'US-CA', city: 'Oakland', language: 'en' }, 10],
  [{ country: 'GB', region: 'GB-SCT', city: 'Aberdeen', language: 'en' }, 14],
  [{ country: 'FR', region: 'FR-BRE', city: 'Brest', language: 'fr' }, 11],
  [{ country: 'NL', region: 'NL-ZH', city: 'Rotterdam', language: 'nl' }, 8],
  [{ country: 'NO', region: 'NO-46', city: 'Bergen', language: 'nb' }, 7],
  [{ country: 'JP', region: 'JP-14', city: 'Yokohama', language: 'ja' }, 5],
  [{ country: 'BR', region: 'BR-SP', city: 'Santos', language: 'pt' }, 5],
  [{ country: 'AU', region: 'AU-TAS', city: 'Hobart', language: 'en' }, 4],
  [{ country: 'ZA', region: 'ZA-WC', city: 'Cape Town', language: 'en' }, 3],
  [{ country: 'IN', region: 'IN-MH', city: 'Mumbai', language: 'en' }, 3],
]

/** Visitors of each hour of the day, in UTC, as shares of the busiest. */
export const hours: Weighted<number> = [
  2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 9, 8, 8, 9, 9, 7, 5, 3,
].map((weight, hour) => [hour, weight])

/** Who reads the shop and is no visitor. */
export const bots: Weighted<string> = [
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 5],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
    4,
  ],
  ['Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)', 3],
  ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', 2],
]

/** Medians of what browsers measure, ms (CLS: none), and how good each is up to. */
export const vitals = [
  { name: 'ttfb', median: 320, good: 800, poor: 1800 },
  { name: 'fcp', median: 900, good: 1800, poor: 3000 },
  { name: 'lcp', median: 1700, good: 2500, poor: 4000 },
  { name: 'inp', median: 110, good: 200, poor: 500 },
  { name: 'cls', median: 0.04, good: 0.1, poor: 0.25 },
] as const
