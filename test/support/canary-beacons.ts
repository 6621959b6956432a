import { gzipSync } from 'node:zlib'

/** Beacons full of what tells who somebody is, in every place where none of it may be kept. */

export const ADDRESSES = ['203.0.113.77', '2001:db8:cafe:77:1:2:3:4'] as const

const MAIL = 'canary.person+77@mail.example'
const TOKEN = 'tokencanary7f3a9b2c4d5e6f708192a3b4'
const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64; Kanarie77) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.7731.77 Safari/537.36 Canarium/77.31'
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; Canarium/77.31; +http://www.google.com/bot.html)'

/** What may be found nowhere, in no form. */
export const CANARIES: readonly string[] = [
  ...ADDRESSES,
  // The network of the second one, which is what the hash of a visitor is made of.
  '2001:db8:cafe:77',
  '2001:0db8:cafe:0077',
  ...['198.51.100.177', 'known-visitor-canary-77'],
  ...[
    'canary.person',
    TOKEN,
    'canaryuser',
    'canarypass77',
    'canaryquery77',
    'canaryfragment77',
    'canaryclick77',
  ],
  ...[
    'Kanarie77',
    'Canarium',
    '156.0.7731',
    'CanaryModel77',
    'x-canarylang',
    'canarycookie77',
    'canaryreferer77',
  ],
]

/** What a site puts into its properties is the site's own, and is found. */
export const CONTROL = 'controlcanary9d1c'

function hostileUrl(host: string): string {
  const secrets = `email=${encodeURIComponent(MAIL)}&token=${TOKEN}&q=canaryquery77&tab=${TOKEN}&gclid=canaryclick77`
  const path = `${encodeURIComponent(MAIL)}/${MAIL}/${encodeURIComponent(encodeURIComponent(MAIL))}/${TOKEN}/x`
  return `https://canaryuser:canarypass77@${host}:8443/u/${path}?${secrets}#access_token=${TOKEN}&canaryfragment77`
}

const PAGE = hostileUrl('shop.example')
const REFERRER = hostileUrl('from.example')
const props = { control: CONTROL }
const event = { page: PAGE, referrer: REFERRER, title: `Inbox of ${MAIL} ${TOKEN}`, props }
const fields = { page: PAGE, referrer: REFERRER, title: event.title, 'props.control': CONTROL }

/** What only a secret key may say. */
const known = { agent: AGENT, address: '198.51.100.177', visitor: 'known-visitor-canary-77' }

const csp = {
  ...{
    documentURL: PAGE,
    referrer: REFERRER,
    blockedURL: PAGE,
    sourceFile: REFERRER,
    effectiveDirective: 'img-src',
  },
  ...{ originalPolicy: `img-src 'self'; report-uri ${PAGE}`, sample: `x ${MAIL} ${TOKEN}`, control: CONTROL },
}
const legacy = {
  ...{
    'document-uri': PAGE,
    referrer: REFERRER,
    'blocked-uri': PAGE,
    'source-file': PAGE,
    'script-sample': MAIL,
  },
  ...{ 'violated-directive': 'img-src', control: CONTROL },
}
const nel = { referrer: REFERRER, phase: 'application', type: 'http.error', control: CONTROL }

export interface Beacon {
  readonly method: 'POST' | 'GET'
  /** Of the URL, beside the key. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const form = new URLSearchParams(fields).toString()
const BOUNDARY = '----WebKitFormBoundaryCanary7'
const parts = Object.entries(fields).map(
  ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
)

const json = (value: unknown, headers: Beacon['headers'] = {}): Beacon => ({
  ...{ method: 'POST', headers, body: bytes(JSON.stringify(value)) },
})

/** Every form that a beacon may have. */
export const shapes: Readonly<Record<string, Beacon>> = {
  text: json(event, { 'Content-Type': 'text/plain;charset=UTF-8' }),
  JSON: json({ ...event, ...known }, { 'Content-Type': 'application/json' }),
  batch: json([event, { ...event, ...known }, { ...event, name: 'engagement', ms: 5 }]),
  lines: {
    ...{ method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' } },
    body: bytes(`${JSON.stringify(event)}\n${JSON.stringify({ ...event, ...known })}\n`),
  },
  gzip: { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(JSON.stringify(event)) },
  form: {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: bytes(form),
  },
  'form in parts': {
    ...{ method: 'POST', headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` } },
    body: bytes(`${parts.join('')}--${BOUNDARY}--\r\n`),
  },
  query: { method: 'POST', query: form },
  pixel: { method: 'GET', query: form },
  ping: {
    ...{ method: 'POST', body: bytes('PING') },
    headers: { 'Content-Type': 'text/ping', 'Ping-From': PAGE, 'Ping-To': REFERRER },
  },
  reports: json(
    [
      { type: 'csp-violation', age: 5, url: PAGE, user_agent: AGENT, body: csp },
      { type: 'network-error', age: 5, url: PAGE, user_agent: AGENT, body: nel },
    ],
    { 'Content-Type': 'application/reports+json' },
  ),
  'a report of old': json({ 'csp-report': legacy }, { 'Content-Type': 'application/csp-report' }),
}

/** A visitor's own headers. */
export function visitorHeaders(address: string): Readonly<Record<string, string>> {
  return {
    'User-Agent': AGENT,
    'X-Forwarded-For': `192.0.2.1, ${address}`,
    'X-Real-IP': address,
    'CF-Connecting-IP': address,
    Forwarded: `for="[${address}]"`,
    'Accept-Language': 'de-DE-x-canarylang,de;q=0.9',
    'Sec-CH-UA': '"Chromium";v="156", "Google Chrome";v="156", "Not;A=Brand";v="99"',
    'Sec-CH-UA-Full-Version-List': '"Chromium";v="156.0.7731.77"',
    'Sec-CH-UA-Platform': '"Linux"',
    'Sec-CH-UA-Model': '"CanaryModel77"',
    Cookie: 'session=canarycookie77',
    Referer: `https://shop.example/?canaryreferer77&${MAIL}`,
  }
}

export interface Fate {
  /** A header more than a visitor's own. */
  readonly headers: Readonly<Record<string, string>>
  /** Why it is not counted. */
  readonly refusal?: string
}

/** What becomes of a beacon with a write key. */
export const fates: Readonly<Record<string, Fate>> = {
  'and counted': { headers: {} },
  'and counted for nobody': { headers: { DNT: '1' } },
  'by a bot': { headers: { 'User-Agent': BOT }, refusal: 'bot' },
  'by a bot that is named after its owner': { headers: { 'User-Agent': MAIL }, refusal: 'bot' },
  'by a bot that is named after its key': { headers: { 'User-Agent': `${TOKEN}bot/1.0` }, refusal: 'bot' },
  'ahead of a visit': { headers: { 'Sec-Purpose': 'prefetch' }, refusal: 'prefetch' },
  'from elsewhere': { headers: { Origin: 'https://evil.example' }, refusal: 'origin' },
  'by who does not want it': { headers: { 'Sec-GPC': '1' }, refusal: 'privacy' },
}

export const spam: Beacon = json({ ...event, referrer: hostileUrl('1-99seo.com') })

/** Beacons that are faults, and say why. */
export const faulty: Readonly<Record<string, Beacon>> = {
  'not JSON': { method: 'POST', body: bytes(`${JSON.stringify(event)}${TOKEN}`) },
  'cut short': { method: 'POST', body: bytes(JSON.stringify(event).slice(0, -1)) },
  'a page that is too long': json({ ...event, page: PAGE + 'x'.repeat(2048) }),
  'a title that is none': json({ ...event, title: { of: [MAIL, TOKEN] } }),
  'an age, an id and a currency that are none': json({
    ...{ ...event, age: TOKEN, id: MAIL.repeat(3), depth: MAIL },
    revenue: { amount: TOKEN, currency: MAIL },
  }),
  'an event that is none among others': json([event, MAIL, { ...event, age: TOKEN }]),
  'no gzip': { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body: bytes(JSON.stringify(event)) },
  'another charset': json(event, { 'Content-Type': `text/plain;charset=${TOKEN}` }),
  'another encoding': json(event, { 'Content-Encoding': TOKEN }),
  'too much': { method: 'POST', body: bytes(JSON.stringify(event) + MAIL.repeat(4000)) },
  'a pixel at fault': { method: 'GET', query: `${form}&age=${TOKEN}` },
}
