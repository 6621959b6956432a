/** An event as a server sends it, with the facts it knows. */
export type Sent = Readonly<Record<string, unknown>>

/** An event of March 2026 in UTC, on shop.example unless the page says otherwise. */
function on(dayAndTime: string, who: Sent, page: string, fields: Sent = {}): Sent {
  const [day, time] = dayAndTime.split(' ')
  const url = page.startsWith('/') ? `https://shop.example${page}` : page
  return { ...who, time: `2026-03-${day}T${time}:00Z`, page: url, ...fields }
}

const engaged = (seconds: number, depth: number): Sent => ({ name: 'engagement', ms: seconds * 1000, depth })

function bought(amount: string, currency: string, plan: string): Sent {
  return { name: 'Purchase', revenue: { amount, currency }, props: { plan } }
}

const searched = { source: 'Google', channel: 'Organic Search' }
const windows = { browser: 'Firefox', browser_version: '128', os: 'Windows', os_version: '11' }
const android = { browser: 'Chrome', browser_version: '120', os: 'Android', device: 'Mobile' }

const anna = {
  ...{ visitor: 'anna', country: 'DE', region: 'DE-BE', city: 'Berlin', device: 'Desktop' },
  ...windows,
  ...searched,
}
const ben = {
  ...{ visitor: 'ben', country: 'FR', device: 'Mobile' },
  ...{ browser: 'Safari', browser_version: '17', os: 'iOS', os_version: '17' },
}
const cleo = {
  ...{ visitor: 'cleo', country: 'DE', region: 'DE-BY', city: 'Munich' },
  ...android,
  ...{ source: 'Facebook', channel: 'Organic Social' },
}
const dora = {
  ...{ visitor: 'dora', country: 'AT', device: 'Desktop', channel: 'Email' },
  ...{ browser: 'Chrome', browser_version: '120', os: 'Linux' },
}
const emil = { visitor: 'emil', device: 'Tablet' }
const fay = { visitor: 'fay', country: 'FR', device: 'Desktop', ...windows, ...searched }
const gus = { visitor: 'gus', country: 'DE', ...android }
const ida = {
  ...{
    visitor: 'ida',
    country: 'US',
    device: 'Desktop',
    browser: 'Safari',
    browser_version: '17',
    os: 'macOS',
  },
  ...{ source: 'Hacker News', channel: 'Referral', referrer: 'https://news.ycombinator.com/item?id=1' },
}
const hal = {
  ...{ visitor: 'hal', country: 'US', device: 'Desktop' },
  ...{ browser: 'Firefox', browser_version: '128', os: 'Linux' },
}

/** What the shop is asked about: its goals, its own attribute, what it counts by. */
export const shopDefinition = {
  attributes: ['tier'],
  groupBy: ['page', 'tier', 'country'],
  goals: [
    { name: 'Signup', event: 'Signup' },
    { name: 'Purchase', event: 'Purchase' },
    { name: 'Read a post', page: '/blog/*' },
  ],
}

/** The days most questions are about, and the eight before the last of them. */
export const days = {
  march: ['2026-03-02', '2026-03-09'],
  firstThree: ['2026-03-02', '2026-03-04'],
} as const

/**
 * The shop's visits (entry → exit, page views, events, seconds; B bounced):
 *
 *     Mon 2  A1 anna  /       → /blog/a   2  3  1200      A2 anna  /pricing → /pricing  1  1  0  B
 *            B  ben   /blog/a → /blog/a   1  1     0 B    C  cleo  /pricing → /docs/x   2  2  1200
 *     Tue 3  D  dora  /       → /pricing  2  4   900      E  emil  /blog/b  → /blog/b   1  2  600  B  (blog host)
 *     Wed 4  F  fay   /blog/a → /blog/a   1  2   600      G  gus   none     → none      0  1  0
 *            I  ida   /blog/b → /pricing  2  2   900 (enters on the blog host)
 *     Mon 9  H  hal   /docs/x → /docs/x   1  1     0 B
 *
 * 9 visitors, 10 visits, 13 page views, 19 events, 4 bounces, 5,400 s.
 */
export const shopEvents: readonly Sent[] = [
  on('02 09:00', anna, '/'),
  on('02 09:02', anna, '/', engaged(30, 50)),
  on('02 09:10', anna, '/blog/a'),
  on('02 09:12', anna, '/blog/a', engaged(60, 80)),
  on('02 09:13', anna, '/blog/a', engaged(20, 60)),
  on('02 09:20', anna, '/blog/a', { name: 'Signup', props: { plan: 'pro' }, tier: 'gold' }),
  on('02 10:00', anna, '/pricing'),
  on('02 09:30', ben, '/blog/a', { props: { lcp: 1200 } }),
  on('02 09:31', ben, '/blog/a', engaged(10, 20)),
  on('02 13:50', cleo, '/pricing', { props: { lcp: '800' } }),
  on('02 14:10', cleo, '/docs/x'),
  on(
    '03 08:05',
    dora,
    '/?utm_source=newsletter&utm_medium=email&utm_campaign=spring&utm_content=top&utm_term=shoes',
  ),
  on('03 08:06', dora, '/pricing', { props: { lcp: '4000.5' } }),
  on('03 08:10', dora, '/pricing', bought('10.00', 'EUR', 'pro')),
  on('03 08:20', dora, '/pricing', bought('20.50', 'EUR', 'Basic')),
  on('03 08:30', emil, 'https://blog.shop.example/blog/b'),
  on('03 08:40', emil, 'https://blog.shop.example/blog/b', { name: 'Peek', interactive: false }),
  on('04 11:00', fay, '/blog/a', { props: { lcp: 2e3 } }),
  on('04 11:10', fay, '/blog/a', bought('5', 'USD', 'pro')),
  on('04 12:00', gus, '/landing', { name: 'Signup', props: { plan: 'Pro' }, tier: 'silver' }),
  on('04 23:40', ida, 'https://blog.shop.example/blog/b'),
  on('04 23:55', ida, '/pricing', { props: { lcp: 'slow' } }),
  on('09 07:00', hal, '/docs/x', { props: { lcp: 800 } }),
]

/** One visit in the three days before the first of them, and one a year before. */
export const earlierEvents: readonly Sent[] = [
  { visitor: 'jan', country: 'DE', time: '2026-02-28T10:00:00Z', page: 'https://shop.example/' },
  { visitor: 'jan', country: 'DE', time: '2026-02-28T10:01:00Z', page: 'https://shop.example/pricing' },
  { visitor: 'kim', time: '2025-03-03T10:00:00Z', page: 'https://shop.example/' },
]
