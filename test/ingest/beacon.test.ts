import { describe, expect, test } from 'vitest'
import { startSender } from './sending.ts'

const { send } = startSender()

const page = {
  page: 'https://shop.example/cart?utm_source=news&token=s3cret#pay',
  referrer: 'https://search.example/?q=secret',
  title: 'Cart',
  'props.plan': 'pro',
}
const { 'props.plan': plan, ...fields } = page
const json = JSON.stringify({ ...fields, props: { plan } })
const query = new URLSearchParams(page).toString()

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const gzip = (text: string): Promise<ArrayBuffer> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()

function multipart(boundary: string): string {
  const parts = Object.entries(page).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return `${parts.join('')}--${boundary}--\r\n`
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' }
const typed = (type: string): Record<string, string> => ({ 'Content-Type': type })

/** What engines put on the wire for one and the same event: body, headers, query. */
const shapes: Readonly<
  Record<string, () => Promise<readonly [BodyInit | null, Record<string, string>, string?]>>
> = {
  'a string': async () => [json, typed('text/plain;charset=UTF-8')],
  'a text Blob': async () => [json, typed('text/plain')],
  'a JSON Blob': async () => [json, typed('application/json')],
  'a Blob without type, an ArrayBuffer': async () => [bytes(json), {}],
  'FormData of Chromium': async () => [
    multipart('----WebKitFormBoundaryAb3'),
    typed('multipart/form-data; boundary=----WebKitFormBoundaryAb3'),
  ],
  'FormData of Firefox': async () => [
    multipart('----geckoformboundary7f'),
    typed('multipart/form-data; boundary=----geckoformboundary7f'),
  ],
  URLSearchParams: async () => [query, form],
  'an empty body': async () => [null, {}, query],
  'a line': async () => [`${json}\n`, typed('application/x-ndjson')],
  gzip: async () => [await gzip(json), { ...typed('text/plain'), 'Content-Encoding': 'gzip' }],
  'JSON under the type of a form': async () => [json, form],
  'JSON under the type of a form in parts': async () => [json, typed('multipart/form-data; boundary=x')],
  'JSON under the type of a ping': async () => [json, typed('text/ping')],
  'JSON under the type of reports': async () => [json, typed('application/reports+json')],
}

describe('one event, whatever a browser makes of it', () => {
  test.each(Object.keys(shapes))('%s', async (shape) => {
    const [body, headers, search] = await (shapes[shape] as (typeof shapes)[string])()
    const { status, rows } = await send(body, headers, { query: search ?? '' })
    expect(status).toBe(201)
    expect(rows).toMatchObject([
      {
        name: 'pageview',
        page: '/cart',
        hostname: 'shop.example',
        referrer: 'https://search.example/',
        title: 'Cart',
        utm_source: 'news',
        props: { plan: 'pro' },
      },
    ])
    expect(rows[0]?.props).toEqual({ plan: 'pro' })
    expect(JSON.stringify(rows)).not.toMatch(/s3cret|secret|#pay/)
  })
})

test('a file in a form is no field', async () => {
  const body = new FormData()
  body.append('page', '/x')
  body.append('photo', new Blob(['x']), 'x.png')
  const { status, rows } = await send(body)
  expect([status, rows.length, rows[0]?.props]).toEqual([201, 1, undefined])
})

test('a form in parts that is cut short is malformed', async () => {
  const body = multipart('b').slice(0, -20)
  expect((await send(body, typed('multipart/form-data; boundary=b'))).status).toBe(400)
})
