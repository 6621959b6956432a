import { describe, expect, test } from 'vitest'
import { formats } from '../../src/import/formats.ts'
import type { ImportOptions, Item, Skip } from '../../src/import/reading.ts'
import { openFile } from '../../src/import/records.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const none: ReadonlySet<Skip> = new Set()

/** What becomes of a file's text, in pieces of this size. */
function read(text: string, options: Partial<ImportOptions> = {}, size = text.length): (Item | Skip)[] {
  const reader = openFile(text, { keep: none, ...options })
  if (typeof reader === 'string') throw new Error(reader)
  const records = []
  for (let i = 0; i < text.length; i += size) records.push(...reader.push(text.slice(i, i + size)))
  return [...records, ...reader.end()].map(({ reading }) => reading.skip ?? reading.item)
}

function formatOf(text: string): string {
  const reader = openFile(text, { keep: none })
  return typeof reader === 'string' ? reader : reader.format.name
}

describe('access logs', () => {
  const combined = `203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] "GET /a?utm_source=x HTTP/1.1" 200 2326 "https://news.example/" "${FIREFOX}"`
  const item = {
    time: '2026-10-10T13:55:36+02:00',
    page: '/a?utm_source=x',
    referrer: 'https://news.example/',
    agent: FIREFOX,
    address: '203.0.113.7',
  }

  test('combined', () => {
    expect(formatOf(combined)).toBe('log')
    expect(read(combined)).toEqual([item])
    expect(read(`${combined}\r\n\r\n${combined}\n`, {}, 7)).toEqual([item, item])
    expect(read(combined, { host: 'shop.example' })).toEqual([
      { ...item, page: 'https://shop.example/a?utm_source=x' },
    ])
  })

  test('with the host in front, IPv6, a user, no referrer, escaped characters', () => {
    const line = `shop.example:443 2001:db8::1 - Jane Doe [01/Jan/2026:00:00:00 +0000] "GET /caf\\xc3\\xa9 HTTP/2.0" 304 - "-" "${FIREFOX} \\"x\\""`
    expect(read(line)).toEqual([
      {
        time: '2026-01-01T00:00:00+00:00',
        page: 'https://shop.example/café',
        agent: `${FIREFOX} "x"`,
        address: '2001:db8::1',
      },
    ])
  })

  test('common has no agent, so that everything in it is of bots unless they are kept', () => {
    const line = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] "GET /a HTTP/1.0" 200 2326'
    expect(formatOf(line)).toBe('log')
    expect(read(line)).toEqual(['bot'])
    expect(read(line, { keep: new Set(['bot']) })).toEqual([
      { time: '2026-10-10T13:55:36+02:00', page: '/a', address: '203.0.113.7' },
    ])
  })

  test('leave out what is no page view, and say why', () => {
    const line = (request: string, status: number, agent = FIREFOX): string =>
      `203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] "${request}" ${status} 1 "-" "${agent}"`
    const file = [
      line('POST /a HTTP/1.1', 200),
      line('GET /a HTTP/1.1', 404),
      line('GET /a HTTP/1.1', 301),
      line('GET /style.css?v=2 HTTP/1.1', 200),
      line('GET /robots.txt HTTP/1.1', 200),
      line('GET /a HTTP/1.1', 200, BOT),
      line('GET /a HTTP/1.1', 200, '-'),
      line('GET /brochure.pdf HTTP/1.1', 200),
      line('\\x16\\x03\\x01', 400),
      'utter nonsense',
      line('GET /a HTTP/1.1', 200).replace('Oct', 'Okt'),
    ].join('\n')
    const kinds = read(file).map((one) => (typeof one === 'string' ? one : 'event'))
    const expected = ['method', 'error', 'error', 'asset', 'asset', 'bot', 'bot', 'event']
    expect(kinds).toEqual([...expected, 'unreadable', 'unreadable', 'unreadable'])
    const all = new Set<Skip>(['method', 'error', 'asset', 'bot'])
    expect(read(file, { keep: all }).filter((one) => typeof one === 'string')).toHaveLength(3)
  })

  test('a line that is too long is one record that cannot be read', () => {
    expect(read(`${combined}\n"${'x'.repeat(900_000)}\n${combined}`, {}, 65_536)).toEqual([
      item,
      'unreadable',
      item,
    ])
  })

  test('a host in the place of the address still tells visitors apart', () => {
    expect(read(combined.replace('203.0.113.7', 'dial-up.example'))).toEqual([
      expect.objectContaining({ visitor: `dial-up.example ${FIREFOX}` }),
    ])
  })
})

describe('logs in JSON', () => {
  const caddy = {
    level: 'info',
    ts: 1_646_861_401.5241024,
    logger: 'http.log.access',
    msg: 'handled request',
    request: {
      remote_ip: '203.0.113.7',
      client_ip: '198.51.100.4',
      method: 'GET',
      host: 'shop.example:8443',
      uri: '/a?b=c',
      headers: {
        'User-Agent': [FIREFOX],
        Referer: ['https://news.example/'],
        'Accept-Language': ['de-DE,de;q=0.5'],
      },
    },
    status: 200,
  }

  test('of Caddy', () => {
    expect(formatOf(JSON.stringify(caddy))).toBe('caddy')
    expect(read(JSON.stringify(caddy))).toEqual([
      {
        time: '2022-03-09T21:30:01.524Z',
        page: 'https://shop.example/a?b=c',
        referrer: 'https://news.example/',
        language: 'de-DE',
        agent: FIREFOX,
        address: '198.51.100.4',
      },
    ])
    const old = {
      ...caddy,
      request: {
        ...caddy.request,
        remote_ip: undefined,
        client_ip: undefined,
        remote_addr: '[2001:db8::1]:443',
      },
    }
    expect(read(JSON.stringify(old))).toEqual([expect.objectContaining({ address: '2001:db8::1' })])
    expect(read(JSON.stringify({ ...caddy, request: { ...caddy.request, method: 'HEAD' } }))).toEqual([
      'method',
    ])
  })

  test('of nginx, by whichever of its variables', () => {
    const whole = {
      time_iso8601: '2026-10-10T13:55:36+02:00',
      remote_addr: '203.0.113.7',
      request: 'GET /a HTTP/1.1',
      status: '200',
      http_user_agent: FIREFOX,
      http_referer: '-',
      host: 'shop.example',
    }
    const item = { page: 'https://shop.example/a', agent: FIREFOX, address: '203.0.113.7' }
    expect(formatOf(JSON.stringify(whole))).toBe('nginx-json')
    expect(read(JSON.stringify(whole))).toEqual([{ time: '2026-10-10T13:55:36+02:00', ...item }])
    const { time_iso8601, request, ...rest } = whole
    const parts = { ...rest, msec: 1_791_633_336.25, request_method: 'GET', request_uri: '/a', status: 200 }
    expect(read(JSON.stringify(parts))).toEqual([{ time: '2026-10-10T11:55:36.250Z', ...item }])
    const local = { ...parts, msec: undefined, time_local: '10/Oct/2026:13:55:36 +0200' }
    expect(read(JSON.stringify(local))).toEqual([{ time: '2026-10-10T13:55:36+02:00', ...item }])
    expect(read(`${JSON.stringify(whole)}\n{"status": 200`)).toEqual([expect.anything(), 'unreadable'])
  })
})

describe('exports of other products', () => {
  const goatcounter =
    '2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date'

  test("GoatCounter's", () => {
    const file = [
      goatcounter,
      '/a,"A, ""b""",false,,Firefox 145,Windows 11,s1,0,news.example/x,h,"1920,1080,1",US-CA,true,2026-07-09T01:00:00Z',
      'sign-up,,true,,Chrome 140,Linux,s1,0,Google,g,,DE,false,2026-07-09T01:00:05Z',
      `/b,,false,${FIREFOX},,,s2,0,spring,c,,,true,2026-07-09T01:01:00+02:00`,
      '/a,,false,,,,s3,150,,,,,true,2026-07-09T01:01:00Z',
      '/a,,false,,,,s3,0,,,,,true,yesterday',
      '/a,too short',
    ].join('\n')
    expect(formatOf(file)).toBe('goatcounter')
    for (const size of [1, 50, file.length]) {
      expect(read(file, {}, size)).toEqual([
        {
          ...{
            time: '2026-07-09T01:00:00Z',
            page: '/a',
            title: 'A, "b"',
            referrer: 'https://news.example/x',
          },
          ...{
            country: 'US',
            region: 'US-CA',
            browser: 'Firefox',
            browser_version: '145',
            os: 'Windows',
            os_version: '11',
          },
          ...{ screen: '1920x1080', visitor: 's1' },
        },
        {
          ...{ time: '2026-07-09T01:00:05Z', name: 'sign-up', source: 'Google', country: 'DE' },
          ...{ browser: 'Chrome', browser_version: '140', os: 'GNU/Linux', visitor: 's1' },
        },
        { time: '2026-07-09T01:01:00+02:00', page: '/b', campaign: 'spring', agent: FIREFOX, visitor: 's2' },
        'bot',
        'unreadable',
        'unreadable',
      ])
    }
  })

  test("Plausible's events, as CSV and as JSON", () => {
    const names = [
      'name',
      'user_id',
      'session_id',
      'timestamp',
      'hostname',
      'pathname',
      'referrer',
      'referrer_source',
      'utm_medium',
      'country_code',
      'screen_size',
      'browser',
      'operating_system',
      'meta.key',
      'meta.value',
      'scroll_depth',
      'engagement_time',
    ]
    const values = [
      'pageview',
      '123',
      '456',
      '2026-01-02 03:04:05',
      'shop.example',
      '/a',
      'google.com',
      'Google',
      'cpc',
      'DE',
      'Laptop',
      'Firefox',
      'Mac',
      "['plan','it\\'s']",
      "['pro','a,b']",
      '255',
      '0',
    ]
    const csv = `${names.join(',')}\n${values.map((value) => `"${value}"`).join(',')}\n`
    const item = {
      ...{ time: '2026-01-02T03:04:05Z', name: 'pageview', page: '/a', hostname: 'shop.example' },
      ...{
        referrer: 'https://google.com',
        source: 'Google',
        utm_medium: 'cpc',
        medium: 'cpc',
        country: 'DE',
      },
      ...{
        browser: 'Firefox',
        os: 'Mac',
        device: 'Desktop',
        visitor: '123',
        props: { plan: 'pro', "it's": 'a,b' },
      },
    }
    expect(formatOf(csv)).toBe('plausible')
    expect(read(csv)).toEqual([item])
    const row = Object.fromEntries(names.map((name, i) => [name, values[i]]))
    const engagement = {
      ...row,
      name: 'engagement',
      user_id: 123,
      'meta.key': ['plan', "it's"],
      'meta.value': ['pro', 'a,b'],
      scroll_depth: 40,
      engagement_time: 9000,
    }
    expect(read(`${JSON.stringify(engagement)}\n{}\n`)).toEqual([
      { ...item, name: 'engagement', depth: 40, ms: 9000 },
      'unreadable',
    ])
  })

  test("Umami's events with their sessions", () => {
    const csv = [
      'website_id,session_id,visit_id,event_id,hostname,browser,os,device,screen,language,country,subdivision1,city,url_path,url_query,referrer_path,referrer_domain,page_title,event_type,event_name,tag,created_at',
      'w,s1,v1,e1,shop.example,edge-chromium,Windows 10,laptop,1920x1080,de-DE,DE,DE-BE,Berlin,/a,utm_source=x,/search,news.example,Home,1,,,2026-01-02 03:04:05',
      'w,s1,v1,e2,shop.example,ios,iOS,mobile,,,,,,/a,,,,,2,sign-up,t1,2026-01-02 03:04:06.123',
      'w,s1,v1,e3,shop.example,ios,iOS,mobile,,,,,,/a,,,,,5,,,2026-01-02 03:04:06',
    ].join('\n')
    expect(formatOf(csv)).toBe('umami')
    expect(read(csv)).toEqual([
      {
        ...{ time: '2026-01-02T03:04:05Z', page: '/a?utm_source=x', hostname: 'shop.example', title: 'Home' },
        ...{
          referrer: 'https://news.example/search',
          language: 'de-DE',
          screen: '1920x1080',
          browser: 'Microsoft Edge',
        },
        ...{
          os: 'Windows',
          os_version: '10/11',
          device: 'Desktop',
          country: 'DE',
          region: 'DE-BE',
          city: 'Berlin',
          visitor: 's1',
        },
      },
      {
        ...{ time: '2026-01-02T03:04:06.123Z', name: 'sign-up', page: '/a', hostname: 'shop.example' },
        ...{ browser: 'Safari', os: 'iOS', device: 'Mobile', visitor: 's1', props: { tag: 't1' } },
      },
      'unreadable',
    ])
  })

  test('sums are no events', () => {
    expect(formatOf('date,page,visitors,visits,pageviews\n2026-01-01,/,1,1,1')).toContain('sums')
    expect(formatOf('anything else')).toContain('cannot be told')
    expect(formatOf('')).toContain('cannot be told')
  })
})

describe('records', () => {
  test('of NDJSON stay as they are, and need a time', () => {
    const deep = `{"time":1,"page":"/a","x":${'['.repeat(40)}${']'.repeat(40)}}`
    expect(read(deep)).toEqual(['unreadable'])
    expect(read('\ufeff{"time":1,"page":"/a"}\n{"page":"/a"}\n[1]\n{"time":')).toEqual([
      { time: 1, page: '/a' },
      'unreadable',
      'unreadable',
      'unreadable',
    ])
  })

  test('of CSV may have line ends and quotes in their cells; one without end is refused', () => {
    const csv = '2Path,Title,FirstVisit,Date\r\n"/a","x\r\n""y""",true,2026-07-09T01:00:00Z\r\n'
    for (const size of [1, 2, 3, csv.length])
      expect(read(csv, {}, size)).toEqual([{ time: '2026-07-09T01:00:00Z', page: '/a', title: 'x\r\n"y"' }])
    expect(() => read(`2Path,FirstVisit\n"${'x'.repeat(1_100_000)}`)).toThrow('has no end')
  })

  test('each format has a name of its own', () => {
    expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length)
  })
})
